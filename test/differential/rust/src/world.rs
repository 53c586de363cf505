//! A program runs in a world: the handles, futures and permits that it has made, each in a
//! numbered slot. An operation on an empty slot answers "none", one on a slot that is taken
//! or borrowed "busy", so a program from which operations were removed is a program too.

mod operations;

use std::collections::BTreeMap;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::face::{Fut, Out, Permit, Rx, Strong, Tx, Weak};
use crate::msg::{self, Msg};
use crate::threads::Threads;
use crate::wake;

#[derive(Clone, Copy, PartialEq)]
enum Name {
    S(usize),
    R(usize),
}

struct Slot<T: ?Sized> {
    it: Box<T>,
    channel: usize,
    busy: usize,
}

impl<T: ?Sized> Slot<T> {
    fn new(it: Box<T>, channel: usize) -> Self {
        Slot { it, channel, busy: 0 }
    }

    /// Returns a reference that the borrow checker does not see: the world counts.
    fn lend(&self) -> &'static T {
        unsafe { &*(&*self.it as *const T) }
    }
}

struct Running {
    fut: Fut,
    borrows: Vec<Name>,
    home: (usize, usize), // where a sender that the permit has came from, and its channel
    life: u64,
    waker: u32,
    polled: bool,
}

struct Held {
    permit: Box<dyn Permit>,
    borrows: Vec<Name>,
    home: (usize, usize),
}

pub struct World {
    tx: BTreeMap<usize, Slot<dyn Tx>>,
    rx: BTreeMap<usize, Slot<dyn Rx>>,
    weak: BTreeMap<usize, (Box<dyn Weak>, usize)>,
    futures: BTreeMap<usize, Running>,
    permits: BTreeMap<usize, Held>,
    thread_borrows: BTreeMap<usize, Vec<Name>>,
    lives: u64,
    wakes: wake::Log,
    clock: Option<Rc<tokio::runtime::Runtime>>, // whose time stands still but for "advance"
    prompt: bool,
    one: bool, // receivers are used by one call at a time
    channels: usize,
}

pub type Open = fn(Option<usize>) -> (Box<dyn Tx>, Box<dyn Rx>);

fn num<T: std::str::FromStr>(word: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    word.trim_start_matches(|c: char| c.is_ascii_alphabetic()).parse().unwrap()
}

fn discard<T: ?Sized>(handles: &mut BTreeMap<usize, Slot<T>>, i: usize) -> String {
    match handles.get(&i).map(|h| h.busy) {
        None => "none".into(),
        Some(0) => {
            handles.remove(&i);
            "done".into()
        }
        Some(_) => "busy".into(),
    }
}

impl World {
    pub fn new(
        open: Open,
        caps: &[Option<usize>],
        prompt: bool,
        one: bool,
        clock: Option<Rc<tokio::runtime::Runtime>>,
    ) -> World {
        let mut w = World {
            tx: BTreeMap::new(),
            rx: BTreeMap::new(),
            weak: BTreeMap::new(),
            futures: BTreeMap::new(),
            permits: BTreeMap::new(),
            thread_borrows: BTreeMap::new(),
            lives: 0,
            wakes: wake::Log::default(),
            clock,
            prompt,
            one,
            channels: caps.len(),
        };
        for (i, &cap) in caps.iter().enumerate() {
            let (tx, rx) = open(cap);
            w.tx.insert(i, Slot::new(tx, i));
            w.rx.insert(i, Slot::new(rx, i));
        }
        w
    }

    /// Runs one operation and returns the line of the trace: its result, what completed
    /// because of it, the messages dropped, the state of each channel, the wakes.
    pub fn step(&mut self, threads: &mut Threads, op: &str) -> String {
        let words: Vec<&str> = op.split(' ').collect();
        let result = self.run(threads, &words);
        let (mut completed, mut wakes) = (Vec::new(), Vec::new());
        loop {
            let done = threads.settle();
            for (i, text) in done {
                for name in self.thread_borrows.remove(&i).unwrap_or_default() {
                    self.give_back(name);
                }
                completed.push(format!("t{i}={text}"));
            }
            if !self.follow(&mut completed, &mut wakes) {
                break; // and what was polled may have woken a thread otherwise
            }
        }
        let dropped: Vec<String> = msg::dropped().iter().map(u32::to_string).collect();
        format!("{result}\t{}\t{}\t{}\t{}", completed.join(" "), dropped.join(" "), self.ask(), wakes.join(" "))
    }

    /// Collects the wakes, and in a prompt program polls what was woken. It reports whether
    /// it polled.
    fn follow(&mut self, completed: &mut Vec<String>, wakes: &mut Vec<String>) -> bool {
        let mut queue = Vec::new();
        for e in self.wakes.take() {
            let live = self.futures.get(&e.future).is_some_and(|f| f.life == e.life && f.polled && f.waker == e.waker);
            let stale = if live { "" } else { "~" };
            wakes.push(format!("{stale}f{}/w{}", e.future, e.waker));
            if live && !queue.contains(&e.future) {
                queue.push(e.future);
            }
        }
        if !self.prompt {
            return false;
        }
        for &i in &queue {
            let Some(f) = self.futures.get(&i) else { continue };
            let waker = f.waker;
            let text = self.poll(i, waker);
            if text != "pending" {
                completed.push(format!("f{i}={text}"));
            }
        }
        !queue.is_empty()
    }

    fn ask(&self) -> String {
        let mut all = Vec::new();
        for c in 0..self.channels {
            if let Some(s) = self.tx.values().find(|s| s.channel == c) {
                all.push(format!("s{c}: {}", s.it.ask()));
            }
            if let Some(r) = self.rx.values().find(|r| r.channel == c) {
                all.push(format!("r{c}: {}", r.it.ask()));
            }
        }
        all.join("; ")
    }

    fn borrow(&mut self, name: Name) {
        match name {
            Name::S(i) => self.tx.get_mut(&i).unwrap().busy += 1,
            Name::R(i) => self.rx.get_mut(&i).unwrap().busy += 1,
        }
    }

    fn give_back(&mut self, name: Name) {
        match name {
            Name::S(i) => self.tx.get_mut(&i).unwrap().busy -= 1,
            Name::R(i) => self.rx.get_mut(&i).unwrap().busy -= 1,
        }
    }

    fn run(&mut self, threads: &mut Threads, w: &[&str]) -> String {
        let side = w[1].as_bytes()[0];
        let a: usize = num(w[1]);
        match (w[0], side) {
            ("poll", _) => match self.futures.contains_key(&a) {
                true => self.poll(a, num(w[2])),
                false => "none".into(),
            },
            ("drop", b'f') | ("forget", _) => self.end_future(a, w[0] == "forget"),
            ("drop", b's') => discard(&mut self.tx, a),
            ("drop", b'r') => discard(&mut self.rx, a),
            ("drop", b'w') => self.weak.remove(&a).map_or("none", |_| "done").into(),
            ("advance", _) => match &self.clock {
                Some(clock) => {
                    clock.block_on(tokio::time::advance(Duration::from_millis(a as u64)));
                    "done".into()
                }
                None => "unsupported".into(),
            },
            ("up", _) => self.upgrade(a, num(w[2])),
            ("permit", _) => self.use_permit(a, num(w[2])),
            ("drop", b'p') => self.drop_permit(a),
            (_, b's') => self.run_tx(threads, w, a),
            (_, b'r') => self.run_rx(threads, w, a),
            _ => panic!("unknown operation {w:?}"),
        }
    }

    fn begin(&mut self, i: usize, fut: Fut, borrows: Vec<Name>, home: (usize, usize)) -> String {
        borrows.iter().for_each(|&n| self.borrow(n));
        self.lives += 1;
        self.futures.insert(i, Running { fut, borrows, home, life: self.lives, waker: 0, polled: false });
        "done".into()
    }

    fn poll(&mut self, i: usize, waker: u32) -> String {
        let f = self.futures.get_mut(&i).unwrap();
        (f.waker, f.polled) = (waker, true);
        let waker = self.wakes.waker(wake::Event { future: i, life: f.life, waker });
        match f.fut.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Pending => "pending".into(),
            Poll::Ready(out) => {
                let f = self.futures.remove(&i).unwrap();
                drop(f.fut);
                self.keep(i, out, f.borrows, f.home)
            }
        }
    }

    /// Stores the permit of a result, if there is one; otherwise what it borrowed is free.
    fn keep(&mut self, i: usize, out: Out, borrows: Vec<Name>, home: (usize, usize)) -> String {
        match out.permit {
            Some(permit) => {
                self.permits.insert(i, Held { permit, borrows, home });
            }
            None => borrows.into_iter().for_each(|n| self.give_back(n)),
        }
        out.text
    }

    fn end_future(&mut self, i: usize, forget: bool) -> String {
        let Some(f) = self.futures.remove(&i) else { return "none".into() };
        if forget {
            std::mem::forget(f.fut);
        } else {
            drop(f.fut);
        }
        f.borrows.into_iter().for_each(|n| self.give_back(n));
        "done".into()
    }

    fn use_permit(&mut self, i: usize, v: u32) -> String {
        let Some(p) = self.permits.get_mut(&i) else { return "none".into() };
        let (text, sender) = p.permit.send(Msg::new(v));
        let home = p.home;
        if p.permit.left() == 0 && (sender.is_some() || !text.starts_with("used")) {
            let p = self.permits.remove(&i).unwrap();
            if sender.is_none() {
                drop(p.permit);
            } else {
                std::mem::forget(p.permit); // it is empty
            }
            p.borrows.into_iter().for_each(|n| self.give_back(n));
        }
        self.put_back(sender, home);
        text
    }

    fn drop_permit(&mut self, i: usize) -> String {
        let Some(p) = self.permits.remove(&i) else { return "none".into() };
        let sender = p.permit.release();
        p.borrows.into_iter().for_each(|n| self.give_back(n));
        self.put_back(sender, p.home);
        "done".into()
    }

    /// Puts a sender that was part of a permit where it came from, if that place is free.
    fn put_back(&mut self, sender: Option<Box<dyn Tx>>, (i, channel): (usize, usize)) {
        if let Some(tx) = sender {
            self.tx.entry(i).or_insert_with(|| Slot::new(tx, channel));
        }
    }

    fn upgrade(&mut self, i: usize, to: usize) -> String {
        let Some((weak, channel)) = self.weak.get(&i) else { return "none".into() };
        let channel = *channel;
        match weak.up() {
            None => "gone".into(),
            Some(Strong::Tx(tx)) if !self.tx.contains_key(&to) => {
                self.tx.insert(to, Slot::new(tx, channel));
                "done".into()
            }
            Some(Strong::Rx(rx)) if !self.rx.contains_key(&to) => {
                self.rx.insert(to, Slot::new(rx, channel));
                "done".into()
            }
            Some(_) => "busy".into(), // and dropped again
        }
    }
}

impl Drop for World {
    /// A program drops all it made. What it could not drop is leaked rather than freed
    /// under the hands of a thread.
    fn drop(&mut self) {
        if !self.thread_borrows.is_empty() {
            std::mem::forget(std::mem::take(&mut self.tx));
            std::mem::forget(std::mem::take(&mut self.rx));
        }
        self.futures.clear();
        self.permits.clear();
        self.weak.clear();
        self.tx.clear();
        self.rx.clear();
        msg::dropped();
    }
}
