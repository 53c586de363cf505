//! flume.

use std::any::Any;
use std::time::Duration;

use flume::{
    bounded, unbounded, Receiver, RecvTimeoutError, SendError, SendTimeoutError, Sender, TryRecvError, TrySendError,
    WeakSender,
};

use crate::face::{batch, failed, fut, value, Fut, Out, Rx, Strong, Tx, Weak};
use crate::msg::Msg;

pub fn open(cap: Option<usize>) -> (Box<dyn Tx>, Box<dyn Rx>) {
    let (tx, rx) = cap.map_or_else(unbounded, bounded);
    (Box::new(tx), Box::new(rx))
}

macro_rules! ask {
    () => {
        fn ask(&self) -> String {
            format!(
                "len={} empty={} full={} cap={} disconnected={} senders={} receivers={}",
                self.len(),
                self.is_empty(),
                self.is_full(),
                self.capacity().map_or("none".into(), |n| n.to_string()),
                self.is_disconnected(),
                self.sender_count(),
                self.receiver_count()
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
    fn send(&'static self, m: Msg) -> Fut {
        let f = self.send_async(m);
        fut(async move {
            match f.await {
                Ok(()) => Out::text("ok"),
                Err(SendError(m)) => Out::text(failed("closed", m)),
            }
        })
    }
    fn send_blocking(&self, m: Msg) -> String {
        match Sender::send(self, m) {
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
    fn down(&self) -> Option<Box<dyn Weak>> {
        Some(Box::new(self.downgrade()))
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
    fn recv(&'static self) -> Fut {
        let f = self.recv_async();
        fut(async move { Out::text(f.await.map_or("closed".into(), value)) })
    }
    fn recv_blocking(&self) -> String {
        Receiver::recv(self).map_or("closed".into(), value)
    }
    fn recv_timeout(&self, d: Duration) -> String {
        match Receiver::recv_timeout(self, d) {
            Ok(m) => value(m),
            Err(RecvTimeoutError::Timeout) => "timeout".into(),
            Err(RecvTimeoutError::Disconnected) => "closed".into(),
        }
    }
    fn drain(&self) -> String {
        batch(Receiver::drain(self))
    }
    fn same(&self, other: &dyn Rx) -> String {
        other.any().downcast_ref().is_some_and(|o| self.same_channel(o)).to_string()
    }
    ask!();
}

impl Weak for WeakSender<Msg> {
    fn up(&self) -> Option<Strong> {
        self.upgrade().map(|tx| Strong::Tx(Box::new(tx)))
    }
}
