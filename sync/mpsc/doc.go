// Package mpsc provides channels with many senders and one receiver, after Rust's
// std::sync::mpsc: unbounded, bounded and rendezvous channels whose ends are
// handles.
//
// A channel ends when all handles of one side are dropped, and the other side is
// told: the receiver by the error of a receive once everything was delivered, a
// sender by the error of its send, which gives the message back. Nothing panics
// because the other side left, and nobody waits for somebody who is gone.
//
// So every handle has an owner who drops it. Senders may be cloned and shared; the
// receiver belongs to one goroutine at a time.
//
//	tx, rx := mpsc.Channel[string]()
//	for _, name := range []string{"Ann", "Bob"} {
//	    tx := tx.Clone() // every goroutine has a handle of its own
//	    go func() {
//	        defer tx.Drop() // and says when it is done
//	        tx.Send("hello from " + name)
//	    }()
//	}
//	tx.Drop() // the first handle is one too
//	for msg := range rx.All() { // ends when the last sender is gone
//	    fmt.Println(msg)
//	}
//
// # Rules
//
// They hold for every flavour.
//
//   - Data first, then the end: a receive reports [ErrDisconnected] only when
//     everything sent was received. A TrySend reports the end before it reports
//     [ErrFull].
//   - Messages arrive in one order, which keeps the order of each sender. A send
//     that has returned is seen by the next receive and by Len.
//   - The last sender's Drop leaves what is buffered to the receiver. The
//     receiver's Drop discards it at once, and every waiting sender wakes up.
//   - A failed send gives its value back in a [SendError]. A message is received,
//     or returned to its sender, or discarded by the receiver's Drop: never two of
//     these and never none.
//   - Success is success: if a message was handed over before a timeout or a
//     cancellation took effect, the send and the receive succeed.
//   - An operation with a timeout, deadline or context tries once before it looks
//     at them. A timeout never ends early.
//   - Every wait ends when the other side goes, when its context or deadline
//     ends, or when its own handle is dropped.
//   - Who waits is served first come, first served.
//   - A received message is not kept alive by the channel. After a burst it keeps
//     at most one block of memory to spare.
//   - A channel has no goroutine of its own and starts none.
//
// # Choosing a flavour
//
// [SyncChannel] with a bound is the normal choice: when the consumer falls behind,
// the senders wait, and memory stays bounded. A bound of 0 makes every message a
// meeting: a send that has returned was received. [Channel] never makes a sender
// wait; it is for messages whose number is bounded otherwise, such as replies to
// requests or one event for each of a known set of things.
//
// # Clean shutdown
//
// Producers end a stream: each drops its handle, preferably by a defer, and the
// consumer's loop over [Receiver.All] ends by itself when it has seen everything.
//
// Keep no spare handle: one that is never dropped keeps the channel open, and the
// consumer's loop waits for it. So the goroutine that made the channel drops its first
// handle once it has cloned it for everybody.
//
// A consumer that wants no more calls [Receiver.Drop]. Every send then fails at
// once, waiting ones included, and Done of the senders is closed, which a producer
// can watch while it is busy with something else.
//
// # Errors
//
// [ErrDisconnected], [ErrFull], [ErrEmpty], [ErrTimeout] and [ErrDropped] are
// compared with [errors.Is]. A context's error comes back as it is. The error of a
// single send is a [*SendError] around one of them, found by [errors.AsType] if the
// value is wanted back. The batch operations return a count and the bare error, for
// their callers have the values still.
//
// # One consumer
//
// A [Receiver] belongs to one goroutine at a time. A second one that enters a
// receive call while the first is inside is a mistake in the program, and panics.
// Nothing is lost or corrupted by it.
//
// # Select
//
// [Receiver.Ready] and the Done method of a sender are native channels, for a select
// beside others. See there for the loop.
//
// # Names
//
// [Named] gives a channel a name when it is made, which String of its handles shows and
// which package observe shows with what it knows of the channel.
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
// A batch pays for one lock. Clone is one allocation. A Drop takes as long however
// much is buffered. An idle channel takes about 250 bytes, and no memory for messages
// before the first. How that compares with native channels is measured by
// the benchmarks of this package; docs/design/queues.md has the results and the
// reasons for the design.
package mpsc
