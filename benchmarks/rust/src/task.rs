//! Tasks that await, on tokio: its own channel, kanal, flume and async-channel.

use crate::{sum, Job, Outcome, Peer};
use std::future::Future;
use std::time::Instant;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;

/// A channel as the scenarios use it. All calls are resolved at compile time.
trait Channel {
    type Tx: Clone + Send + Sync + 'static;
    type Rx: Send + Sync + 'static;
    fn open(capacity: Option<usize>) -> (Self::Tx, Self::Rx);
    fn send(tx: &Self::Tx, v: u64) -> impl Future<Output = ()> + Send;
    fn recv(rx: &mut Self::Rx) -> impl Future<Output = u64> + Send;
    /// None where there is one receiver only.
    fn share(rx: &Self::Rx) -> Option<Self::Rx>;
}

struct TokioUnbounded;
impl Channel for TokioUnbounded {
    type Tx = mpsc::UnboundedSender<u64>;
    type Rx = mpsc::UnboundedReceiver<u64>;
    fn open(_: Option<usize>) -> (Self::Tx, Self::Rx) {
        mpsc::unbounded_channel()
    }
    async fn send(tx: &Self::Tx, v: u64) {
        tx.send(v).unwrap()
    }
    async fn recv(rx: &mut Self::Rx) -> u64 {
        rx.recv().await.unwrap()
    }
    fn share(_: &Self::Rx) -> Option<Self::Rx> {
        None
    }
}

struct TokioBounded;
impl Channel for TokioBounded {
    type Tx = mpsc::Sender<u64>;
    type Rx = mpsc::Receiver<u64>;
    fn open(capacity: Option<usize>) -> (Self::Tx, Self::Rx) {
        mpsc::channel(capacity.unwrap())
    }
    async fn send(tx: &Self::Tx, v: u64) {
        tx.send(v).await.unwrap()
    }
    async fn recv(rx: &mut Self::Rx) -> u64 {
        rx.recv().await.unwrap()
    }
    fn share(_: &Self::Rx) -> Option<Self::Rx> {
        None
    }
}

struct Kanal;
impl Channel for Kanal {
    type Tx = kanal::AsyncSender<u64>;
    type Rx = kanal::AsyncReceiver<u64>;
    fn open(capacity: Option<usize>) -> (Self::Tx, Self::Rx) {
        capacity.map_or_else(kanal::unbounded_async, kanal::bounded_async)
    }
    async fn send(tx: &Self::Tx, v: u64) {
        tx.send(v).await.unwrap()
    }
    async fn recv(rx: &mut Self::Rx) -> u64 {
        rx.recv().await.unwrap()
    }
    fn share(rx: &Self::Rx) -> Option<Self::Rx> {
        Some(rx.clone())
    }
}

struct Flume;
impl Channel for Flume {
    type Tx = flume::Sender<u64>;
    type Rx = flume::Receiver<u64>;
    fn open(capacity: Option<usize>) -> (Self::Tx, Self::Rx) {
        capacity.map_or_else(flume::unbounded, flume::bounded)
    }
    async fn send(tx: &Self::Tx, v: u64) {
        tx.send_async(v).await.unwrap()
    }
    async fn recv(rx: &mut Self::Rx) -> u64 {
        rx.recv_async().await.unwrap()
    }
    fn share(rx: &Self::Rx) -> Option<Self::Rx> {
        Some(rx.clone())
    }
}

struct AsyncChannel;
impl Channel for AsyncChannel {
    type Tx = async_channel::Sender<u64>;
    type Rx = async_channel::Receiver<u64>;
    fn open(capacity: Option<usize>) -> (Self::Tx, Self::Rx) {
        capacity.map_or_else(async_channel::unbounded, async_channel::bounded)
    }
    async fn send(tx: &Self::Tx, v: u64) {
        tx.send(v).await.unwrap()
    }
    async fn recv(rx: &mut Self::Rx) -> u64 {
        rx.recv().await.unwrap()
    }
    fn share(rx: &Self::Rx) -> Option<Self::Rx> {
        Some(rx.clone())
    }
}

/// As many workers as there are processors.
pub fn many() -> Runtime {
    Builder::new_multi_thread().build().unwrap()
}

/// One thread, the caller's.
pub fn current() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

/// Runs the job in a task, so that the thread that called takes no part.
fn run<C: Channel + 'static>(rt: Runtime, job: &Job) -> Outcome {
    let job = job.clone();
    let work = async move {
        match job.work.as_str() {
            "seq" => seq::<C>(&job).await,
            "cross" => cross::<C>(&job).await,
            _ => ping_pong::<C>(&job).await,
        }
    };
    rt.block_on(async { tokio::spawn(work).await.unwrap() })
}

async fn seq<C: Channel>(job: &Job) -> Outcome {
    let (tx, mut rx) = C::open(job.capacity);
    let mut got = 0;
    let start = Instant::now();
    for v in 1..=job.count {
        C::send(&tx, v).await;
        got += C::recv(&mut rx).await;
    }
    let out = sum::outcome(start, job.count);
    sum::check(got, sum::to(job.count));
    out
}

async fn cross<C: Channel + 'static>(job: &Job) -> Outcome {
    let (tx, rx) = C::open(job.capacity);
    let each = sum::each(job);
    let total = each * job.producers as u64;
    let share = total / job.consumers as u64;
    let start = Instant::now();
    let mut receivers: Vec<C::Rx> = (1..job.consumers).map(|_| C::share(&rx).unwrap()).collect();
    receivers.push(rx);
    let mut consumers = Vec::new();
    for mut rx in receivers {
        consumers.push(tokio::spawn(async move {
            let mut sum = 0;
            for _ in 0..share {
                sum += C::recv(&mut rx).await;
            }
            sum
        }));
    }
    let mut producers = Vec::new();
    for _ in 0..job.producers {
        let tx = tx.clone();
        producers.push(tokio::spawn(async move {
            for v in 1..=each {
                C::send(&tx, v).await;
            }
            start.elapsed()
        }));
    }
    let mut finished = Vec::new();
    for p in producers {
        finished.push(p.await.unwrap());
    }
    let mut got: u64 = 0;
    for c in consumers {
        got += c.await.unwrap();
    }
    let mut out = sum::outcome(start, total);
    out.fairness = sum::fairness(&finished);
    sum::check(got, sum::to(each) * job.producers as u64);
    out
}

async fn ping_pong<C: Channel + 'static>(job: &Job) -> Outcome {
    let (ping, mut ping_rx) = C::open(job.capacity);
    let (pong, mut pong_rx) = C::open(job.capacity);
    let n = job.count;
    let start = Instant::now();
    let echo = tokio::spawn(async move {
        for _ in 0..n {
            let v = C::recv(&mut ping_rx).await;
            C::send(&pong, v + 1).await;
        }
    });
    let mut v = 0;
    for _ in 0..n {
        C::send(&ping, v).await;
        v = C::recv(&mut pong_rx).await;
    }
    let out = sum::outcome(start, n);
    echo.await.unwrap();
    sum::check(v, n);
    out
}

fn is_channel_work(job: &Job) -> bool {
    match job.work.as_str() {
        "seq" => job.capacity != Some(0),
        "cross" | "pingpong" => true,
        _ => false,
    }
}

/// tokio and async-channel have no rendezvous.
fn has_slots(job: &Job) -> bool {
    is_channel_work(job) && job.capacity != Some(0)
}

fn is_tokio_work(job: &Job) -> bool {
    has_slots(job) && job.consumers == 1
}

fn tokio_run(rt: Runtime, job: &Job) -> Outcome {
    match job.capacity {
        None => run::<TokioUnbounded>(rt, job),
        Some(_) => run::<TokioBounded>(rt, job),
    }
}

pub fn peers() -> Vec<Peer> {
    vec![
        Peer { name: "rust tokio", can: is_tokio_work, run: |j| tokio_run(many(), j) },
        Peer { name: "rust tokio, current thread", can: is_tokio_work, run: |j| tokio_run(current(), j) },
        Peer { name: "rust kanal on tokio", can: is_channel_work, run: |j| run::<Kanal>(many(), j) },
        Peer { name: "rust flume on tokio", can: is_channel_work, run: |j| run::<Flume>(many(), j) },
        Peer { name: "rust async-channel on tokio", can: has_slots, run: |j| run::<AsyncChannel>(many(), j) },
    ]
}
