//! crossbeam-channel.

use std::any::Any;
use std::time::Duration;

use crossbeam_channel::{
    bounded, unbounded, Receiver, RecvTimeoutError, Select, SendError, SendTimeoutError, Sender, TryRecvError,
    TrySendError,
};

use crate::face::{failed, value, Rx, Tx};
use crate::msg::Msg;

pub fn open(cap: Option<usize>) -> (Box<dyn Tx>, Box<dyn Rx>) {
    let (tx, rx) = cap.map_or_else(unbounded, bounded);
    (Box::new(tx), Box::new(rx))
}

macro_rules! ask {
    () => {
        fn ask(&self) -> String {
            format!(
                "len={} empty={} full={} cap={}",
                self.len(),
                self.is_empty(),
                self.is_full(),
                self.capacity().map_or("none".into(), |n| n.to_string())
            )
        }
    };
}

impl Tx for Sender<Msg> {
    fn any(&self) -> &dyn Any {
        self
    }
    fn dup(&self) -> Option<Box<dyn Tx>> {
        Some(Box::new(self.clone()))
    }
    fn try_send(&self, m: Msg) -> String {
        match Sender::try_send(self, m) {
            Ok(()) => "ok".into(),
            Err(TrySendError::Full(m)) => failed("full", m),
            Err(TrySendError::Disconnected(m)) => failed("closed", m),
        }
    }
    fn send_blocking(&self, m: Msg) -> String {
        match self.send(m) {
            Ok(()) => "ok".into(),
            Err(SendError(m)) => failed("closed", m),
        }
    }
    fn send_timeout(&self, m: Msg, d: Duration) -> String {
        match Sender::send_timeout(self, m, d) {
            Ok(()) => "ok".into(),
            Err(SendTimeoutError::Timeout(m)) => failed("timeout", m),
            Err(SendTimeoutError::Disconnected(m)) => failed("closed", m),
        }
    }
    fn same(&self, other: &dyn Tx) -> String {
        other.any().downcast_ref().is_some_and(|o| self.same_channel(o)).to_string()
    }
    ask!();
}

impl Rx for Receiver<Msg> {
    fn any(&self) -> &dyn Any {
        self
    }
    fn dup(&self) -> Option<Box<dyn Rx>> {
        Some(Box::new(self.clone()))
    }
    fn try_recv(&self) -> String {
        match Receiver::try_recv(self) {
            Ok(m) => value(m),
            Err(TryRecvError::Empty) => "empty".into(),
            Err(TryRecvError::Disconnected) => "closed".into(),
        }
    }
    fn recv_blocking(&self) -> String {
        self.recv().map_or("closed".into(), value)
    }
    fn recv_timeout(&self, d: Duration) -> String {
        match Receiver::recv_timeout(self, d) {
            Ok(m) => value(m),
            Err(RecvTimeoutError::Timeout) => "timeout".into(),
            Err(RecvTimeoutError::Disconnected) => "closed".into(),
        }
    }
    fn select_blocking(&self, other: &dyn Rx) -> String {
        let Some(other) = other.any().downcast_ref::<Receiver<Msg>>() else {
            return "unsupported".into();
        };
        let mut select = Select::new_biased();
        select.recv(self);
        select.recv(other);
        let chosen = select.select();
        let (i, rx) = if chosen.index() == 0 { (0, self) } else { (1, other) };
        format!("{i}:{}", chosen.recv(rx).map_or("closed".into(), value))
    }
    fn same(&self, other: &dyn Rx) -> String {
        other.any().downcast_ref().is_some_and(|o| self.same_channel(o)).to_string()
    }
    ask!();
}
