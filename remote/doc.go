// Package remote is a channel between processes and machines: the Send and Recv of
// package async over NATS JetStream. It is a module of its own, so that programs
// which do not use it do not depend on the NATS client and server.
//
//	conn, err := remote.Open(ctx, "nats://queue.example:4222") // or "" for a server in this process
//	tx, rx, err := remote.Bounded[Job](ctx, conn, "jobs", 1000)
//	err = tx.Send(job).Await(ctx) // the stream has stored it
//	d, err := rx.Recv().Await(ctx)
//	err = d.Ack() // done: it never comes again
//
// # What is different from a channel in memory
//
// A send is complete when the stream has stored the message, on a majority of its
// replicas; a server that stores alone writes it to its file, and to the disk itself every
// two minutes unless [Server] sets SyncAlways. A receive lends the message: it is removed only when the delivery is
// acknowledged, and is delivered again, perhaps to another receiver, when that does not
// happen within the ack wait. So a message is delivered at least once. Each carries an id, and
// the stream stores an id once inside the dedup window: a send that is tried again
// after a lost answer is stored once.
//
// A call that fails because its context ended while the message was on its way cannot
// know whether it arrived. Its error matches [ErrUncertain]; sending the value again
// with the same id, by [Sender.SendID], stores it exactly once.
//
// # Handles
//
// [Bounded] and [Unbounded] return both ends, as in memory. An end counts from its first
// use, and one that is dropped unused never counted: a worker that drops the sender it
// was given ends nothing. What counts holds a lease that is renewed while the process
// lives; a crash lets it expire.
//
// Durable channels, the default, keep storing while there is no receiver. [Transient] ones
// live in the memory of the server, and the Done of their senders is closed when the last
// receiver disconnects.
package remote
