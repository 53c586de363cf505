//! async-channel.

use std::any::Any;
use std::future::{poll_fn, Future};
use std::task::Poll;

use async_channel::{Receiver, SendError, Sender, TryRecvError, TrySendError, WeakReceiver, WeakSender};

use crate::face::{failed, fut, value, Fut, Out, Rx, Strong, Tx, Weak};
use crate::msg::Msg;

pub fn open(cap: Option<usize>) -> (Box<dyn Tx>, Box<dyn Rx>) {
    let (tx, rx) = cap.map_or_else(async_channel::unbounded, async_channel::bounded);
    (Box::new(tx), Box::new(rx))
}

fn sent(result: Result<(), SendError<Msg>>) -> String {
    match result {
        Ok(()) => "ok".into(),
        Err(SendError(m)) => failed("closed", m),
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
        match Sender::try_send(self, m) {
            Ok(()) => "ok".into(),
            Err(TrySendError::Full(m)) => failed("full", m),
            Err(TrySendError::Closed(m)) => failed("closed", m),
        }
    }
    fn force(&self, m: Msg) -> String {
        match self.force_send(m) {
            Ok(None) => "ok".into(),
            Ok(Some(m)) => failed("evicted", m),
            Err(SendError(m)) => failed("closed", m),
        }
    }
    fn send(&'static self, m: Msg) -> Fut {
        let f = Sender::send(self, m);
        fut(async move { Out::text(sent(f.await)) })
    }
    fn send_blocking(&self, m: Msg) -> String {
        sent(Sender::send_blocking(self, m))
    }
    fn closed(&'static self) -> Fut {
        let f = Sender::closed(self);
        fut(async move {
            f.await;
            Out::text("ended")
        })
    }
    fn close(&self) -> String {
        Sender::close(self).to_string()
    }
    fn down(&self) -> Option<Box<dyn Weak>> {
        Some(Box::new(self.downgrade()))
    }
    fn same(&self, other: &dyn Tx) -> String {
        other.any().downcast_ref().is_some_and(|o| self.same_channel(o)).to_string()
    }
    fn ask(&self) -> String {
        format!(
            "len={} empty={} full={} cap={} closed={} senders={} receivers={}",
            self.len(),
            self.is_empty(),
            self.is_full(),
            self.capacity().map_or("none".into(), |n| n.to_string()),
            self.is_closed(),
            self.sender_count(),
            self.receiver_count()
        )
    }
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
            Err(TryRecvError::Closed) => "closed".into(),
        }
    }
    fn recv(&'static self) -> Fut {
        let f = Receiver::recv(self);
        fut(async move { Out::text(f.await.map_or("closed".into(), value)) })
    }
    fn select(&'static self, other: &'static dyn Rx) -> Fut {
        let Some(other) = other.any().downcast_ref::<Receiver<Msg>>() else {
            return fut(async { Out::text("unsupported") });
        };
        let (mut a, mut b) = (Box::pin(Receiver::recv(self)), Box::pin(Receiver::recv(other)));
        fut(poll_fn(move |cx| {
            for (i, f) in [&mut a, &mut b].into_iter().enumerate() {
                if let Poll::Ready(m) = f.as_mut().poll(cx) {
                    return Poll::Ready(Out::text(format!("{i}:{}", m.map_or("closed".into(), value))));
                }
            }
            Poll::Pending
        }))
    }
    fn recv_blocking(&self) -> String {
        Receiver::recv_blocking(self).map_or("closed".into(), value)
    }
    fn close(&self) -> String {
        Receiver::close(self).to_string()
    }
    fn down(&self) -> Option<Box<dyn Weak>> {
        Some(Box::new(self.downgrade()))
    }
    fn same(&self, other: &dyn Rx) -> String {
        other.any().downcast_ref().is_some_and(|o| self.same_channel(o)).to_string()
    }
    fn ask(&self) -> String {
        format!(
            "len={} empty={} full={} cap={} closed={} senders={} receivers={}",
            self.len(),
            self.is_empty(),
            self.is_full(),
            self.capacity().map_or("none".into(), |n| n.to_string()),
            self.is_closed(),
            self.sender_count(),
            self.receiver_count()
        )
    }
}

impl Weak for WeakSender<Msg> {
    fn up(&self) -> Option<Strong> {
        self.upgrade().map(|tx| Strong::Tx(Box::new(tx)))
    }
}

impl Weak for WeakReceiver<Msg> {
    fn up(&self) -> Option<Strong> {
        self.upgrade().map(|rx| Strong::Rx(Box::new(rx)))
    }
}
