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

fn std_thread(job: &Job) -> Outcome {
    let (tx, rx) = std::sync::mpsc::channel::<Instant>();
    let (answer, heard) = std::sync::mpsc::sync_channel(1);
    thread::spawn(move || rx.iter().for_each(|t| answer.send(t.elapsed()).unwrap()));
    rouse(job.count, |t| tx.send(t).unwrap(), || heard.recv().unwrap())
}

fn crossbeam(job: &Job) -> Outcome {
    let (tx, rx) = crossbeam_channel::unbounded::<Instant>();
    let (answer, heard) = crossbeam_channel::bounded(1);
    thread::spawn(move || rx.iter().for_each(|t| answer.send(t.elapsed()).unwrap()));
    rouse(job.count, |t| tx.send(t).unwrap(), || heard.recv().unwrap())
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
        Peer { name: "rust tokio", can, run: tokio },
    ]
}
