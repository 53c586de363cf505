//! async-channel.

use std::future::{poll_fn, Future};
use std::task::Poll;

use async_channel::{Receiver, SendError, Sender, TryRecvError, TrySendError, WeakReceiver, WeakSender};

use crate::face::{failed, fut, received, sent, value, Fut, Out, Rx, Strong, Tx, Weak};
use crate::msg::Msg;

pub fn open(cap: Option<usize>) -> (Box<dyn Tx>, Box<dyn Rx>) {
    let (tx, rx) = cap.map_or_else(async_channel::unbounded, async_channel::bounded);
    (Box::new(tx), Box::new(rx))
}

impl Tx for Sender<Msg> {
    any!();
    dup!(Tx);
    try_send!(Closed);
    fn force(&self, m: Msg) -> String {
        match self.force_send(m) {
            Ok(None) => "ok".into(),
            Ok(Some(m)) => failed("evicted", m),
            Err(SendError(m)) => failed("closed", m),
        }
    }
    fn send(&'static self, m: Msg) -> Fut {
        let f = Sender::send(self, m);
        fut(async move { Out::text(sent(f.await.map_err(SendError::into_inner))) })
    }
    fn select_send(&'static self, m: Msg, other: &'static dyn Rx) -> Fut {
        let Some(rx) = other.any().downcast_ref::<Receiver<Msg>>() else {
            return fut(async { Out::text("unsupported") });
        };
        let (mut a, mut b) = (Box::pin(Sender::send(self, m)), Box::pin(Receiver::recv(rx)));
        fut(poll_fn(move |cx| {
            if let Poll::Ready(result) = a.as_mut().poll(cx) {
                return Poll::Ready(Out::text(format!("0:{}", sent(result.map_err(SendError::into_inner)))));
            }
            b.as_mut().poll(cx).map(|m| Out::text(format!("1:{}", received(m))))
        }))
    }
    fn send_blocking(&self, m: Msg) -> String {
        sent(Sender::send_blocking(self, m).map_err(SendError::into_inner))
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
    down!();
    same!(Tx);
    ask!(Self::capacity; "closed" is_closed, "senders" sender_count, "receivers" receiver_count);
}

impl Rx for Receiver<Msg> {
    any!();
    dup!(Rx);
    try_recv!(Closed);
    fn recv(&'static self) -> Fut {
        let f = Receiver::recv(self);
        fut(async move { Out::text(received(f.await)) })
    }
    fn select(&'static self, other: &'static dyn Rx) -> Fut {
        let Some(other) = other.any().downcast_ref::<Receiver<Msg>>() else {
            return fut(async { Out::text("unsupported") });
        };
        let (mut a, mut b) = (Box::pin(Receiver::recv(self)), Box::pin(Receiver::recv(other)));
        fut(poll_fn(move |cx| {
            for (i, f) in [&mut a, &mut b].into_iter().enumerate() {
                if let Poll::Ready(m) = f.as_mut().poll(cx) {
                    return Poll::Ready(Out::text(format!("{i}:{}", received(m))));
                }
            }
            Poll::Pending
        }))
    }
    fn recv_blocking(&self) -> String {
        received(Receiver::recv_blocking(self))
    }
    fn close(&self) -> String {
        Receiver::close(self).to_string()
    }
    down!();
    same!(Rx);
    ask!(Self::capacity; "closed" is_closed, "senders" sender_count, "receivers" receiver_count);
}

weak!(Tx: WeakSender);
weak!(Rx: WeakReceiver);
