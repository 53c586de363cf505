// Package mpsc provides channels with many senders and one receiver, after Rust's
// std::sync::mpsc: unbounded, bounded and rendezvous channels that are used through sender
// and receiver handles.
//
// A channel is disconnected when all handles of one side were dropped. A receive then fails
// once every buffered message was received, and a send fails at once and returns its message.
// A disconnected peer never causes a panic, and no operation blocks on a peer that was dropped.
//
// So every handle has an owner that drops it. Senders may be cloned and shared; the
// receiver belongs to one goroutine at a time.
//
//	tx, rx := mpsc.Channel[string]()
//	for _, name := range []string{"Ann", "Bob"} {
//	    tx := tx.Clone() // every goroutine has a handle of its own
//	    go func() {
//	        defer tx.Drop() // when this producer is done
//	        tx.Send("hello from " + name)
//	    }()
//	}
//	tx.Drop() // the first handle is one too
//	for msg := range rx.All() { // ends when the last sender was dropped
//	    fmt.Println(msg)
//	}
//
// # Rules
//
// They hold for unbounded, bounded and rendezvous channels.
//
//   - Data before the disconnection: a receive returns [ErrDisconnected] only after
//     everything that was sent has been received. A TrySend returns ErrDisconnected rather
//     than [ErrFull].
//   - Messages arrive in one order, which keeps the order of each sender. A send
//     that has returned is visible to the next receive and to Len.
//   - After the last sender's Drop buffered messages can still be received. The
//     receiver's Drop discards them at once and wakes every waiting sender.
//   - A failed send returns its value in a [SendError]. Exactly one of these happens to a
//     message: it is received, returned to its sender, or discarded by the receiver's Drop.
//   - If a message was handed over before a timeout or a cancellation took effect, the send
//     and the receive succeed.
//   - An operation with a timeout, deadline or context tries once before it checks
//     them. A timeout never ends early.
//   - Every wait ends when the other side disconnects, when its context ends or its deadline
//     passes, or when its own handle is dropped.
//   - Waiting senders are served in FIFO order.
//   - A received message is not kept alive by the channel. After a burst it keeps
//     at most one block of memory to spare.
//   - A channel has no goroutine of its own and starts none.
//
// # Choosing a flavour
//
// [SyncChannel] with a bound is the normal choice: when the consumer falls behind,
// the senders wait, and memory stays bounded. A bound of 0 makes a rendezvous channel: when
// a send has returned, its message was received. [Channel] never makes a sender
// wait; it is for messages whose number is bounded otherwise, such as replies to
// requests or one event for each of a known set of things.
//
// # Clean shutdown
//
// Producers end a stream: each drops its handle, preferably by a defer, and the
// consumer's loop over [Receiver.All] ends after the last message.
//
// Do not keep an extra handle: an undropped sender keeps the channel open, and the consumer's
// loop never ends. So the goroutine that made the channel drops its first handle once it has
// cloned it for every producer.
//
// A consumer that wants no more messages calls [Receiver.Drop]. Every send then fails at
// once, waiting ones included, and Done of the senders is closed. A producer that waits for
// something else can select on Done.
//
// # Errors
//
// [ErrDisconnected], [ErrFull], [ErrEmpty], [ErrTimeout] and [ErrDropped] are
// compared with [errors.Is]. A context's error comes back as it is. The error of a
// single send is a [*SendError] around one of them, found by [errors.AsType] if the
// value is wanted back. The batch operations return a count and the bare error, because
// their callers still have the values.
//
// # One consumer
//
// A [Receiver] belongs to one goroutine at a time. A second one that enters a
// receive call while the first is inside is a mistake in the program, and panics.
// Nothing is lost or corrupted by it.
//
// # Select
//
// [Receiver.Ready] and the Done method of a sender return native channels, for a select
// with other channels. [Receiver.Ready] shows the loop.
//
// # Names
//
// [Named] gives a channel a name when it is made. String of its handles and package observe
// show it.
//
// # Testing
//
// All waits work inside testing/synctest: a goroutine parked in this package is
// durably blocked, and timeouts follow the fake clock. As with native channels, do
// not share a channel between a bubble and the world outside. There are no
// background goroutines for goleak to find.
//
// # Memory model
//
// In the terms of the Go memory model, a send synchronizes before the return of the
// receive that returns its message. On a rendezvous channel the receive also
// synchronizes before the return of the send. The Drop of the last sender
// synchronizes before a receive that returns [ErrDisconnected], and the receiver's
// Drop before a send that does and before Done is closed.
//
// # Costs
//
// An operation that need not wait takes one short lock on its own end of the
// channel, which is two atomic operations, and allocates nothing. A wait parks the
// goroutine on a sync.Cond; with a timeout, deadline or context, on a select. Waits
// allocate nothing in steady state, except for the timer of a timeout or deadline.
// A batch takes one lock. Clone is one allocation. An idle channel takes about 250 bytes;
// memory for messages is allocated with the first message. The benchmarks of this package
// compare it with native channels; docs/design/queues.md has the results and the reasons for
// the design.
package mpsc
