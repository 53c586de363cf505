//! Runs one peer in one scenario and prints what it took, as a line of JSON.
//!
//!     handoff-peers list WORK CAPACITY PRODUCERS CONSUMERS PAYLOAD
//!     handoff-peers run PEER WORK CAPACITY PRODUCERS CONSUMERS PAYLOAD COUNT
//!
//! `list` prints the names of those who can do it, which may be nobody. A capacity of -1 is none, a
//! payload is a number of bytes or `pointer`. What the work is stands in the Go packages `channels`,
//! `tasks` and `idle`.

mod batch;
mod blocking;
mod executor;
mod fairness;
mod gate;
mod memory;
mod message;
mod select;
mod sum;
mod task;
mod tasks;
mod wake;

use std::process::exit;

/// One piece of work, as the command line tells it.
#[derive(Clone)]
pub struct Job {
    pub work: String,
    pub capacity: Option<usize>,
    pub producers: usize,
    pub consumers: usize,
    pub payload: String,
    pub count: u64,
}

impl Job {
    /// Everything but what is sent through channels again and again has messages of 8 bytes.
    pub fn is(&self, work: &str) -> bool {
        self.work == work && self.payload == "8"
    }
}

/// What a run took: the metrics of the scenario, None for one that is not known.
pub type Outcome = Vec<Option<f64>>;

/// A peer: its name, whether it can do a job, and how.
pub struct Peer {
    pub name: &'static str,
    pub can: fn(&Job) -> bool,
    pub run: fn(&Job) -> Outcome,
}

fn usage() -> ! {
    eprintln!("usage: handoff-peers list WORK CAPACITY PRODUCERS CONSUMERS PAYLOAD");
    eprintln!("       handoff-peers run PEER WORK CAPACITY PRODUCERS CONSUMERS PAYLOAD COUNT");
    exit(2)
}

/// All works that there are. To ask for another one is a mistake, and must not look as if only nobody
/// could do it.
const WORKS: [&str; 17] = [
    "seq", "cross", "select", "pingpong", "batch seq", "batch spsc", "create", "open", // channels
    "burst", "fan-out", "spawn", "spawn inside", "yield", // tasks
    "memory", "memory shared", "memory promise", "wake", // idle
];

fn parse<N: std::str::FromStr>(what: &str, text: &str) -> N {
    text.parse().unwrap_or_else(|_| {
        eprintln!("handoff-peers: {what} is not a number: {text}");
        exit(2)
    })
}

fn job(args: &[String], count: u64) -> Job {
    if !WORKS.contains(&args[0].as_str()) {
        eprintln!("handoff-peers: there is no work {:?}", args[0]);
        exit(2)
    }
    let capacity: i64 = parse("the capacity", &args[1]);
    Job {
        work: args[0].clone(),
        capacity: usize::try_from(capacity).ok(),
        producers: parse("the number of producers", &args[2]),
        consumers: parse("the number of consumers", &args[3]),
        payload: args[4].clone(),
        count,
    }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let peers: Vec<Peer> = blocking::peers()
        .into_iter()
        .chain(select::peers())
        .chain(batch::blocking::peers())
        .chain(batch::task::peers())
        .chain(task::peers())
        .chain(tasks::peers())
        .chain(executor::peers())
        .chain(memory::peers())
        .chain(wake::peers())
        .collect();
    match args.first().map(String::as_str) {
        Some("list") if args.len() == 6 => {
            let job = job(&args[1..], 0);
            for p in peers.iter().filter(|p| (p.can)(&job)) {
                println!("{}", p.name);
            }
        }
        Some("run") if args.len() == 8 => {
            let job = job(&args[2..], parse("the count", &args[7]));
            let Some(peer) = peers.iter().find(|p| p.name == args[1] && (p.can)(&job)) else {
                eprintln!("handoff-peers: {} does not do {}", args[1], job.work);
                exit(2)
            };
            // Once for practice: the first run pays for pages of memory and for threads. Not where
            // that is what is measured, or where it would only take long.
            if !matches!(job.work.as_str(), "memory" | "memory shared" | "memory promise" | "wake") {
                (peer.run)(&job);
            }
            let values: Vec<String> =
                (peer.run)(&job).iter().map(|v| v.map_or("null".into(), |v| format!("{v:.4}"))).collect();
            println!("[{}]", values.join(","));
        }
        _ => usage(),
    }
}
