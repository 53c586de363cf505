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

/// The time since start for each of n.
pub fn per(start: Instant, n: u64) -> Option<f64> {
    Some(start.elapsed().as_nanos() as f64 / n as f64)
}

pub fn outcome(start: Instant, n: u64) -> Outcome {
    vec![per(start, n)]
}

/// The value that a share p of all does not exceed, in nanoseconds.
pub fn percentile(sorted: &[Duration], p: f64) -> Option<f64> {
    let i = (p * sorted.len() as f64).ceil() as usize;
    sorted.get(i.max(1) - 1).map(|d| d.as_nanos() as f64)
}
