//! std::sync::mpsc.

use std::any::Any;
use std::sync::mpsc::{
    channel, sync_channel, Receiver, RecvTimeoutError, SendError, Sender, SyncSender, TryRecvError, TrySendError,
};
use std::time::Duration;

use crate::face::{failed, value, Rx, Tx};
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
    fn any(&self) -> &dyn Any {
        self
    }
    fn dup(&self) -> Option<Box<dyn Tx>> {
        Some(Box::new(self.clone()))
    }
    fn try_send(&self, m: Msg) -> String {
        self.send_blocking(m)
    }
    fn send_blocking(&self, m: Msg) -> String {
        match self.send(m) {
            Ok(()) => "ok".into(),
            Err(SendError(m)) => failed("closed", m),
        }
    }
}

impl Tx for SyncSender<Msg> {
    fn any(&self) -> &dyn Any {
        self
    }
    fn dup(&self) -> Option<Box<dyn Tx>> {
        Some(Box::new(self.clone()))
    }
    fn try_send(&self, m: Msg) -> String {
        match SyncSender::try_send(self, m) {
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
}

impl Rx for Receiver<Msg> {
    fn any(&self) -> &dyn Any {
        self
    }
    fn exclusive(&self) -> bool {
        true // a Receiver may not be shared between threads
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
}
