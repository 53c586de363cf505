//! Tasks that await, on tokio: its own channel and kanal.

use super::{check, is_batch_work, numbers, rounds, SIZE};
use crate::task::{current, inside, many, Channel, Kanal, TokioBounded, TokioUnbounded};
use crate::{sum, Job, Outcome, Peer};
use std::future::Future;
use std::time::Instant;
use tokio::runtime::Runtime;

/// A channel that is used in batches.
trait Batches: Channel<u64> {
    /// Sends the numbers of one batch.
    fn send_many(tx: &Self::Tx) -> impl Future<Output = ()> + Send;
    /// Adds what is there. It is at least one message: it waits for that.
    fn recv_many(rx: &mut Self::Rx, into: &mut Vec<u64>) -> impl Future<Output = ()> + Send;
}

impl Batches for TokioUnbounded {
    /// Room is always there, so there is nothing to reserve.
    async fn send_many(tx: &Self::Tx) {
        numbers().for_each(|v| tx.send(v).unwrap())
    }
    async fn recv_many(rx: &mut Self::Rx, into: &mut Vec<u64>) {
        rx.recv_many(into, SIZE).await;
    }
}

impl Batches for TokioBounded {
    async fn send_many(tx: &Self::Tx) {
        let permits = tx.reserve_many(SIZE).await.unwrap();
        permits.zip(numbers()).for_each(|(permit, v)| permit.send(v))
    }
    async fn recv_many(rx: &mut Self::Rx, into: &mut Vec<u64>) {
        rx.recv_many(into, SIZE).await;
    }
}

impl Batches for Kanal {
    /// It has nothing for many: these are as many sends.
    async fn send_many(tx: &Self::Tx) {
        for v in numbers() {
            tx.send(v).await.unwrap();
        }
    }
    /// What drains does not wait, so where nothing was there it is one message.
    async fn recv_many(rx: &mut Self::Rx, into: &mut Vec<u64>) {
        if rx.drain_into(into).unwrap() == 0 {
            into.push(rx.recv().await.unwrap());
        }
    }
}

/// Receives n messages, and returns their sum.
async fn receive<C: Batches>(rx: &mut C::Rx, n: u64, buf: &mut Vec<u64>) -> u64 {
    let (mut left, mut got) = (n, 0);
    while left > 0 {
        buf.clear();
        C::recv_many(rx, buf).await;
        got += buf.iter().sum::<u64>();
        left -= buf.len() as u64;
    }
    got
}

fn run<C: Batches + 'static>(rt: Runtime, job: &Job) -> Outcome {
    let j = job.clone();
    match job.work.as_str() {
        "batch seq" => inside(rt, async move { seq::<C>(&j).await }),
        _ => inside(rt, async move { cross::<C>(&j).await }),
    }
}

async fn seq<C: Batches>(job: &Job) -> Outcome {
    let (tx, mut rx) = C::open(job.capacity);
    let (rounds, total) = rounds(job);
    let mut buf = Vec::with_capacity(SIZE);
    let mut got = 0;
    let start = Instant::now();
    for _ in 0..rounds {
        C::send_many(&tx).await;
        got += receive::<C>(&mut rx, SIZE as u64, &mut buf).await;
    }
    let out = sum::outcome(start, total);
    check(got, rounds);
    out
}

async fn cross<C: Batches + 'static>(job: &Job) -> Outcome {
    let (tx, mut rx) = C::open(job.capacity);
    let (rounds, total) = rounds(job);
    let start = Instant::now();
    let consumer = tokio::spawn(async move {
        let mut buf = Vec::with_capacity(SIZE);
        receive::<C>(&mut rx, total, &mut buf).await
    });
    let producer = tokio::spawn(async move {
        for _ in 0..rounds {
            C::send_many(&tx).await;
        }
    });
    producer.await.unwrap();
    let got = consumer.await.unwrap();
    let out = sum::outcome(start, total);
    check(got, rounds);
    out
}

fn tokio_run(rt: Runtime, job: &Job) -> Outcome {
    match job.capacity {
        None => run::<TokioUnbounded>(rt, job),
        Some(_) => run::<TokioBounded>(rt, job),
    }
}

pub fn peers() -> Vec<Peer> {
    vec![
        Peer { name: "rust tokio", can: is_batch_work, run: |j| tokio_run(many(), j) },
        Peer { name: "rust tokio, current thread", can: is_batch_work, run: |j| tokio_run(current(), j) },
        Peer { name: "rust kanal on tokio", can: is_batch_work, run: |j| run::<Kanal>(many(), j) },
    ]
}
