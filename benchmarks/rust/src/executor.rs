//! The same as `tasks` on async-executor, which is the executor of smol, and a ping-pong between two tasks.

use crate::tasks::is_task_work;
use crate::{sum, Job, Outcome, Peer};
use async_executor::Executor;
use futures_lite::future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

/// Runs the job on as many threads as there are processors, which end with it.
fn run(job: &Job) -> Outcome {
    // Leaked, because tasks inside of it hold it too, and it is twice in a process.
    let ex: &'static Executor<'static> = Box::leak(Box::new(Executor::new()));
    let (stop, stopped) = async_channel::bounded::<()>(1);
    let threads = thread::available_parallelism().map_or(1, |n| n.get());
    thread::scope(|scope| {
        for _ in 0..threads {
            let stopped = stopped.clone();
            scope.spawn(move || future::block_on(ex.run(async { _ = stopped.recv().await })));
        }
        let out = future::block_on(async {
            match job.work.as_str() {
                "burst" => burst(ex, job).await,
                "fan-out" => fan_out(ex, job).await,
                "spawn" => spawn(ex, job.count).await,
                "pingpong" => ex.spawn(ping_pong(ex, job.count)).await,
                "spawn inside" => ex.spawn(spawn(ex, job.count)).await,
                _ => yields(ex, job).await,
            }
        });
        drop(stop);
        out
    })
}

async fn burst(ex: &'static Executor<'static>, job: &Job) -> Outcome {
    let size = job.capacity.unwrap();
    let rounds = job.count.div_ceil(size as u64);
    let done = Arc::new(AtomicU64::new(0));
    let mut tasks = Vec::with_capacity(size);
    let start = Instant::now();
    for _ in 0..rounds {
        for _ in 0..size {
            let done = done.clone();
            tasks.push(ex.spawn(async move {
                done.fetch_add(1, Ordering::Relaxed);
            }));
        }
        for t in tasks.drain(..) {
            t.await;
        }
    }
    let out = sum::outcome(start, rounds * size as u64);
    sum::check(done.load(Ordering::Relaxed), rounds * size as u64);
    out
}

async fn fan_out(ex: &'static Executor<'static>, job: &Job) -> Outcome {
    let width = job.producers as u64;
    let jobs = job.count.div_ceil(width);
    let mut got = 0;
    let start = Instant::now();
    for _ in 0..jobs {
        let parts: Vec<_> = (0..width).map(|i| ex.spawn(async move { i })).collect();
        for part in parts {
            got += part.await;
        }
    }
    let out = sum::outcome(start, jobs * width);
    sum::check(got, jobs * width * (width - 1) / 2);
    out
}

async fn spawn(ex: &'static Executor<'static>, n: u64) -> Outcome {
    let mut got = 0;
    let start = Instant::now();
    for _ in 0..n {
        got += ex.spawn(async { 1 }).await;
    }
    let out = sum::outcome(start, n);
    sum::check(got, n);
    out
}

async fn yields(ex: &'static Executor<'static>, job: &Job) -> Outcome {
    let each = job.count.div_ceil(job.producers as u64);
    let start = Instant::now();
    let tasks: Vec<_> = (0..job.producers)
        .map(|_| {
            ex.spawn(async move {
                let mut n = 0;
                for _ in 0..each {
                    future::yield_now().await;
                    n += 1;
                }
                n
            })
        })
        .collect();
    let mut got = 0;
    for t in tasks {
        got += t.await;
    }
    let total = each * job.producers as u64;
    let out = sum::outcome(start, total);
    sum::check(got, total);
    out
}

/// The channels are async-channel's, which is what smol uses.
async fn ping_pong(ex: &'static Executor<'static>, n: u64) -> Outcome {
    let (ping, ping_rx) = async_channel::bounded(1);
    let (pong, pong_rx) = async_channel::bounded(1);
    let start = Instant::now();
    let echo = ex.spawn(async move {
        for _ in 0..n {
            let v: u64 = ping_rx.recv().await.unwrap();
            pong.send(v + 1).await.unwrap();
        }
    });
    let mut v = 0;
    for _ in 0..n {
        ping.send(v).await.unwrap();
        v = pong_rx.recv().await.unwrap();
    }
    let out = sum::outcome(start, n);
    echo.await;
    sum::check(v, n);
    out
}

/// Of the ping-pongs only that of tasks, which has a capacity of 1.
fn can(job: &Job) -> bool {
    is_task_work(job) || (job.is("pingpong") && job.capacity == Some(1))
}

pub fn peers() -> Vec<Peer> {
    vec![Peer { name: "rust async-executor", can, run }]
}
