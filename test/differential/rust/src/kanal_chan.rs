//! kanal, its blocking and its async half on the same handles.

use std::any::Any;
use std::time::Duration;

use kanal::{bounded, unbounded, ReceiveErrorTimeout, Receiver, SendErrorTimeout, Sender};

use crate::face::{batch, failed, fut, value, Fut, Out, Rx, Tx};
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
                if self.is_bounded() { self.capacity().to_string() } else { "none".into() },
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
        // try_send drops what it cannot send.
        let mut m = Some(m);
        match self.try_send_option(&mut m) {
            Ok(true) => "ok".into(),
            Ok(false) => failed("full", m.take().unwrap()),
            Err(_) => failed("closed", m.take().unwrap()),
        }
    }
    fn send(&'static self, m: Msg) -> Fut {
        let f = self.as_async().send(m);
        fut(async move { Out::text(if f.await.is_ok() { "ok" } else { "closed" }) })
    }
    fn send_blocking(&self, m: Msg) -> String {
        if Sender::send(self, m).is_ok() {
            "ok".into()
        } else {
            "closed".into()
        }
    }
    fn send_timeout(&self, m: Msg, d: Duration) -> String {
        let mut m = Some(m);
        match self.send_option_timeout(&mut m, d) {
            Ok(()) => "ok".into(),
            Err(SendErrorTimeout::Timeout) => failed("timeout", m.take().unwrap()),
            Err(_) => failed("closed", m.take().unwrap()),
        }
    }
    fn close(&self) -> String {
        Sender::close(self).is_ok().to_string()
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
            Ok(Some(m)) => value(m),
            Ok(None) => "empty".into(),
            Err(_) => "closed".into(),
        }
    }
    fn recv(&'static self) -> Fut {
        let f = self.as_async().recv();
        fut(async move { Out::text(f.await.map_or("closed".into(), value)) })
    }
    fn recv_blocking(&self) -> String {
        Receiver::recv(self).map_or("closed".into(), value)
    }
    fn recv_timeout(&self, d: Duration) -> String {
        match Receiver::recv_timeout(self, d) {
            Ok(m) => value(m),
            Err(ReceiveErrorTimeout::Timeout) => "timeout".into(),
            Err(_) => "closed".into(),
        }
    }
    fn drain(&self) -> String {
        let mut all = Vec::new();
        match self.drain_into(&mut all) {
            Ok(_) => batch(all),
            Err(_) => "closed".into(),
        }
    }
    fn close(&self) -> String {
        Receiver::close(self).is_ok().to_string()
    }
    ask!();
}
