//! Runs programs of channel operations on the Rust libraries, for the tests of handoff.
//!
//! A line of standard input is a program:
//!
//!     LIBRARY MODE CAPACITIES|OPERATION;OPERATION;...
//!
//! such as `tokio prompt 1,none|send s0 f0 1;poll f0 0`. The answer is a line for each
//! operation, and then the line "end". world.rs has the operations.

#[macro_use]
mod shared;

mod async_chan;
mod crossbeam;
mod face;
mod flume_chan;
mod kanal_chan;
mod msg;
mod oneshot;
mod std_mpsc;
mod threads;
mod tokio_mpsc;
mod wake;
mod world;

use std::io::{self, BufRead, Write};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::rc::Rc;

fn opener(library: &str) -> world::Open {
    match library {
        "std" => std_mpsc::open,
        "async-channel" => async_chan::open,
        "tokio" => tokio_mpsc::open,
        "oneshot" => oneshot::open,
        "crossbeam" => crossbeam::open,
        "flume" => flume_chan::open,
        "kanal" => kanal_chan::open,
        _ => panic!("unknown library {library:?}"),
    }
}

fn run(line: &str, threads: &mut threads::Threads, out: &mut impl Write) {
    let (head, ops) = line.split_once('|').expect("a program has a bar");
    let head: Vec<&str> = head.split(' ').collect();
    let caps: Vec<Option<usize>> = head[2].split(',').map(|c| c.parse().ok()).collect();
    let (library, one) = head[0].strip_suffix("-one").map_or((head[0], false), |library| (library, true));
    let open = opener(library);
    let clock = (ops.contains("for ") || ops.contains("advance")).then(|| {
        Rc::new(tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap())
    });
    let entered = clock.clone();
    let _entered = entered.as_ref().map(|clock| clock.enter());
    let world = catch_unwind(AssertUnwindSafe(|| world::World::new(open, &caps, head[1] == "prompt", one, clock)));
    let Ok(mut world) = world else {
        writeln!(out, "panic").unwrap();
        return;
    };
    for op in ops.split(';').filter(|op| !op.is_empty()) {
        match catch_unwind(AssertUnwindSafe(|| world.step(threads, op))) {
            Ok(line) => writeln!(out, "{line}").unwrap(),
            Err(_) => {
                writeln!(out, "panic").unwrap();
                std::mem::forget(world);
                threads.abandon();
                msg::dropped();
                return;
            }
        }
    }
    if threads.abandon() {
        writeln!(out, "stuck").unwrap();
    }
    drop(world);
}

fn main() {
    std::panic::set_hook(Box::new(|info| {
        if std::env::var_os("SHOW_PANICS").is_some() {
            eprintln!("{info}");
        }
    }));
    let mut threads = threads::Threads::default();
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        run(&line.unwrap(), &mut threads, &mut out);
        writeln!(out, "end").unwrap();
        out.flush().unwrap();
    }
}
