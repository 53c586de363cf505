//! Wakers that record each wake.

use std::sync::{Arc, Mutex};
use std::task::{Wake, Waker};

/// One wake: of which life of which future, through which of the program's wakers.
#[derive(Clone, Copy, PartialEq)]
pub struct Event {
    pub future: usize,
    pub life: u64,
    pub waker: u32,
}

#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<Event>>>);

struct Counting {
    event: Event,
    log: Log,
}

impl Wake for Counting {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.log.0.lock().unwrap().push(self.event);
    }
}

impl Log {
    pub fn waker(&self, event: Event) -> Waker {
        Waker::from(Arc::new(Counting { event, log: self.clone() }))
    }

    /// Returns the wakes since the last call, in order.
    pub fn take(&self) -> Vec<Event> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}
