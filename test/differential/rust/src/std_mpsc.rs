//! std::sync::mpsc.

use std::sync::mpsc::{
    channel, sync_channel, Receiver, RecvTimeoutError, Sender, SyncSender, TryRecvError, TrySendError,
};
use std::time::Duration;

use crate::face::{batch, failed, received, sent, value, Rx, Tx};
use crate::msg::Msg;

pub fn open(cap: Option<usize>) -> (Box<dyn Tx>, Box<dyn Rx>) {
    match cap {
        None => {
            let (tx, rx) = channel();
            (Box::new(tx), Box::new(rx))
        }
        Some(n) => {
            let (tx, rx) = sync_channel(n);
            (Box::new(tx), Box::new(rx))
        }
    }
}

impl Tx for Sender<Msg> {
    any!();
    dup!(Tx);
    fn try_send(&self, m: Msg) -> String {
        self.send_blocking(m)
    }
    fn send_blocking(&self, m: Msg) -> String {
        sent(self.send(m).map_err(|e| e.0))
    }
}

impl Tx for SyncSender<Msg> {
    any!();
    dup!(Tx);
    try_send!(Disconnected);
    fn send_blocking(&self, m: Msg) -> String {
        sent(self.send(m).map_err(|e| e.0))
    }
}

impl Rx for Receiver<Msg> {
    any!();
    try_recv!(Disconnected);
    blocking_recv!();
    fn exclusive(&self) -> bool {
        true // a Receiver may not be shared between threads
    }
    fn drain(&self) -> String {
        batch(self.try_iter())
    }
}
