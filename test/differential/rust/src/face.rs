//! What the interpreter asks of a library. A method that a library does not have keeps its
//! default, and a program that uses it all the same gets "unsupported".

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use crate::msg::Msg;
use crate::threads::block_on;

/// What a future returns: the text for the trace, and a permit if it was a reservation.
pub struct Out {
    pub text: String,
    pub permit: Option<Box<dyn Permit>>,
}

impl Out {
    pub fn text(text: impl Into<String>) -> Out {
        Out { text: text.into(), permit: None }
    }

    pub fn permit(permit: impl Permit + 'static) -> Out {
        Out { text: "permit".into(), permit: Some(Box::new(permit)) }
    }
}

pub type Fut = Pin<Box<dyn Future<Output = Out>>>;

pub fn fut(f: impl Future<Output = Out> + 'static) -> Fut {
    Box::pin(f)
}

pub fn unsupported<T>() -> T
where
    T: From<&'static str>,
{
    T::from("unsupported")
}

fn no_future() -> Fut {
    fut(async { Out::text("unsupported") })
}

pub trait Tx {
    fn any(&self) -> &dyn Any;
    fn dup(&self) -> Option<Box<dyn Tx>> {
        None
    }
    fn try_send(&self, _: Msg) -> String {
        unsupported()
    }
    fn force(&self, _: Msg) -> String {
        unsupported()
    }
    fn send(&'static self, _: Msg) -> Fut {
        no_future()
    }
    fn send_for(&'static self, _: Msg, _: Duration) -> Fut {
        no_future()
    }
    fn send_blocking(&self, _: Msg) -> String {
        unsupported()
    }
    fn send_timeout(&self, _: Msg, _: Duration) -> String {
        unsupported()
    }
    fn closed(&'static self) -> Fut {
        no_future()
    }
    fn closed_blocking(&'static self) -> String {
        block_on(self.closed()).text
    }
    /// Sends or receives, whichever is possible first, the send if both are.
    fn select_send(&'static self, _: Msg, _: &'static dyn Rx) -> Fut {
        no_future()
    }
    fn select_send_blocking(&self, _: Msg, _: &dyn Rx) -> String {
        unsupported()
    }
    fn reserve(&'static self) -> Fut {
        no_future()
    }
    fn reserve_many(&'static self, _: usize) -> Fut {
        no_future()
    }
    fn try_reserve(&'static self) -> Out {
        Out::text("unsupported")
    }
    fn try_reserve_many(&'static self, _: usize) -> Out {
        Out::text("unsupported")
    }
    /// Takes the sender along.
    fn reserve_owned(self: Box<Self>) -> Fut {
        no_future()
    }
    /// Takes the sender along, or returns it with the failure.
    fn try_reserve_owned(self: Box<Self>) -> (Out, Option<Box<dyn Tx>>) {
        (Out::text("unsupported"), None)
    }
    fn close(&self) -> String {
        unsupported()
    }
    fn down(&self) -> Option<Box<dyn Weak>> {
        None
    }
    fn same(&self, _: &dyn Tx) -> String {
        unsupported()
    }
    fn ask(&self) -> String {
        String::new()
    }
    /// Whether a send takes the sender with it, and every other call borrows it for itself.
    fn once(&self) -> bool {
        false
    }
}

pub trait Rx {
    fn any(&self) -> &dyn Any;
    /// Whether a receive borrows the receiver for itself, as `&mut self` does.
    fn exclusive(&self) -> bool {
        false
    }
    fn dup(&self) -> Option<Box<dyn Rx>> {
        None
    }
    fn try_recv(&self) -> String {
        unsupported()
    }
    fn recv(&'static self) -> Fut {
        no_future()
    }
    fn recv_for(&'static self, _: Duration) -> Fut {
        no_future()
    }
    fn recv_many(&'static self, _: usize) -> Fut {
        no_future()
    }
    fn select(&'static self, _: &'static dyn Rx) -> Fut {
        no_future()
    }
    fn recv_blocking(&self) -> String {
        unsupported()
    }
    fn recv_timeout(&self, _: Duration) -> String {
        unsupported()
    }
    /// Blocks until one of two receivers has something, the first one first.
    fn select_blocking(&self, _: &dyn Rx) -> String {
        unsupported()
    }
    fn drain(&self) -> String {
        unsupported()
    }
    fn close(&self) -> String {
        unsupported()
    }
    fn down(&self) -> Option<Box<dyn Weak>> {
        None
    }
    fn same(&self, _: &dyn Rx) -> String {
        unsupported()
    }
    fn ask(&self) -> String {
        String::new()
    }
}

pub enum Strong {
    Tx(Box<dyn Tx>),
    Rx(Box<dyn Rx>),
}

pub trait Weak {
    fn up(&self) -> Option<Strong>;
}

pub trait Permit {
    /// Sends, and returns the sender if the permit had it.
    fn send(&mut self, m: Msg) -> (String, Option<Box<dyn Tx>>);
    /// How many more can be sent.
    fn left(&self) -> usize;
    /// Gives the slots up and returns the sender if the permit had it.
    fn release(self: Box<Self>) -> Option<Box<dyn Tx>> {
        None
    }
}

/// Renders the result of a send, which has the message back if it failed.
pub fn sent(result: Result<(), Msg>) -> String {
    match result {
        Ok(()) => "ok".into(),
        Err(m) => failed("closed", m),
    }
}

/// Renders the result of a receive that fails for one reason only.
pub fn received<E>(result: Result<Msg, E>) -> String {
    result.map_or("closed".into(), value)
}

/// Renders messages that were received together.
pub fn batch(all: impl IntoIterator<Item = Msg>) -> String {
    let all: Vec<String> = all.into_iter().map(|m| m.take().to_string()).collect();
    format!("[{}]", all.join(" "))
}

pub fn value(m: Msg) -> String {
    format!("v{}", m.take())
}

pub fn failed(why: &str, m: Msg) -> String {
    format!("{why}({})", m.take())
}
