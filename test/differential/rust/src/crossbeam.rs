//! crossbeam-channel.

use std::time::Duration;

use crossbeam_channel::{
    bounded, unbounded, Receiver, RecvTimeoutError, Select, SendTimeoutError, Sender, TryRecvError, TrySendError,
};

use crate::face::{batch, failed, received, sent, value, Rx, Tx};
use crate::msg::Msg;

pub fn open(cap: Option<usize>) -> (Box<dyn Tx>, Box<dyn Rx>) {
    let (tx, rx) = cap.map_or_else(unbounded, bounded);
    (Box::new(tx), Box::new(rx))
}

impl Tx for Sender<Msg> {
    any!();
    dup!(Tx);
    same!(Tx);
    try_send!(Disconnected);
    send_timeout!();
    ask!(Self::capacity;);
    fn send_blocking(&self, m: Msg) -> String {
        sent(self.send(m).map_err(|e| e.0))
    }
    fn select_send_blocking(&self, m: Msg, other: &dyn Rx) -> String {
        let Some(rx) = other.any().downcast_ref::<Receiver<Msg>>() else {
            return "unsupported".into();
        };
        let mut select = Select::new_biased();
        select.send(self);
        select.recv(rx);
        let chosen = select.select();
        match chosen.index() {
            0 => format!("0:{}", sent(chosen.send(self, m).map_err(|e| e.0))),
            _ => format!("1:{}", received(chosen.recv(rx))),
        }
    }
}

impl Rx for Receiver<Msg> {
    any!();
    dup!(Rx);
    same!(Rx);
    try_recv!(Disconnected);
    blocking_recv!();
    ask!(Self::capacity;);
    fn select_blocking(&self, other: &dyn Rx) -> String {
        let Some(other) = other.any().downcast_ref::<Receiver<Msg>>() else {
            return "unsupported".into();
        };
        let mut select = Select::new_biased();
        select.recv(self);
        select.recv(other);
        let chosen = select.select();
        let (i, rx) = if chosen.index() == 0 { (0, self) } else { (1, other) };
        format!("{i}:{}", received(chosen.recv(rx)))
    }
    fn drain(&self) -> String {
        batch(self.try_iter())
    }
}
