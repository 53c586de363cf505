//! Runs one peer in one scenario and prints what it took, as a line of JSON.
//!
//!     handoff-peers list WORK CAPACITY PRODUCERS CONSUMERS
//!     handoff-peers run PEER WORK CAPACITY PRODUCERS CONSUMERS COUNT
//!
//! `list` prints the names of those who can do it. A capacity of -1 is none. What the work is
//! stands in the Go packages `channels` and `tasks`.

mod blocking;
mod sum;
mod task;
mod tasks;

use std::process::exit;

/// One piece of work, as the command line tells it.
#[derive(Clone)]
pub struct Job {
    pub work: String,
    pub capacity: Option<usize>,
    pub producers: usize,
    pub consumers: usize,
    pub count: u64,
}

/// What a run took.
pub struct Outcome {
    pub ns: f64,
    /// Time of the first producer that was done, divided by that of the last.
    pub fairness: Option<f64>,
}

/// A peer: its name, whether it can do a job, and how.
pub struct Peer {
    pub name: &'static str,
    pub can: fn(&Job) -> bool,
    pub run: fn(&Job) -> Outcome,
}

fn usage() -> ! {
    eprintln!("usage: handoff-peers list WORK CAPACITY PRODUCERS CONSUMERS");
    eprintln!("       handoff-peers run PEER WORK CAPACITY PRODUCERS CONSUMERS COUNT");
    exit(2)
}

fn parse<N: std::str::FromStr>(what: &str, text: &str) -> N {
    text.parse().unwrap_or_else(|_| {
        eprintln!("handoff-peers: {what} is not a number: {text}");
        exit(2)
    })
}

fn job(args: &[String], count: u64) -> Job {
    let capacity: i64 = parse("the capacity", &args[1]);
    Job {
        work: args[0].clone(),
        capacity: usize::try_from(capacity).ok(),
        producers: parse("the number of producers", &args[2]),
        consumers: parse("the number of consumers", &args[3]),
        count,
    }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let peers: Vec<Peer> = blocking::peers().into_iter().chain(task::peers()).chain(tasks::peers()).collect();
    match args.first().map(String::as_str) {
        Some("list") if args.len() == 5 => {
            let job = job(&args[1..], 0);
            for p in peers.iter().filter(|p| (p.can)(&job)) {
                println!("{}", p.name);
            }
        }
        Some("run") if args.len() == 7 => {
            let job = job(&args[2..], parse("the count", &args[6]));
            let Some(peer) = peers.iter().find(|p| p.name == args[1] && (p.can)(&job)) else {
                eprintln!("handoff-peers: {} does not do {}", args[1], job.work);
                exit(2)
            };
            // Once for practice: the first run pays for pages of memory and for threads.
            (peer.run)(&job);
            let out = (peer.run)(&job);
            let fairness = out.fairness.map_or("null".into(), |f| format!("{f:.4}"));
            println!(
                "{{\"peer\":\"{}\",\"work\":\"{}\",\"count\":{},\"ns\":{:.3},\"fairness\":{}}}",
                peer.name, job.work, job.count, out.ns, fairness
            );
        }
        _ => usage(),
    }
}
