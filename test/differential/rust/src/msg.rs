//! Messages that record their own drop.

use std::sync::Mutex;

static DROPPED: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// A message. The library under test owns it from a send until a receive or a failed
/// send returns it; if it is dropped in between, that is recorded.
pub struct Msg(u32);

impl Msg {
    pub fn new(v: u32) -> Msg {
        Msg(v)
    }

    /// Takes the number out. The program has the message now, so no drop is recorded.
    pub fn take(self) -> u32 {
        let v = self.0;
        std::mem::forget(self);
        v
    }
}

impl Drop for Msg {
    fn drop(&mut self) {
        DROPPED.lock().unwrap().push(self.0);
    }
}

/// Returns the messages dropped since the last call, in order.
pub fn dropped() -> Vec<u32> {
    std::mem::take(&mut DROPPED.lock().unwrap())
}
