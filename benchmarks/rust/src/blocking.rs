//! Threads that block: std, crossbeam, flume and kanal.

use crate::{sum, Job, Outcome, Peer};
use std::thread;
use std::time::Instant;

/// A channel as the scenarios use it. All calls are resolved at compile time.
trait Channel {
    type Tx: Clone + Send + 'static;
    type Rx: Send + 'static;
    fn open(capacity: Option<usize>) -> (Self::Tx, Self::Rx);
    fn send(tx: &Self::Tx, v: u64);
    fn recv(rx: &Self::Rx) -> u64;
    /// None where there is one receiver only.
    fn share(rx: &Self::Rx) -> Option<Self::Rx>;
}

macro_rules! channel {
    ($name:ident, $tx:ty, $rx:ty, $open:expr, $share:expr) => {
        struct $name;
        impl Channel for $name {
            type Tx = $tx;
            type Rx = $rx;
            fn open(capacity: Option<usize>) -> (Self::Tx, Self::Rx) {
                let open: fn(Option<usize>) -> ($tx, $rx) = $open;
                open(capacity)
            }
            fn send(tx: &Self::Tx, v: u64) {
                tx.send(v).unwrap()
            }
            fn recv(rx: &Self::Rx) -> u64 {
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
channel!(StdUnbounded, std_mpsc::Sender<u64>, std_mpsc::Receiver<u64>, |_| std_mpsc::channel(), |_| None);
channel!(
    StdBounded,
    std_mpsc::SyncSender<u64>,
    std_mpsc::Receiver<u64>,
    |c| std_mpsc::sync_channel(c.unwrap()),
    |_| None
);
channel!(
    Crossbeam,
    crossbeam_channel::Sender<u64>,
    crossbeam_channel::Receiver<u64>,
    |c| c.map_or_else(crossbeam_channel::unbounded, crossbeam_channel::bounded),
    |rx| Some(rx.clone())
);
channel!(
    Flume,
    flume::Sender<u64>,
    flume::Receiver<u64>,
    |c| c.map_or_else(flume::unbounded, flume::bounded),
    |rx| Some(rx.clone())
);
channel!(
    Kanal,
    kanal::Sender<u64>,
    kanal::Receiver<u64>,
    |c| c.map_or_else(kanal::unbounded, kanal::bounded),
    |rx| Some(rx.clone())
);

fn run<C: Channel>(job: &Job) -> Outcome {
    match job.work.as_str() {
        "seq" => seq::<C>(job),
        "cross" => cross::<C>(job),
        _ => ping_pong::<C>(job),
    }
}

fn seq<C: Channel>(job: &Job) -> Outcome {
    let (tx, rx) = C::open(job.capacity);
    let mut got = 0;
    let start = Instant::now();
    for v in 1..=job.count {
        C::send(&tx, v);
        got += C::recv(&rx);
    }
    let out = sum::outcome(start, job.count);
    sum::check(got, sum::to(job.count));
    out
}

fn cross<C: Channel>(job: &Job) -> Outcome {
    let (tx, rx) = C::open(job.capacity);
    let each = sum::each(job);
    let total = each * job.producers as u64;
    let share = total / job.consumers as u64;
    let start = Instant::now();
    let mut receivers: Vec<C::Rx> = (1..job.consumers).map(|_| C::share(&rx).unwrap()).collect();
    receivers.push(rx);
    let consumers: Vec<_> = receivers
        .into_iter()
        .map(|rx| thread::spawn(move || (0..share).fold(0, |sum, _| sum + C::recv(&rx))))
        .collect();
    let producers: Vec<_> = (0..job.producers)
        .map(|_| {
            let tx = tx.clone();
            thread::spawn(move || {
                for v in 1..=each {
                    C::send(&tx, v);
                }
                start.elapsed()
            })
        })
        .collect();
    let finished: Vec<_> = producers.into_iter().map(|p| p.join().unwrap()).collect();
    let got: u64 = consumers.into_iter().map(|c| c.join().unwrap()).sum();
    let mut out = sum::outcome(start, total);
    out.fairness = sum::fairness(&finished);
    sum::check(got, sum::to(each) * job.producers as u64);
    out
}

fn ping_pong<C: Channel>(job: &Job) -> Outcome {
    let (ping, ping_rx) = C::open(job.capacity);
    let (pong, pong_rx) = C::open(job.capacity);
    let n = job.count;
    let start = Instant::now();
    let echo = thread::spawn(move || {
        for _ in 0..n {
            C::send(&pong, C::recv(&ping_rx) + 1);
        }
    });
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

fn is_channel_work(job: &Job) -> bool {
    match job.work.as_str() {
        // On one thread a rendezvous never happens.
        "seq" => job.capacity != Some(0),
        "cross" | "pingpong" => true,
        _ => false,
    }
}

pub fn peers() -> Vec<Peer> {
    vec![
        Peer { name: "rust std", can: |j| is_channel_work(j) && j.consumers == 1, run: std_run },
        Peer { name: "rust crossbeam", can: is_channel_work, run: run::<Crossbeam> },
        Peer { name: "rust flume", can: is_channel_work, run: run::<Flume> },
        Peer { name: "rust kanal", can: is_channel_work, run: run::<Kanal> },
    ]
}

fn std_run(job: &Job) -> Outcome {
    match job.capacity {
        None => run::<StdUnbounded>(job),
        Some(_) => run::<StdBounded>(job),
    }
}
