//! What tokio tasks hold while they wait for a message: the resident size of the process.

use crate::task::{many, AsyncChannel, Channel, Flume, Kanal, TokioBounded, TokioUnbounded};
use crate::{Job, Outcome, Peer};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::Duration;

/// The resident size in bytes. Only Linux tells it this way.
fn resident() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: f64 = text.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * 4096.0)
}

/// How far the consumers have come: those that are about to wait, and the messages received.
#[derive(Default)]
struct Progress {
    started: AtomicU64,
    got: AtomicU64,
}

async fn until(counter: &AtomicU64, n: u64) {
    while counter.load(Ordering::Acquire) < n {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn per(after: Option<f64>, before: Option<f64>, n: u64) -> Option<f64> {
    Some((after? - before?).max(0.0) / n as f64)
}

/// A place for each sender. The system has given it by then, as it is no part of what a consumer holds.
fn places<T>(job: &Job) -> Vec<Option<T>> {
    // Not in view of the compiler: memory that is zero from the start it would not write to.
    let mut places = std::hint::black_box(Vec::with_capacity(job.count as usize));
    places.resize_with(job.count as usize, || None);
    places
}

/// Weighs what `start` makes: first waiting, then after `poke` has sent one message for each. The
/// ends of the channels, or places for them, are there before.
fn weigh<E>(job: &Job, mut ends: E, start: impl Fn(&mut E, Arc<Progress>), poke: impl AsyncFn(&mut E)) -> Outcome {
    // Never dropped: where all wait on one channel, each that leaves looks through those that still do.
    let rt = std::mem::ManuallyDrop::new(many());
    let n = job.count;
    rt.block_on(async {
        tokio::spawn(async {}).await.unwrap(); // the workers exist by now
        let before = resident();
        let progress = Arc::new(Progress::default());
        start(&mut ends, progress.clone());
        until(&progress.started, n).await;
        let waiting = per(resident(), before, n);
        poke(&mut ends).await;
        until(&progress.got, n).await;
        // Nobody ends: a consumer that hears of the end would have to be told apart from a broken one.
        std::mem::forget(ends);
        vec![waiting, per(resident(), before, n)]
    })
}

fn consume<C: Channel<u64> + 'static>(mut rx: C::Rx, progress: Arc<Progress>) {
    tokio::spawn(async move {
        progress.started.fetch_add(1, Ordering::Release);
        loop {
            C::recv(&mut rx).await;
            progress.got.fetch_add(1, Ordering::Release);
        }
    });
}

fn own<C: Channel<u64> + 'static>(job: &Job, capacity: Option<usize>) -> Outcome {
    weigh(
        job,
        places(job),
        |ends, progress| {
            for end in ends {
                let (tx, rx) = C::open(capacity);
                consume::<C>(rx, progress.clone());
                *end = Some(tx);
            }
        },
        async |ends: &mut Vec<Option<C::Tx>>| {
            for tx in ends.iter().flatten() {
                C::send(tx, 1).await;
            }
        },
    )
}

fn shared<C: Channel<u64> + 'static>(job: &Job) -> Outcome {
    let n = job.count;
    weigh(
        job,
        C::open(None),
        |(_, rx), progress| {
            for _ in 0..n {
                consume::<C>(C::share(rx).unwrap(), progress.clone());
            }
        },
        async |(tx, _): &mut (C::Tx, C::Rx)| {
            for _ in 0..n {
                C::send(tx, 1).await;
            }
        },
    )
}

fn promise(job: &Job) -> Outcome {
    weigh(
        job,
        places(job),
        |ends, progress| {
            for end in ends {
                let (tx, rx) = tokio::sync::oneshot::channel::<u64>();
                let progress = progress.clone();
                tokio::spawn(async move {
                    progress.started.fetch_add(1, Ordering::Release);
                    rx.await.unwrap();
                    progress.got.fetch_add(1, Ordering::Release);
                });
                *end = Some(tx);
            }
        },
        async |ends: &mut Vec<Option<_>>| {
            for tx in ends.iter_mut().filter_map(Option::take) {
                tx.send(1).unwrap();
            }
        },
    )
}

pub fn peers() -> Vec<Peer> {
    let own_channel: fn(&Job) -> bool = |j| j.is("memory");
    let shared_channel: fn(&Job) -> bool = |j| j.is("memory shared");
    vec![
        Peer { name: "rust tokio, unbounded", can: own_channel, run: |j| own::<TokioUnbounded>(j, None) },
        Peer { name: "rust tokio, capacity 1", can: own_channel, run: |j| own::<TokioBounded>(j, Some(1)) },
        Peer { name: "rust kanal on tokio, unbounded", can: own_channel, run: |j| own::<Kanal>(j, None) },
        Peer { name: "rust kanal on tokio, capacity 1", can: own_channel, run: |j| own::<Kanal>(j, Some(1)) },
        Peer { name: "rust flume on tokio, unbounded", can: own_channel, run: |j| own::<Flume>(j, None) },
        Peer { name: "rust async-channel on tokio, unbounded", can: own_channel, run: |j| own::<AsyncChannel>(j, None) },
        Peer { name: "rust kanal on tokio", can: shared_channel, run: shared::<Kanal> },
        Peer { name: "rust flume on tokio", can: shared_channel, run: shared::<Flume> },
        Peer { name: "rust async-channel on tokio", can: shared_channel, run: shared::<AsyncChannel> },
        Peer { name: "rust tokio", can: |j| j.is("memory promise"), run: promise },
    ]
}
