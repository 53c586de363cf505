//! Threads that block: std, crossbeam, flume and kanal.

use crate::fairness::Shares;
use crate::gate::Gate;
use crate::message::{expected, is_known, with_message, Message};
use crate::{sum, Job, Outcome, Peer};
use std::thread;
use std::time::Instant;

/// A channel as the scenarios use it. All calls are resolved at compile time.
pub trait Channel<M> {
    type Tx: Clone + Send + 'static;
    type Rx: Send + 'static;
    fn open(capacity: Option<usize>) -> (Self::Tx, Self::Rx);
    fn send(tx: &Self::Tx, m: M);
    fn recv(rx: &Self::Rx) -> M;
    /// None where there is one receiver only.
    fn share(rx: &Self::Rx) -> Option<Self::Rx>;
}

macro_rules! channel {
    ($name:ident, $tx:ty, $rx:ty, $open:expr, $share:expr) => {
        pub struct $name;
        impl<M: Message> Channel<M> for $name {
            type Tx = $tx;
            type Rx = $rx;
            fn open(capacity: Option<usize>) -> (Self::Tx, Self::Rx) {
                let open: fn(Option<usize>) -> ($tx, $rx) = $open;
                open(capacity)
            }
            fn send(tx: &Self::Tx, m: M) {
                tx.send(m).unwrap()
            }
            fn recv(rx: &Self::Rx) -> M {
                rx.recv().unwrap()
            }
            fn share(rx: &Self::Rx) -> Option<Self::Rx> {
                let share: fn(&$rx) -> Option<$rx> = $share;
                share(rx)
            }
        }
    };
}

use std::sync::mpsc as std_mpsc;

// std has two types of sender, so it is two channels here.
channel!(StdUnbounded, std_mpsc::Sender<M>, std_mpsc::Receiver<M>, |_| std_mpsc::channel(), |_| None);
channel!(
    StdBounded,
    std_mpsc::SyncSender<M>,
    std_mpsc::Receiver<M>,
    |c| std_mpsc::sync_channel(c.unwrap()),
    |_| None
);
channel!(
    Crossbeam,
    crossbeam_channel::Sender<M>,
    crossbeam_channel::Receiver<M>,
    |c| c.map_or_else(crossbeam_channel::unbounded, crossbeam_channel::bounded),
    |rx| Some(rx.clone())
);
channel!(
    Flume,
    flume::Sender<M>,
    flume::Receiver<M>,
    |c| c.map_or_else(flume::unbounded, flume::bounded),
    |rx| Some(rx.clone())
);
channel!(
    Kanal,
    kanal::Sender<M>,
    kanal::Receiver<M>,
    |c| c.map_or_else(kanal::unbounded, kanal::bounded),
    |rx| Some(rx.clone())
);

fn run<C: Channel<u64>>(job: &Job) -> Outcome {
    match job.work.as_str() {
        "create" => create::<C>(job),
        "open" => open::<C>(job),
        "pingpong" => ping_pong::<C>(job),
        _ => stream::<u64, C>(job),
    }
}

fn stream<M: Message, C: Channel<M>>(job: &Job) -> Outcome {
    match job.work.as_str() {
        "seq" => seq::<M, C>(job),
        _ => cross::<M, C>(job),
    }
}

fn seq<M: Message, C: Channel<M>>(job: &Job) -> Outcome {
    let (tx, rx) = C::open(job.capacity);
    let mut got = 0;
    let start = Instant::now();
    for v in 1..=job.count {
        C::send(&tx, M::of(v));
        got += C::recv(&rx).number();
    }
    let out = sum::outcome(start, job.count);
    sum::check(got, expected::<M>(job.count));
    out
}

fn cross<M: Message, C: Channel<M>>(job: &Job) -> Outcome {
    let (tx, rx) = C::open(job.capacity);
    let each = sum::each(job);
    let total = each * job.producers as u64;
    let share = total / job.consumers as u64;
    let shares = Shares::new(job.producers, each);
    let gate = Gate::new(job.producers + job.consumers);
    let mut receivers: Vec<C::Rx> = (1..job.consumers).map(|_| C::share(&rx).unwrap()).collect();
    receivers.push(rx);
    let consumers: Vec<_> = receivers
        .into_iter()
        .map(|rx| {
            let gate = gate.clone();
            thread::spawn(move || {
                gate.pass();
                (0..share).fold(0, |sum, _| sum + C::recv(&rx).number())
            })
        })
        .collect();
    let producers: Vec<_> = (0..job.producers)
        .map(|i| {
            let (tx, gate, shares) = (tx.clone(), gate.clone(), shares.clone());
            thread::spawn(move || {
                gate.pass();
                for part in shares.parts() {
                    let last = *part.end();
                    for v in part {
                        C::send(&tx, M::of(v));
                    }
                    shares.sent(i, last);
                }
            })
        })
        .collect();
    let start = gate.open();
    producers.into_iter().for_each(|p| p.join().unwrap());
    let got: u64 = consumers.into_iter().map(|c| c.join().unwrap()).sum();
    let out = vec![sum::per(start, total), shares.fairness()];
    sum::check(got, expected::<M>(each) * job.producers as u64);
    out
}

fn ping_pong<C: Channel<u64>>(job: &Job) -> Outcome {
    let (ping, ping_rx) = C::open(job.capacity);
    let (pong, pong_rx) = C::open(job.capacity);
    let n = job.count;
    let gate = Gate::new(1);
    let passed = gate.clone();
    let echo = thread::spawn(move || {
        passed.pass();
        for _ in 0..n {
            C::send(&pong, C::recv(&ping_rx) + 1);
        }
    });
    let start = gate.open();
    let mut v = 0;
    for _ in 0..n {
        C::send(&ping, v);
        v = C::recv(&pong_rx);
    }
    let out = sum::outcome(start, n);
    echo.join().unwrap();
    sum::check(v, n);
    out
}

fn create<C: Channel<u64>>(job: &Job) -> Outcome {
    let start = Instant::now();
    for _ in 0..job.count {
        // Seen by nobody, a channel would not be made at all.
        std::hint::black_box(C::open(job.capacity));
    }
    sum::outcome(start, job.count)
}

fn open<C: Channel<u64>>(job: &Job) -> Outcome {
    let mut got = 0;
    let start = Instant::now();
    for _ in 0..job.count {
        let (tx, rx) = C::open(job.capacity);
        C::send(&tx, 1);
        got += C::recv(&rx);
    }
    let out = sum::outcome(start, job.count);
    sum::check(got, job.count);
    out
}

fn is_channel_work(job: &Job) -> bool {
    match job.work.as_str() {
        // On one thread a rendezvous never happens.
        "seq" => job.capacity != Some(0) && is_known(&job.payload),
        "cross" => is_known(&job.payload),
        "pingpong" | "create" | "open" => job.payload == "8",
        _ => false,
    }
}

pub fn peers() -> Vec<Peer> {
    vec![
        Peer { name: "rust std", can: |j| is_channel_work(j) && j.consumers == 1, run: std_run },
        Peer { name: "rust crossbeam", can: is_channel_work, run: |j| with_message!(j, Crossbeam, run, stream(j)) },
        Peer { name: "rust flume", can: is_channel_work, run: |j| with_message!(j, Flume, run, stream(j)) },
        Peer { name: "rust kanal", can: is_channel_work, run: |j| with_message!(j, Kanal, run, stream(j)) },
    ]
}

fn std_run(job: &Job) -> Outcome {
    match job.capacity {
        None => with_message!(job, StdUnbounded, run, stream(job)),
        Some(_) => with_message!(job, StdBounded, run, stream(job)),
    }
}
