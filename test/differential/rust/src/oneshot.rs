//! tokio::sync::oneshot.

use std::any::Any;
use std::cell::{Cell, RefCell, UnsafeCell};
use std::future::poll_fn;
use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::oneshot::{channel, Receiver, Sender};

use crate::face::{failed, fut, value, Fut, Out, Rx, Tx};
use crate::msg::Msg;

pub fn open(_: Option<usize>) -> (Box<dyn Tx>, Box<dyn Rx>) {
    let (tx, rx) = channel();
    (Box::new(Once(RefCell::new(Some(tx)))), Box::new(Reply { rx: UnsafeCell::new(rx), over: Cell::new(false) }))
}

struct Once(RefCell<Option<Sender<Msg>>>);

impl Tx for Once {
    fn any(&self) -> &dyn Any {
        self
    }
    fn once(&self) -> bool {
        true
    }
    fn try_send(&self, m: Msg) -> String {
        match self.0.borrow_mut().take().unwrap().send(m) {
            Ok(()) => "ok".into(),
            Err(m) => failed("closed", m),
        }
    }
    fn ask(&self) -> String {
        self.0.borrow().as_ref().map_or(String::new(), |tx| format!("closed={}", tx.is_closed()))
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
    fn any(&self) -> &dyn Any {
        self
    }
    fn exclusive(&self) -> bool {
        true
    }
    fn try_recv(&self) -> String {
        if self.over.get() {
            return "consumed".into();
        }
        match self.rx().try_recv() {
            Ok(m) => {
                self.over.set(true);
                value(m)
            }
            Err(TryRecvError::Empty) => "empty".into(),
            Err(TryRecvError::Closed) => {
                self.over.set(true);
                "closed".into()
            }
        }
    }
    fn recv(&'static self) -> Fut {
        fut(poll_fn(move |cx| {
            if self.over.get() {
                return Poll::Ready(Out::text("consumed"));
            }
            Pin::new(self.rx()).poll(cx).map(|m| {
                self.over.set(true);
                Out::text(m.map_or("closed".into(), value))
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
