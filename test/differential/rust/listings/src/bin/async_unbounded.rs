//! Listing 3: the same with tasks.

use async_std::task;

fn main() {
    task::block_on(async {
        let (tx, rx) = async_channel::unbounded();

        task::spawn(async move {
            for i in 1..5 {
                tx.send(i).await.unwrap();
                println!("Sent: {}", i);
            }
        });

        while let Ok(received) = rx.recv().await {
            println!("Received: {}", received);
        }
    });
}
