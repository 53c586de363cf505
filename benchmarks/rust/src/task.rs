//! Tasks that await, on tokio: its own channel, kanal, flume and async-channel.

use crate::fairness::Shares;
use crate::message::{expected, is_known, with_message, Message};
use crate::{sum, Job, Outcome, Peer};
use std::future::Future;
use std::ops::RangeInclusive;
use std::time::Instant;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;

/// A channel as the scenarios use it. All calls are resolved at compile time.
pub trait Channel<M> {
    type Tx: Clone + Send + Sync + 'static;
    type Rx: Send + Sync + 'static;
    fn open(capacity: Option<usize>) -> (Self::Tx, Self::Rx);
    fn send(tx: &Self::Tx, m: M) -> impl Future<Output = ()> + Send;
    fn recv(rx: &mut Self::Rx) -> impl Future<Output = M> + Send;
    /// None where there is one receiver only.
    fn share(rx: &Self::Rx) -> Option<Self::Rx>;
}

pub struct TokioUnbounded;
impl<M: Message> Channel<M> for TokioUnbounded {
    type Tx = mpsc::UnboundedSender<M>;
    type Rx = mpsc::UnboundedReceiver<M>;
    fn open(_: Option<usize>) -> (Self::Tx, Self::Rx) {
        mpsc::unbounded_channel()
    }
    async fn send(tx: &Self::Tx, m: M) {
        tx.send(m).unwrap()
    }
    async fn recv(rx: &mut Self::Rx) -> M {
        rx.recv().await.unwrap()
    }
    fn share(_: &Self::Rx) -> Option<Self::Rx> {
        None
    }
}

pub struct TokioBounded;
impl<M: Message> Channel<M> for TokioBounded {
    type Tx = mpsc::Sender<M>;
    type Rx = mpsc::Receiver<M>;
    fn open(capacity: Option<usize>) -> (Self::Tx, Self::Rx) {
        mpsc::channel(capacity.unwrap())
    }
    async fn send(tx: &Self::Tx, m: M) {
        tx.send(m).await.unwrap()
    }
    async fn recv(rx: &mut Self::Rx) -> M {
        rx.recv().await.unwrap()
    }
    fn share(_: &Self::Rx) -> Option<Self::Rx> {
        None
    }
}

pub struct Kanal;
impl<M: Message> Channel<M> for Kanal {
    type Tx = kanal::AsyncSender<M>;
    type Rx = kanal::AsyncReceiver<M>;
    fn open(capacity: Option<usize>) -> (Self::Tx, Self::Rx) {
        capacity.map_or_else(kanal::unbounded_async, kanal::bounded_async)
    }
    async fn send(tx: &Self::Tx, m: M) {
        tx.send(m).await.unwrap()
    }
    async fn recv(rx: &mut Self::Rx) -> M {
        rx.recv().await.unwrap()
    }
    fn share(rx: &Self::Rx) -> Option<Self::Rx> {
        Some(rx.clone())
    }
}

pub struct Flume;
impl<M: Message> Channel<M> for Flume {
    type Tx = flume::Sender<M>;
    type Rx = flume::Receiver<M>;
    fn open(capacity: Option<usize>) -> (Self::Tx, Self::Rx) {
        capacity.map_or_else(flume::unbounded, flume::bounded)
    }
    async fn send(tx: &Self::Tx, m: M) {
        tx.send_async(m).await.unwrap()
    }
    async fn recv(rx: &mut Self::Rx) -> M {
        rx.recv_async().await.unwrap()
    }
    fn share(rx: &Self::Rx) -> Option<Self::Rx> {
        Some(rx.clone())
    }
}

pub struct AsyncChannel;
impl<M: Message> Channel<M> for AsyncChannel {
    type Tx = async_channel::Sender<M>;
    type Rx = async_channel::Receiver<M>;
    fn open(capacity: Option<usize>) -> (Self::Tx, Self::Rx) {
        capacity.map_or_else(async_channel::unbounded, async_channel::bounded)
    }
    async fn send(tx: &Self::Tx, m: M) {
        tx.send(m).await.unwrap()
    }
    async fn recv(rx: &mut Self::Rx) -> M {
        rx.recv().await.unwrap()
    }
    fn share(rx: &Self::Rx) -> Option<Self::Rx> {
        Some(rx.clone())
    }
}

/// As many workers as there are processors.
pub fn many() -> Runtime {
    Builder::new_multi_thread().enable_time().build().unwrap()
}

/// One thread, the caller's.
pub fn current() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

/// Runs the job in a task, so that the thread that called takes no part.
pub fn inside(rt: Runtime, work: impl Future<Output = Outcome> + Send + 'static) -> Outcome {
    rt.block_on(async { tokio::spawn(work).await.unwrap() })
}

fn run<C: Channel<u64> + 'static>(rt: Runtime, job: &Job) -> Outcome {
    let j = job.clone();
    match job.work.as_str() {
        "select" => inside(rt, async move { select::<C>(&j).await }),
        "create" => inside(rt, async move { create::<C>(&j) }),
        "open" => inside(rt, async move { open::<C>(&j).await }),
        "pingpong" => inside(rt, async move { ping_pong::<C>(&j).await }),
        _ => stream::<u64, C>(rt, job),
    }
}

fn stream<M: Message, C: Channel<M> + 'static>(rt: Runtime, job: &Job) -> Outcome {
    let j = job.clone();
    match job.work.as_str() {
        "seq" => inside(rt, async move { seq::<M, C>(&j).await }),
        _ => inside(rt, async move { cross::<M, C>(&j).await }),
    }
}

async fn seq<M: Message, C: Channel<M>>(job: &Job) -> Outcome {
    let (tx, mut rx) = C::open(job.capacity);
    let mut got = 0;
    let start = Instant::now();
    for v in 1..=job.count {
        C::send(&tx, M::of(v)).await;
        got += C::recv(&mut rx).await.number();
    }
    let out = sum::outcome(start, job.count);
    sum::check(got, expected::<M>(job.count));
    out
}

async fn cross<M: Message, C: Channel<M> + 'static>(job: &Job) -> Outcome {
    let (tx, rx) = C::open(job.capacity);
    let each = sum::each(job);
    let total = each * job.producers as u64;
    let share = total / job.consumers as u64;
    let shares = Shares::new(job.producers, each);
    let start = Instant::now();
    let mut receivers: Vec<C::Rx> = (1..job.consumers).map(|_| C::share(&rx).unwrap()).collect();
    receivers.push(rx);
    let mut consumers = Vec::new();
    for mut rx in receivers {
        consumers.push(tokio::spawn(async move {
            let mut sum = 0;
            for _ in 0..share {
                sum += C::recv(&mut rx).await.number();
            }
            sum
        }));
    }
    let mut producers = Vec::new();
    for i in 0..job.producers {
        let (tx, shares) = (tx.clone(), shares.clone());
        producers.push(tokio::spawn(async move {
            for part in shares.parts() {
                let last = *part.end();
                send_all::<M, C>(&tx, part).await;
                shares.sent(i, last);
            }
        }));
    }
    for p in producers {
        p.await.unwrap();
    }
    let mut got: u64 = 0;
    for c in consumers {
        got += c.await.unwrap();
    }
    let out = vec![sum::per(start, total), shares.fairness()];
    sum::check(got, expected::<M>(each) * job.producers as u64);
    out
}

async fn send_all<M: Message, C: Channel<M>>(tx: &C::Tx, numbers: RangeInclusive<u64>) {
    for v in numbers {
        C::send(tx, M::of(v)).await;
    }
}

/// Four channels, each with a producer. All are kept open: one that had ended would be ready.
async fn select<C: Channel<u64> + 'static>(job: &Job) -> Outcome {
    let each = job.count.div_ceil(4);
    let (ta, mut a) = C::open(job.capacity);
    let (tb, mut b) = C::open(job.capacity);
    let (tc, mut c) = C::open(job.capacity);
    let (td, mut d) = C::open(job.capacity);
    let start = Instant::now();
    for tx in [&ta, &tb, &tc, &td] {
        let tx = tx.clone();
        tokio::spawn(async move { send_all::<u64, C>(&tx, 1..=each).await });
    }
    let mut got = 0;
    for _ in 0..4 * each {
        let m = tokio::select! {
            m = C::recv(&mut a) => m,
            m = C::recv(&mut b) => m,
            m = C::recv(&mut c) => m,
            m = C::recv(&mut d) => m,
        };
        got += m;
    }
    let out = sum::outcome(start, 4 * each);
    sum::check(got, 4 * expected::<u64>(each));
    out
}

async fn ping_pong<C: Channel<u64> + 'static>(job: &Job) -> Outcome {
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

fn create<C: Channel<u64>>(job: &Job) -> Outcome {
    let start = Instant::now();
    for _ in 0..job.count {
        // Seen by nobody, a channel would not be made at all.
        std::hint::black_box(C::open(job.capacity));
    }
    sum::outcome(start, job.count)
}

async fn open<C: Channel<u64>>(job: &Job) -> Outcome {
    let mut got = 0;
    let start = Instant::now();
    for _ in 0..job.count {
        let (tx, mut rx) = C::open(job.capacity);
        C::send(&tx, 1).await;
        got += C::recv(&mut rx).await;
    }
    let out = sum::outcome(start, job.count);
    sum::check(got, job.count);
    out
}

fn is_channel_work(job: &Job) -> bool {
    match job.work.as_str() {
        "seq" => job.capacity != Some(0) && is_known(&job.payload),
        "cross" => is_known(&job.payload),
        "pingpong" | "create" | "open" => job.payload == "8",
        _ => false,
    }
}

/// kanal's receive loses messages when it is dropped half-way, as a select does.
fn survives_select(job: &Job) -> bool {
    is_channel_work(job) || job.is("select")
}

/// tokio and async-channel have no rendezvous.
fn has_slots(job: &Job) -> bool {
    survives_select(job) && job.capacity != Some(0)
}

fn is_tokio_work(job: &Job) -> bool {
    has_slots(job) && job.consumers == 1
}

fn tokio_run(rt: Runtime, job: &Job) -> Outcome {
    match job.capacity {
        None => with_message!(job, TokioUnbounded, run, stream(rt, job)),
        Some(_) => with_message!(job, TokioBounded, run, stream(rt, job)),
    }
}

pub fn peers() -> Vec<Peer> {
    vec![
        Peer { name: "rust tokio", can: is_tokio_work, run: |j| tokio_run(many(), j) },
        Peer { name: "rust tokio, current thread", can: is_tokio_work, run: |j| tokio_run(current(), j) },
        Peer { name: "rust kanal on tokio", can: is_channel_work, run: |j| with_message!(j, Kanal, run, stream(many(), j)) },
        Peer { name: "rust flume on tokio", can: survives_select, run: |j| with_message!(j, Flume, run, stream(many(), j)) },
        Peer { name: "rust async-channel on tokio", can: has_slots, run: |j| with_message!(j, AsyncChannel, run, stream(many(), j)) },
    ]
}
