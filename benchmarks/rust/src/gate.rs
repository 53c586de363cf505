//! Threads that begin together, once all of them run.
//!
//! To start a thread takes the system 50 µs and more, a hundred times what goroutines and tasks take.
//! Within a measurement of some milliseconds 64 of them would be most of what is measured.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Instant;

struct State {
    threads: usize,
    here: AtomicUsize,
    closed: Barrier,
}

#[derive(Clone)]
pub struct Gate(Arc<State>);

impl Gate {
    pub fn new(threads: usize) -> Gate {
        Gate(Arc::new(State { threads, here: AtomicUsize::new(0), closed: Barrier::new(threads + 1) }))
    }

    /// Each of the threads waits here for the others.
    pub fn pass(&self) {
        self.0.here.fetch_add(1, Ordering::Relaxed);
        self.0.closed.wait();
    }

    /// Lets them through, and returns when that began: the caller may get its processor back late.
    pub fn open(&self) -> Instant {
        while self.0.here.load(Ordering::Relaxed) < self.0.threads {
            thread::yield_now();
        }
        let start = Instant::now();
        self.0.closed.wait();
        start
    }
}
