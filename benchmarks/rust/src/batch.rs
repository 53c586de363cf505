//! 64 messages at once, where a library can do that.
//!
//! Who cannot send or receive several at once does it one by one.

pub mod blocking;
pub mod task;

use crate::{sum, Job};

const SIZE: usize = 64;

/// The numbers that each batch has.
fn numbers() -> std::ops::RangeInclusive<u64> {
    1..=SIZE as u64
}

/// How many batches, and how many messages these are: at least as many as were asked for.
fn rounds(job: &Job) -> (u64, u64) {
    let rounds = job.count.div_ceil(SIZE as u64);
    (rounds, rounds * SIZE as u64)
}

fn check(got: u64, rounds: u64) {
    sum::check(got, sum::to(SIZE as u64) * rounds);
}

/// One thread fills the channel before it receives, so a whole batch has to fit.
fn is_batch_work(job: &Job) -> bool {
    (job.is("batch seq") || job.is("batch spsc"))
        && (job.producers, job.consumers) == (1, 1)
        && job.capacity.is_none_or(|c| c >= SIZE)
}
