//! How soon a consumer runs that slept: threads and tokio tasks.

use crate::task::many;
use crate::{sum, Job, Outcome, Peer};
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Long enough for everybody to have gone to sleep.
const PAUSE: Duration = Duration::from_millis(3);

/// Sends after each pause; `heard` returns how long the consumer needed.
fn rouse(n: u64, send: impl Fn(Instant), heard: impl Fn() -> Duration) -> Outcome {
    let mut took: Vec<Duration> = (0..n)
        .map(|_| {
            thread::sleep(PAUSE);
            send(Instant::now());
            heard()
        })
        .collect();
    took.sort();
    vec![sum::percentile(&took, 0.5), sum::percentile(&took, 0.99)]
}

/// A thread that waits for the messages. What it answers through is the same for all.
fn thread(job: &Job, send: impl Fn(Instant), messages: impl IntoIterator<Item = Instant> + Send + 'static) -> Outcome {
    let (answer, heard) = std::sync::mpsc::sync_channel(1);
    thread::spawn(move || messages.into_iter().for_each(|t| answer.send(t.elapsed()).unwrap()));
    rouse(job.count, send, || heard.recv().unwrap())
}

fn std_thread(job: &Job) -> Outcome {
    let (tx, rx) = std::sync::mpsc::channel();
    thread(job, |t| tx.send(t).unwrap(), rx)
}

fn crossbeam(job: &Job) -> Outcome {
    let (tx, rx) = crossbeam_channel::unbounded();
    thread(job, |t| tx.send(t).unwrap(), rx)
}

fn flume(job: &Job) -> Outcome {
    let (tx, rx) = flume::unbounded();
    thread(job, |t| tx.send(t).unwrap(), rx)
}

fn kanal(job: &Job) -> Outcome {
    let (tx, rx) = kanal::unbounded();
    thread(job, |t| tx.send(t).unwrap(), rx)
}

fn tokio(job: &Job) -> Outcome {
    let rt = many();
    let (tx, mut rx) = mpsc::unbounded_channel::<Instant>();
    let (answer, heard) = std::sync::mpsc::sync_channel(1);
    rt.spawn(async move {
        while let Some(t) = rx.recv().await {
            answer.send(t.elapsed()).unwrap();
        }
    });
    rouse(job.count, |t| tx.send(t).unwrap(), || heard.recv().unwrap())
}

pub fn peers() -> Vec<Peer> {
    let can: fn(&Job) -> bool = |j| j.is("wake");
    vec![
        Peer { name: "rust std", can, run: std_thread },
        Peer { name: "rust crossbeam", can, run: crossbeam },
        Peer { name: "rust flume", can, run: flume },
        Peer { name: "rust kanal", can, run: kanal },
        Peer { name: "rust tokio", can, run: tokio },
    ]
}
