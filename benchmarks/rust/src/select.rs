//! A thread that receives from whichever of four channels has a message: crossbeam and flume.

use crate::gate::Gate;
use crate::{sum, Job, Outcome, Peer};
use std::thread;

const WAYS: usize = 4;

fn crossbeam(job: &Job) -> Outcome {
    let open = || job.capacity.map_or_else(crossbeam_channel::unbounded, crossbeam_channel::bounded);
    let channels: Vec<_> = (0..WAYS).map(|_| open()).collect();
    drive(job, channels, |tx, v| tx.send(v).unwrap(), |rxs, n| {
        let mut select = crossbeam_channel::Select::new();
        for rx in rxs {
            select.recv(rx);
        }
        let mut sum = 0;
        for _ in 0..n {
            let ready = select.select();
            let from = ready.index();
            sum += ready.recv(&rxs[from]).unwrap();
        }
        sum
    })
}

fn flume(job: &Job) -> Outcome {
    let open = || job.capacity.map_or_else(flume::unbounded, flume::bounded);
    let channels: Vec<_> = (0..WAYS).map(|_| open()).collect();
    drive(job, channels, |tx, v| tx.send(v).unwrap(), |rxs, n| {
        // A Selector is gone once it has waited.
        let receive = || rxs.iter().fold(flume::Selector::new(), |s, rx| s.recv(rx, |m| m.unwrap())).wait();
        (0..n).fold(0, |sum, _| sum + receive())
    })
}

/// `receive` receives so many messages, and returns their sum. The senders stay until the end: a
/// channel that had ended would be ready.
fn drive<Tx: Clone + Send + 'static, Rx>(
    job: &Job,
    channels: Vec<(Tx, Rx)>,
    send: fn(&Tx, u64),
    receive: impl FnOnce(&[Rx], u64) -> u64,
) -> Outcome {
    let each = job.count.div_ceil(WAYS as u64);
    let total = each * WAYS as u64;
    let (txs, rxs): (Vec<Tx>, Vec<Rx>) = channels.into_iter().unzip();
    let gate = Gate::new(WAYS);
    let producers: Vec<_> = txs
        .iter()
        .map(|tx| {
            let (tx, gate) = (tx.clone(), gate.clone());
            thread::spawn(move || {
                gate.pass();
                (1..=each).for_each(|v| send(&tx, v))
            })
        })
        .collect();
    let start = gate.open();
    let got = receive(&rxs, total);
    let out = sum::outcome(start, total);
    for p in producers {
        p.join().unwrap();
    }
    sum::check(got, WAYS as u64 * sum::to(each));
    out
}

pub fn peers() -> Vec<Peer> {
    vec![
        Peer { name: "rust crossbeam", can: |j| j.is("select"), run: crossbeam },
        Peer { name: "rust flume", can: |j| j.is("select"), run: flume },
    ]
}
