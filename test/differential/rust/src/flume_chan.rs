//! flume.

use std::time::Duration;

use flume::{
    bounded, unbounded, Receiver, RecvTimeoutError, Selector, SendTimeoutError, Sender, TryRecvError, TrySendError,
    WeakSender,
};

use crate::face::{batch, failed, fut, received, sent, value, Fut, Out, Rx, Strong, Tx, Weak};
use crate::msg::Msg;

pub fn open(cap: Option<usize>) -> (Box<dyn Tx>, Box<dyn Rx>) {
    let (tx, rx) = cap.map_or_else(unbounded, bounded);
    (Box::new(tx), Box::new(rx))
}

impl Tx for Sender<Msg> {
    any!();
    dup!(Tx);
    same!(Tx);
    down!();
    try_send!(Disconnected);
    send_timeout!();
    ask!(Self::capacity; "disconnected" is_disconnected, "senders" sender_count, "receivers" receiver_count);
    fn send(&'static self, m: Msg) -> Fut {
        let f = self.send_async(m);
        fut(async move { Out::text(sent(f.await.map_err(|e| e.0))) })
    }
    fn send_blocking(&self, m: Msg) -> String {
        sent(Sender::send(self, m).map_err(|e| e.0))
    }
    fn select_send_blocking(&self, m: Msg, other: &dyn Rx) -> String {
        let Some(rx) = other.any().downcast_ref::<Receiver<Msg>>() else {
            return "unsupported".into();
        };
        Selector::new()
            .send(self, m, |result| format!("0:{}", sent(result.map_err(|e| e.0))))
            .recv(rx, |result| format!("1:{}", received(result)))
            .wait()
    }
}

impl Rx for Receiver<Msg> {
    any!();
    dup!(Rx);
    same!(Rx);
    try_recv!(Disconnected);
    blocking_recv!();
    ask!(Self::capacity; "disconnected" is_disconnected, "senders" sender_count, "receivers" receiver_count);
    fn recv(&'static self) -> Fut {
        let f = self.recv_async();
        fut(async move { Out::text(received(f.await)) })
    }
    fn select_blocking(&self, other: &dyn Rx) -> String {
        let Some(other) = other.any().downcast_ref::<Receiver<Msg>>() else {
            return "unsupported".into();
        };
        Selector::new()
            .recv(self, |result| format!("0:{}", received(result)))
            .recv(other, |result| format!("1:{}", received(result)))
            .wait()
    }
    fn drain(&self) -> String {
        batch(Receiver::drain(self))
    }
}

weak!(Tx: WeakSender);
