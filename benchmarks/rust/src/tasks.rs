//! What starting a task, waiting for it and yielding cost on tokio.

use crate::task::{current, many};
use crate::{sum, Job, Outcome, Peer};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::Instant;
use tokio::runtime::Runtime;

fn run(rt: Runtime, job: &Job) -> Outcome {
    let job = job.clone();
    rt.block_on(async move {
        match job.work.as_str() {
            "burst" => burst(&job).await,
            "fan-out" => fan_out(&job).await,
            "spawn" => spawn(job.count).await,
            "spawn inside" => tokio::spawn(spawn(job.count)).await.unwrap(),
            _ => yields(&job).await,
        }
    })
}

/// Bursts of as many tasks as the capacity says.
async fn burst(job: &Job) -> Outcome {
    let size = job.capacity.unwrap();
    let rounds = job.count.div_ceil(size as u64);
    let done = Arc::new(AtomicU64::new(0));
    let mut handles = Vec::with_capacity(size);
    let start = Instant::now();
    for _ in 0..rounds {
        for _ in 0..size {
            let done = done.clone();
            handles.push(tokio::spawn(async move {
                done.fetch_add(1, Ordering::Relaxed);
            }));
        }
        for h in handles.drain(..) {
            h.await.unwrap();
        }
    }
    let out = sum::outcome(start, rounds * size as u64);
    sum::check(done.load(Ordering::Relaxed), rounds * size as u64);
    out
}

/// Jobs of as many parts as there are producers, whose results are added up.
async fn fan_out(job: &Job) -> Outcome {
    let width = job.producers as u64;
    let jobs = job.count.div_ceil(width);
    let mut got = 0;
    let start = Instant::now();
    for _ in 0..jobs {
        let parts: Vec<_> = (0..width).map(|i| tokio::spawn(async move { i })).collect();
        for part in parts {
            got += part.await.unwrap();
        }
    }
    let out = sum::outcome(start, jobs * width);
    sum::check(got, jobs * width * (width - 1) / 2);
    out
}

/// One task after the other.
async fn spawn(n: u64) -> Outcome {
    let mut got = 0;
    let start = Instant::now();
    for _ in 0..n {
        got += tokio::spawn(async { 1 }).await.unwrap();
    }
    let out = sum::outcome(start, n);
    sum::check(got, n);
    out
}

/// As many tasks as there are producers, all of which only yield.
async fn yields(job: &Job) -> Outcome {
    let each = job.count.div_ceil(job.producers as u64);
    let start = Instant::now();
    let handles: Vec<_> = (0..job.producers)
        .map(|_| {
            tokio::spawn(async move {
                let mut n = 0;
                for _ in 0..each {
                    tokio::task::yield_now().await;
                    n += 1;
                }
                n
            })
        })
        .collect();
    let mut got = 0;
    for h in handles {
        got += h.await.unwrap();
    }
    let total = each * job.producers as u64;
    let out = sum::outcome(start, total);
    sum::check(got, total);
    out
}

pub fn is_task_work(job: &Job) -> bool {
    matches!(job.work.as_str(), "burst" | "fan-out" | "spawn" | "spawn inside" | "yield")
}

pub fn peers() -> Vec<Peer> {
    vec![
        Peer { name: "rust tokio", can: is_task_work, run: |j| run(many(), j) },
        Peer { name: "rust tokio, current thread", can: is_task_work, run: |j| run(current(), j) },
    ]
}
