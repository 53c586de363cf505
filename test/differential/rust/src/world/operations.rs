//! The operations on senders and receivers.

use std::time::Duration;

use super::{num, Name, Slot, World};
use crate::face::Weak;
use crate::msg::Msg;
use crate::threads::Threads;

/// A limit that no program reaches.
const FAR: Duration = Duration::from_secs(3600);

/// What an operation answers if a slot that it needs is taken or borrowed.
fn busy() -> String {
    "busy".into()
}

impl World {
    pub(super) fn run_tx(&mut self, threads: &mut Threads, w: &[&str], a: usize) -> String {
        let Some(slot) = self.tx.get(&a) else { return "none".into() };
        let (tx, channel, borrowed) = (slot.lend(), slot.channel, slot.busy > 0);
        if borrowed && tx.once() {
            return busy();
        }
        let b: usize = w.get(2).map_or(0, |w| num(w));
        match w[0] {
            "clone" if self.tx.contains_key(&b) => busy(),
            "clone" => match tx.dup() {
                Some(new) => {
                    self.tx.insert(b, Slot::new(new, channel));
                    "done".into()
                }
                None => "unsupported".into(),
            },
            "down" => self.downgrade(b, tx.down(), channel),
            "same" => self.tx.get(&b).map_or("none".into(), |o| tx.same(&*o.it)),
            "close" => tx.close(),
            "trysend" => {
                let answer = tx.try_send(Msg::new(num(w[2])));
                if tx.once() {
                    self.tx.remove(&a);
                }
                answer
            }
            "force" => tx.force(Msg::new(num(w[2]))),
            "sendnow" => tx.send_timeout(Msg::new(num(w[2])), Duration::ZERO),
            "tsend" | "tsendfar" => {
                if threads.is_busy(b) {
                    return busy();
                }
                let m = Msg::new(num(w[3]));
                let far = w[0] == "tsendfar";
                let call = move || if far { tx.send_timeout(m, FAR) } else { tx.send_blocking(m) };
                self.start(threads, b, vec![Name::S(a)], call)
            }
            "tclosed" => self.start(threads, b, vec![Name::S(a)], move || tx.closed_blocking()),
            "selectsend" | "tselectsend" => self.select_send(threads, w, a, b),
            "tryreserve" | "tryreservemany" | "tryreserveowned" => self.try_reserve(w, a, b),
            _ if self.taken(b) => busy(),
            "reserveowned" if borrowed => busy(),
            "reserveowned" => {
                let fut = self.tx.remove(&a).unwrap().it.reserve_owned();
                self.begin(b, fut, vec![], (a, channel))
            }
            _ => {
                let fut = match w[0] {
                    "send" => tx.send(Msg::new(num(w[3]))),
                    "sendfor" => tx.send_for(Msg::new(num(w[3])), Duration::from_millis(num(w[4]))),
                    "reserve" => tx.reserve(),
                    "reservemany" => tx.reserve_many(num(w[3])),
                    "closed" => tx.closed(),
                    _ => panic!("unknown operation {w:?}"),
                };
                self.begin(b, fut, vec![Name::S(a)], (a, channel))
            }
        }
    }

    fn try_reserve(&mut self, w: &[&str], a: usize, b: usize) -> String {
        if self.taken(b) {
            return busy();
        }
        let slot = &self.tx[&a];
        let (tx, channel) = (slot.lend(), slot.channel);
        let out = match w[0] {
            "tryreserveowned" if slot.busy > 0 => return busy(),
            "tryreserveowned" => {
                let (out, back) = self.tx.remove(&a).unwrap().it.try_reserve_owned();
                if let Some(back) = back {
                    self.tx.insert(a, Slot::new(back, channel));
                }
                return self.keep(b, out, vec![], (a, channel));
            }
            "tryreserve" => tx.try_reserve(),
            _ => tx.try_reserve_many(num(w[3])),
        };
        self.borrow(Name::S(a));
        self.keep(b, out, vec![Name::S(a)], (a, channel))
    }

    /// Waits until a message is sent or another one received, the send first.
    fn select_send(&mut self, threads: &mut Threads, w: &[&str], a: usize, b: usize) -> String {
        let (tx, i) = (self.tx[&a].lend(), num(w[3]));
        let Some(other) = self.rx.get(&b) else { return "none".into() };
        let rx = other.lend();
        if other.busy > 0 && (self.one || rx.exclusive()) {
            return busy();
        }
        let borrows = vec![Name::S(a), Name::R(b)];
        match w[0] {
            "selectsend" if self.taken(i) => busy(),
            "selectsend" => self.begin(i, tx.select_send(Msg::new(num(w[4])), rx), borrows, (0, 0)),
            _ if threads.is_busy(i) => busy(),
            _ => {
                let m = Msg::new(num(w[4]));
                self.start(threads, i, borrows, move || tx.select_send_blocking(m, rx))
            }
        }
    }

    pub(super) fn run_rx(&mut self, threads: &mut Threads, w: &[&str], a: usize) -> String {
        let Some(slot) = self.rx.get(&a) else { return "none".into() };
        let (rx, channel) = (slot.lend(), slot.channel);
        if slot.busy > 0 && (self.one || rx.exclusive()) {
            return busy();
        }
        let b: usize = w.get(2).map_or(0, |w| num(w));
        match w[0] {
            "clone" if self.rx.contains_key(&b) => busy(),
            "clone" => match rx.dup() {
                Some(new) => {
                    self.rx.insert(b, Slot::new(new, channel));
                    "done".into()
                }
                None => "unsupported".into(),
            },
            "down" => self.downgrade(b, rx.down(), channel),
            "same" => self.rx.get(&b).map_or("none".into(), |o| rx.same(&*o.it)),
            "close" => rx.close(),
            "tryrecv" => rx.try_recv(),
            "recvnow" => rx.recv_timeout(Duration::ZERO),
            "drain" => rx.drain(),
            "trecv" => self.start(threads, b, vec![Name::R(a)], move || rx.recv_blocking()),
            "trecvfar" => self.start(threads, b, vec![Name::R(a)], move || rx.recv_timeout(FAR)),
            "select" | "tselect" => self.select(threads, w, a, b),
            _ if self.taken(b) => busy(),
            _ => {
                let fut = match w[0] {
                    "recv" => rx.recv(),
                    "recvfor" => rx.recv_for(Duration::from_millis(num(w[3]))),
                    "recvmany" => rx.recv_many(num(w[3])),
                    _ => panic!("unknown operation {w:?}"),
                };
                self.begin(b, fut, vec![Name::R(a)], (0, 0))
            }
        }
    }

    /// Waits for the first of two receivers, the first one first.
    fn select(&mut self, threads: &mut Threads, w: &[&str], a: usize, b: usize) -> String {
        let (rx, i) = (self.rx[&a].lend(), num(w[3]));
        let Some(other) = self.rx.get(&b) else { return "none".into() };
        if a == b || other.busy > 0 && (self.one || rx.exclusive()) {
            return busy();
        }
        let (other, borrows) = (other.lend(), vec![Name::R(a), Name::R(b)]);
        match w[0] {
            "tselect" => self.start(threads, i, borrows, move || rx.select_blocking(other)),
            _ if self.taken(i) => busy(),
            _ => self.begin(i, rx.select(other), borrows, (0, 0)),
        }
    }

    /// Reports whether a future or a permit is in a slot; each may become the other.
    fn taken(&self, i: usize) -> bool {
        self.futures.contains_key(&i) || self.permits.contains_key(&i)
    }

    /// Runs a call that may block on thread i.
    fn start(
        &mut self,
        threads: &mut Threads,
        i: usize,
        borrows: Vec<Name>,
        call: impl FnOnce() -> String + 'static,
    ) -> String {
        if threads.is_busy(i) {
            return busy();
        }
        borrows.iter().for_each(|&n| self.borrow(n));
        self.thread_borrows.insert(i, borrows);
        threads.run(i, call);
        "started".into()
    }

    fn downgrade(&mut self, to: usize, weak: Option<Box<dyn Weak>>, channel: usize) -> String {
        match weak {
            _ if self.weak.contains_key(&to) => busy(),
            Some(weak) => {
                self.weak.insert(to, (weak, channel));
                "done".into()
            }
            None => "unsupported".into(),
        }
    }
}
