//! How even the producers of one channel get on.

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// In so many parts a producer sends its quota. It tells how far it is only after each of them, so
/// that a message costs nothing more. In turns that are perfectly even, the others are one part short.
const PARTS: u64 = 64;

/// Alone on its cache line, and on the next one, because processors fetch them in pairs.
#[repr(align(128))]
#[derive(Default)]
struct Sent(AtomicU64);

struct State {
    quota: u64,
    sent: Vec<Sent>,
    least: OnceLock<f64>,
}

/// How much of the same quota each of the producers has sent.
///
/// It is looked at when the first of them has sent all of it: times would not tell, because one that
/// got nothing until then sends the rest without anybody in its way.
#[derive(Clone)]
pub struct Shares(Arc<State>);

impl Shares {
    pub fn new(producers: usize, quota: u64) -> Shares {
        let sent = (0..producers).map(|_| Sent::default()).collect();
        Shares(Arc::new(State { quota, sent, least: OnceLock::new() }))
    }

    /// The numbers 1 to the quota, part by part. The last part may be shorter.
    pub fn parts(&self) -> impl Iterator<Item = RangeInclusive<u64>> {
        let quota = self.0.quota;
        let part = quota.div_ceil(PARTS).max(1);
        (0..quota.div_ceil(part)).map(move |i| i * part + 1..=quota.min((i + 1) * part))
    }

    /// A producer tells how much it has sent by now. The first one with its whole quota looks at all.
    pub fn sent(&self, producer: usize, n: u64) {
        let state = &*self.0;
        state.sent[producer].0.store(n, Ordering::Relaxed);
        if n == state.quota {
            state.least.get_or_init(|| {
                let least = state.sent.iter().map(|s| s.0.load(Ordering::Relaxed)).min().unwrap_or(n);
                least as f64 / n as f64
            });
        }
    }

    /// The least share when the first producer was done: 1 is perfectly fair, and 0 is one producer
    /// that got nothing. None as long as nobody is done.
    pub fn fairness(&self) -> Option<f64> {
        self.0.least.get().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_is_starved() {
        let shares = Shares::new(3, 1000);
        for part in shares.parts() {
            assert_eq!(shares.fairness(), None);
            shares.sent(0, *part.end());
            shares.sent(1, *part.end());
        }
        assert_eq!(shares.fairness(), Some(0.0));
        shares.sent(2, 1000);
        assert_eq!(shares.fairness(), Some(0.0), "what comes after the first one was done");
    }

    #[test]
    fn one_that_is_half_as_fast() {
        let shares = Shares::new(2, 640);
        for (i, part) in shares.parts().enumerate() {
            if i % 2 == 1 {
                shares.sent(1, *part.end() / 2);
            }
            shares.sent(0, *part.end());
        }
        assert_eq!(shares.fairness(), Some(0.5));
    }

    #[test]
    fn all_in_turn() {
        let shares = Shares::new(4, 640);
        for part in shares.parts() {
            for producer in 0..4 {
                shares.sent(producer, *part.end());
            }
        }
        assert_eq!(shares.fairness(), Some(63.0 / 64.0));
    }

    #[test]
    fn alone() {
        let shares = Shares::new(1, 1);
        shares.parts().for_each(|part| shares.sent(0, *part.end()));
        assert_eq!(shares.fairness(), Some(1.0));
    }

    #[test]
    fn parts_are_the_whole_quota() {
        for quota in [0, 1, 2, 63, 64, 65, 127, 128, 129, 1000, 10_007] {
            let parts: Vec<_> = Shares::new(1, quota).parts().collect();
            assert!(parts.len() as u64 <= PARTS, "{} parts of {quota}", parts.len());
            let all: Vec<u64> = parts.into_iter().flatten().collect();
            assert_eq!(all, (1..=quota).collect::<Vec<_>>());
        }
    }
}
