//! What has to arrive, and how times become an outcome.

use crate::{Job, Outcome};
use std::time::{Duration, Instant};

/// The sum of 1 to n: what has to arrive when those are sent.
pub fn to(n: u64) -> u64 {
    n * (n + 1) / 2
}

/// Ends the program when something was lost.
pub fn check(got: u64, want: u64) {
    if got != want {
        eprintln!("handoff-peers: the sum of what arrived is {got}, not {want}");
        std::process::exit(1);
    }
}

/// How many messages each producer sends: all the same, and all consumers receive the same.
pub fn each(job: &Job) -> u64 {
    let parts = (job.producers * job.consumers) as u64;
    job.count.div_ceil(parts) * job.consumers as u64
}

pub fn outcome(start: Instant, n: u64) -> Outcome {
    Outcome { ns: start.elapsed().as_nanos() as f64 / n as f64, fairness: None }
}

pub fn fairness(finished: &[Duration]) -> Option<f64> {
    let (first, last) = (finished.iter().min()?, finished.iter().max()?);
    Some(first.as_secs_f64() / last.as_secs_f64())
}
