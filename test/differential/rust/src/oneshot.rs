//! tokio::sync::oneshot.

use std::cell::{Cell, UnsafeCell};
use std::future::poll_fn;
use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::oneshot::{channel, Receiver, Sender};

use crate::face::{fut, received, sent, value, Fut, Out, Rx, Tx};
use crate::msg::Msg;

pub fn open(_: Option<usize>) -> (Box<dyn Tx>, Box<dyn Rx>) {
    let (tx, rx) = channel();
    (Box::new(Once(UnsafeCell::new(Some(tx)))), Box::new(Reply { rx: UnsafeCell::new(rx), over: Cell::new(false) }))
}

struct Once(UnsafeCell<Option<Sender<Msg>>>);

impl Once {
    #[allow(clippy::mut_from_ref)]
    fn tx(&self) -> &mut Option<Sender<Msg>> {
        unsafe { &mut *self.0.get() }
    }
}

impl Tx for Once {
    any!();
    fn once(&self) -> bool {
        true
    }
    fn try_send(&self, m: Msg) -> String {
        sent(self.tx().take().unwrap().send(m))
    }
    fn closed(&'static self) -> Fut {
        fut(poll_fn(|cx| self.tx().as_mut().unwrap().poll_closed(cx).map(|()| Out::text("ended"))))
    }
    fn ask(&self) -> String {
        self.tx().as_ref().map_or(String::new(), |tx| format!("closed={}", tx.is_closed()))
    }
}

struct Reply {
    rx: UnsafeCell<Receiver<Msg>>,
    over: Cell<bool>, // a poll after the result panics
}

impl Reply {
    #[allow(clippy::mut_from_ref)]
    fn rx(&self) -> &mut Receiver<Msg> {
        unsafe { &mut *self.rx.get() }
    }
}

impl Rx for Reply {
    any!();
    fn exclusive(&self) -> bool {
        true
    }
    fn try_recv(&self) -> String {
        if self.over.get() {
            return "consumed".into();
        }
        let result = self.rx().try_recv();
        self.over.set(!matches!(result, Err(TryRecvError::Empty)));
        result.map_or_else(|e| if e == TryRecvError::Empty { "empty" } else { "closed" }.into(), value)
    }
    fn recv(&'static self) -> Fut {
        fut(poll_fn(move |cx| {
            if self.over.get() {
                return Poll::Ready(Out::text("consumed"));
            }
            Pin::new(self.rx()).poll(cx).map(|m| {
                self.over.set(true);
                Out::text(received(m))
            })
        }))
    }
    fn close(&self) -> String {
        self.rx().close();
        "done".into()
    }
    fn ask(&self) -> String {
        format!("over={}", self.over.get())
    }
}
