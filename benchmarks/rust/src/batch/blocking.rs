//! Threads that block: crossbeam, flume and kanal. None of them sends several at once.

use super::{check, is_batch_work, numbers, rounds, SIZE};
use crate::blocking::{Channel, Crossbeam, Flume, Kanal};
use crate::gate::Gate;
use crate::{sum, Job, Outcome, Peer};
use std::thread;
use std::time::Instant;

/// A channel that is received from in batches.
trait Batches: Channel<u64> {
    /// Adds what is there. It is at least one message: it waits for that.
    fn recv_many(rx: &Self::Rx, into: &mut Vec<u64>);
}

impl Batches for Crossbeam {
    /// It has nothing for many: these are as many receives.
    fn recv_many(rx: &Self::Rx, into: &mut Vec<u64>) {
        into.push(rx.recv().unwrap());
        into.extend(rx.try_iter().take(SIZE - 1));
    }
}

impl Batches for Flume {
    fn recv_many(rx: &Self::Rx, into: &mut Vec<u64>) {
        into.extend(rx.drain());
        if into.is_empty() {
            into.push(rx.recv().unwrap());
        }
    }
}

impl Batches for Kanal {
    fn recv_many(rx: &Self::Rx, into: &mut Vec<u64>) {
        if rx.drain_into(into).unwrap() == 0 {
            into.push(rx.recv().unwrap());
        }
    }
}

fn send<C: Batches>(tx: &C::Tx) {
    numbers().for_each(|v| C::send(tx, v))
}

/// Receives n messages, and returns their sum.
fn receive<C: Batches>(rx: &C::Rx, n: u64, buf: &mut Vec<u64>) -> u64 {
    let (mut left, mut got) = (n, 0);
    while left > 0 {
        buf.clear();
        C::recv_many(rx, buf);
        got += buf.iter().sum::<u64>();
        left -= buf.len() as u64;
    }
    got
}

fn run<C: Batches>(job: &Job) -> Outcome {
    match job.work.as_str() {
        "batch seq" => seq::<C>(job),
        _ => cross::<C>(job),
    }
}

fn seq<C: Batches>(job: &Job) -> Outcome {
    let (tx, rx) = C::open(job.capacity);
    let (rounds, total) = rounds(job);
    let mut buf = Vec::with_capacity(SIZE);
    let mut got = 0;
    let start = Instant::now();
    for _ in 0..rounds {
        send::<C>(&tx);
        got += receive::<C>(&rx, SIZE as u64, &mut buf);
    }
    let out = sum::outcome(start, total);
    check(got, rounds);
    out
}

fn cross<C: Batches>(job: &Job) -> Outcome {
    let (tx, rx) = C::open(job.capacity);
    let (rounds, total) = rounds(job);
    let gate = Gate::new(2);
    let passed = gate.clone();
    let consumer = thread::spawn(move || {
        let mut buf = Vec::with_capacity(SIZE);
        passed.pass();
        receive::<C>(&rx, total, &mut buf)
    });
    let passed = gate.clone();
    let producer = thread::spawn(move || {
        passed.pass();
        (0..rounds).for_each(|_| send::<C>(&tx))
    });
    let start = gate.open();
    producer.join().unwrap();
    let got = consumer.join().unwrap();
    let out = sum::outcome(start, total);
    check(got, rounds);
    out
}

pub fn peers() -> Vec<Peer> {
    vec![
        Peer { name: "rust crossbeam", can: is_batch_work, run: run::<Crossbeam> },
        Peer { name: "rust flume", can: is_batch_work, run: run::<Flume> },
        Peer { name: "rust kanal", can: is_batch_work, run: run::<Kanal> },
    ]
}
