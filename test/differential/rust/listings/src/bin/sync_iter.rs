//! Listing 2: a loop over what a thread sends.

use std::sync::mpsc;
use std::thread;

fn main() {
    let (tx, rx) = mpsc::channel();

    thread::spawn(move || {
        for i in 1..5 {
            tx.send(i).unwrap();
            println!("Sent: {}", i);
        }
    });

    for received in rx {
        println!("Received: {}", received);
    }
}
