//! Threads for calls that block, and how the interpreter sees that they do.

use std::fs::File;
use std::future::Future;
use std::os::unix::fs::FileExt;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::mpsc::{channel, Sender};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

type Job = Box<dyn FnOnce() -> String + Send>;

/// A worker runs one call at a time. Its thread lives as long as the process.
struct Worker {
    jobs: Sender<Job>,
    status: File, // in /proc
    result: Arc<Mutex<Option<String>>>,
    busy: bool,
}

#[derive(Default)]
pub struct Threads {
    workers: Vec<Worker>,
}

struct Sent<T>(T);
// The interpreter gives no other call what a busy thread borrows for itself.
unsafe impl<T> Send for Sent<T> {}

impl<T> Sent<T> {
    fn into(self) -> T {
        self.0
    }
}

fn start() -> Worker {
    let (jobs, inbox) = channel::<Job>();
    let (hello, tid) = channel::<i32>();
    let result = Arc::new(Mutex::new(None));
    let slot = result.clone();
    thread::spawn(move || {
        hello.send(unsafe { libc::gettid() }).unwrap();
        for job in inbox {
            let answer = catch_unwind(AssertUnwindSafe(job)).unwrap_or("panic".into());
            *slot.lock().unwrap() = Some(answer);
        }
    });
    let status = File::open(format!("/proc/self/task/{}/status", tid.recv().unwrap())).unwrap();
    Worker { jobs, status, result, busy: false }
}

impl Threads {
    pub fn is_busy(&self, i: usize) -> bool {
        self.workers.get(i).is_some_and(|w| w.busy)
    }

    pub fn run(&mut self, i: usize, call: impl FnOnce() -> String + 'static) {
        while self.workers.len() <= i {
            self.workers.push(start());
        }
        let call = Sent(call);
        self.workers[i].busy = true;
        self.workers[i].jobs.send(Box::new(move || call.into()())).unwrap();
    }

    /// Waits until each call has returned or sleeps, and returns the results of those that
    /// have. Without a call it returns at once.
    ///
    /// A thread sleeps if the kernel says so twice with no switch of contexts in between: a
    /// thread that another one has woken is runnable at once, so none can be on its way.
    pub fn settle(&mut self) -> Vec<(usize, String)> {
        let mut done = Vec::new();
        if !self.workers.iter().any(|w| w.busy) {
            return done;
        }
        let mut before: Vec<Option<Switches>> = Vec::new();
        let start = Instant::now();
        loop {
            let mut now = Vec::new();
            for (i, w) in self.workers.iter_mut().enumerate() {
                // One that is done must sleep too: it may still hold a lock of the allocator,
                // for which another one sleeps for a moment.
                if let Some(result) = w.result.lock().unwrap().take() {
                    w.busy = false;
                    done.push((i, result));
                    before.clear();
                    continue;
                }
                now.push(asleep(&w.status));
            }
            if now.is_empty() || (now.iter().all(Option::is_some) && now == before) {
                break;
            }
            before = now;
            if start.elapsed() > Duration::from_millis(2) {
                thread::sleep(Duration::from_micros(50));
            } else {
                thread::yield_now();
            }
        }
        done.sort();
        done
    }

    /// Gives up the threads that are still busy; what they hold is leaked.
    pub fn abandon(&mut self) -> bool {
        let stuck = self.workers.iter().any(|w| w.busy);
        self.workers.retain(|w| !w.busy);
        stuck
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Polls a future on this thread, which sleeps in between.
pub fn block_on<T>(mut f: Pin<Box<dyn Future<Output = T>>>) -> T {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        match f.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(out) => return out,
            Poll::Pending => thread::park(),
        }
    }
}

/// How often a thread was switched away from, by itself and by the kernel.
type Switches = (u64, u64);

/// Returns the counts of a thread if it sleeps. It is asked very often, so the file stays open.
fn asleep(status: &File) -> Option<Switches> {
    let mut text = [0; 4096];
    let n = status.read_at(&mut text, 0).ok()?;
    let text = std::str::from_utf8(&text[..n]).ok()?;
    let field = |name: &str| text.lines().find_map(|l| l.strip_prefix(name)).map(str::trim);
    if !field("State:")?.starts_with('S') {
        return None;
    }
    Some((field("voluntary_ctxt_switches:")?.parse().ok()?, field("nonvoluntary_ctxt_switches:")?.parse().ok()?))
}
