//! tokio::sync::mpsc, bounded and unbounded.
//!
//! A receiver is behind a cell: its methods take `&mut self`, and the interpreter lets one
//! receive at a time at it.

use std::cell::UnsafeCell;
use std::future::poll_fn;
use std::time::Duration;

use tokio::sync::mpsc::error::{TryRecvError, TrySendError};
use tokio::sync::mpsc::{
    channel, unbounded_channel, OwnedPermit, Permit as Slot, PermitIterator, Receiver, Sender, UnboundedReceiver,
    UnboundedSender, WeakSender, WeakUnboundedSender,
};
use tokio::time::timeout;

use crate::face::{batch, failed, fut, sent, value, Fut, Out, Permit, Rx, Strong, Tx, Weak};
use crate::msg::Msg;

pub fn open(cap: Option<usize>) -> (Box<dyn Tx>, Box<dyn Rx>) {
    match cap {
        None => {
            let (tx, rx) = unbounded_channel();
            (Box::new(tx), Box::new(Many(UnsafeCell::new(rx))))
        }
        Some(n) => {
            let (tx, rx) = channel(n);
            (Box::new(tx), Box::new(One(UnsafeCell::new(rx))))
        }
    }
}

fn refused(e: TrySendError<()>) -> Out {
    Out::text(match e {
        TrySendError::Full(()) => "full",
        TrySendError::Closed(()) => "closed",
    })
}

impl Tx for Sender<Msg> {
    any!();
    dup!(Tx);
    try_send!(Closed);
    fn send(&'static self, m: Msg) -> Fut {
        fut(async move { Out::text(sent(Sender::send(self, m).await.map_err(|e| e.0))) })
    }
    fn send_for(&'static self, m: Msg, d: Duration) -> Fut {
        let f = timeout(d, Sender::send(self, m)); // its time begins here
        fut(async move { Out::text(f.await.map_or("timeout".into(), |result| sent(result.map_err(|e| e.0)))) })
    }
    fn send_blocking(&self, m: Msg) -> String {
        sent(self.blocking_send(m).map_err(|e| e.0))
    }
    fn closed(&'static self) -> Fut {
        fut(async move {
            Sender::closed(self).await;
            Out::text("ended")
        })
    }
    fn select_send(&'static self, m: Msg, other: &'static dyn Rx) -> Fut {
        let Some(rx) = other.any().downcast_ref::<One>() else {
            return fut(async { Out::text("unsupported") });
        };
        fut(async move {
            Out::text(tokio::select! {
                biased;
                result = Sender::send(self, m) => format!("0:{}", sent(result.map_err(|e| e.0))),
                m = poll_fn(|cx| rx.rx().poll_recv(cx)) => format!("1:{}", m.map_or("closed".into(), value)),
            })
        })
    }
    fn reserve(&'static self) -> Fut {
        fut(async move { Sender::reserve(self).await.map_or(Out::text("closed"), |p| Out::permit(Single(Some(p)))) })
    }
    fn reserve_many(&'static self, n: usize) -> Fut {
        fut(async move {
            match Sender::reserve_many(self, n).await {
                Ok(p) => Out::permit(Several(p)),
                // One error for both reasons.
                Err(_) if n > self.max_capacity() && !self.is_closed() => Out::text("capacity"),
                Err(_) => Out::text("closed"),
            }
        })
    }
    fn try_reserve(&'static self) -> Out {
        Sender::try_reserve(self).map_or_else(refused, |p| Out::permit(Single(Some(p))))
    }
    fn try_reserve_many(&'static self, n: usize) -> Out {
        Sender::try_reserve_many(self, n).map_or_else(refused, |p| Out::permit(Several(p)))
    }
    fn reserve_owned(self: Box<Self>) -> Fut {
        fut(
            async move { Sender::reserve_owned(*self).await.map_or(Out::text("closed"), |p| Out::permit(Owned(Some(p)))) },
        )
    }
    fn try_reserve_owned(self: Box<Self>) -> (Out, Option<Box<dyn Tx>>) {
        match Sender::try_reserve_owned(*self) {
            Ok(p) => (Out::permit(Owned(Some(p))), None),
            Err(TrySendError::Full(tx)) => (Out::text("full"), Some(Box::new(tx))),
            Err(TrySendError::Closed(tx)) => (Out::text("closed"), Some(Box::new(tx))),
        }
    }
    down!();
    same!(Tx);
    fn ask(&self) -> String {
        format!(
            "free={} cap={} closed={} senders={} weak={}",
            self.capacity(),
            self.max_capacity(),
            self.is_closed(),
            self.strong_count(),
            self.weak_count()
        )
    }
}

impl Tx for UnboundedSender<Msg> {
    any!();
    dup!(Tx);
    fn try_send(&self, m: Msg) -> String {
        sent(UnboundedSender::send(self, m).map_err(|e| e.0))
    }
    fn closed(&'static self) -> Fut {
        fut(async move {
            UnboundedSender::closed(self).await;
            Out::text("ended")
        })
    }
    down!();
    same!(Tx);
    fn ask(&self) -> String {
        format!("closed={} senders={} weak={}", self.is_closed(), self.strong_count(), self.weak_count())
    }
}

struct Single<'a>(Option<Slot<'a, Msg>>);

impl Permit for Single<'_> {
    fn send(&mut self, m: Msg) -> (String, Option<Box<dyn Tx>>) {
        self.0.take().unwrap().send(m);
        ("ok".into(), None)
    }
    fn left(&self) -> usize {
        self.0.is_some().into()
    }
}

struct Several<'a>(PermitIterator<'a, Msg>);

impl Permit for Several<'_> {
    fn send(&mut self, m: Msg) -> (String, Option<Box<dyn Tx>>) {
        match self.0.next() {
            Some(p) => {
                p.send(m);
                ("ok".into(), None)
            }
            None => (failed("used", m), None),
        }
    }
    fn left(&self) -> usize {
        self.0.len()
    }
}

struct Owned(Option<OwnedPermit<Msg>>);

impl Permit for Owned {
    fn send(&mut self, m: Msg) -> (String, Option<Box<dyn Tx>>) {
        let tx = self.0.take().unwrap().send(m);
        ("ok".into(), Some(Box::new(tx)))
    }
    fn left(&self) -> usize {
        self.0.is_some().into()
    }
    fn release(mut self: Box<Self>) -> Option<Box<dyn Tx>> {
        let tx = self.0.take().unwrap().release();
        Some(Box::new(tx))
    }
}

struct One(UnsafeCell<Receiver<Msg>>);
struct Many(UnsafeCell<UnboundedReceiver<Msg>>);

macro_rules! receiver {
    ($t:ident, $ask:expr) => {
        impl $t {
            #[allow(clippy::mut_from_ref)]
            fn rx(&self) -> &mut <Self as Inner>::Rx {
                unsafe { &mut *self.0.get() }
            }
        }

        impl Rx for $t {
            any!();
            fn exclusive(&self) -> bool {
                true
            }
            fn try_recv(&self) -> String {
                match self.rx().try_recv() {
                    Ok(m) => value(m),
                    Err(TryRecvError::Empty) => "empty".into(),
                    Err(TryRecvError::Disconnected) => "closed".into(),
                }
            }
            fn recv(&'static self) -> Fut {
                fut(async move {
                    // What recv() does, which would borrow the receiver in between.
                    Out::text(poll_fn(|cx| self.rx().poll_recv(cx)).await.map_or("closed".into(), value))
                })
            }
            fn recv_for(&'static self, d: Duration) -> Fut {
                let f = timeout(d, poll_fn(|cx| self.rx().poll_recv(cx)));
                fut(async move { Out::text(f.await.map_or("timeout".into(), |m| m.map_or("closed".into(), value))) })
            }
            fn recv_many(&'static self, n: usize) -> Fut {
                fut(async move {
                    let mut all = Vec::new();
                    let got = poll_fn(|cx| self.rx().poll_recv_many(cx, &mut all, n)).await;
                    Out::text(if got == 0 && n > 0 { "closed".into() } else { batch(all) })
                })
            }
            fn select(&'static self, other: &'static dyn Rx) -> Fut {
                let Some(other) = other.any().downcast_ref::<$t>() else {
                    return fut(async { Out::text("unsupported") });
                };
                fut(async move {
                    let text = tokio::select! {
                        biased;
                        m = poll_fn(|cx| self.rx().poll_recv(cx)) => format!("0:{}", m.map_or("closed".into(), value)),
                        m = poll_fn(|cx| other.rx().poll_recv(cx)) => format!("1:{}", m.map_or("closed".into(), value)),
                    };
                    Out::text(text)
                })
            }
            fn recv_blocking(&self) -> String {
                self.rx().blocking_recv().map_or("closed".into(), value)
            }
            fn close(&self) -> String {
                self.rx().close();
                "done".into() // tokio does not say which call it was
            }
            fn ask(&self) -> String {
                let rx = self.rx();
                let more: fn(&<Self as Inner>::Rx) -> String = $ask;
                format!(
                    "len={} empty={}{} closed={} senders={} weak={}",
                    rx.len(),
                    rx.is_empty(),
                    more(rx),
                    rx.is_closed(),
                    rx.sender_strong_count(),
                    rx.sender_weak_count()
                )
            }
        }
    };
}

trait Inner {
    type Rx;
}
impl Inner for One {
    type Rx = Receiver<Msg>;
}
impl Inner for Many {
    type Rx = UnboundedReceiver<Msg>;
}

receiver!(One, |rx| format!(" free={} cap={}", rx.capacity(), rx.max_capacity()));
receiver!(Many, |_| String::new());

weak!(Tx: WeakSender, WeakUnboundedSender);
