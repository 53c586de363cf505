//! kanal, its blocking and its async half on the same handles.

use std::time::Duration;

use kanal::{bounded, unbounded, ReceiveErrorTimeout, Receiver, SendErrorTimeout, Sender};

use crate::face::{batch, failed, fut, received, value, Fut, Out, Rx, Tx};
use crate::msg::Msg;

pub fn open(cap: Option<usize>) -> (Box<dyn Tx>, Box<dyn Rx>) {
    let (tx, rx) = cap.map_or_else(unbounded, bounded);
    (Box::new(tx), Box::new(rx))
}

/// The capacity, if there is one.
macro_rules! questions {
    () => {
        ask!(|h| h.is_bounded().then(|| h.capacity());
            "disconnected" is_disconnected, "senders" sender_count, "receivers" receiver_count);
    };
}

impl Tx for Sender<Msg> {
    any!();
    dup!(Tx);
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
        if Sender::send(self, m).is_ok() { "ok" } else { "closed" }.into()
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
    questions!();
}

impl Rx for Receiver<Msg> {
    any!();
    dup!(Rx);
    fn try_recv(&self) -> String {
        match Receiver::try_recv(self) {
            Ok(Some(m)) => value(m),
            Ok(None) => "empty".into(),
            Err(_) => "closed".into(),
        }
    }
    fn recv(&'static self) -> Fut {
        let f = self.as_async().recv();
        fut(async move { Out::text(received(f.await)) })
    }
    fn recv_blocking(&self) -> String {
        received(Receiver::recv(self))
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
    questions!();
}
