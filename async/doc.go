// Package async provides channels with many senders and many receivers whose
// operations are futures, after Rust's async-channel and tokio::sync::mpsc: unbounded,
// bounded and rendezvous channels that are used through sender and receiver handles.
//
// A channel is closed when all handles of one side were dropped, or by Close. From then on
// sends fail, and receives fail once all buffered messages were received. So every handle has
// an owner that drops it. Handles may be cloned and shared by goroutines and by tasks; each
// message goes to one receiver.
//
//	tx, rx := async.Bounded[string](64)
//	go func() {
//	    defer tx.Drop() // the last Drop closes the channel
//	    for _, name := range []string{"Ann", "Bob"} {
//	        _ = tx.Send("hello from " + name).Await(ctx) // waits while the channel is full
//	    }
//	}()
//	for msg := range rx.All(ctx) { // ends when the last sender was dropped
//	    fmt.Println(msg)
//	}
//
// Operations that may wait return a future. Await waits for it in place: a goroutine parks,
// and a function task of package task releases its worker while it waits. Package future
// combines futures, and a polled task needs no goroutine while its future is pending:
//
//	events := async.Select(async.On(orders, fromOrder), async.On(ticks, fromTick))
//	event, err := events.Next().Await(ctx) // whichever comes first, round after round
//	late := future.Timeout(time.Second, rx.Recv())
//	consumer := task.SpawnFuture(ctx, async.ForEach(rx, handle))
//
// # Futures
//
// A future has one owner, which awaits it, polls it, or passes it on. The operation starts
// with the first Await or Poll. Poll returns the same result as Await, except that it never
// returns ctx's error, because a poll does not check a context. A future completes once:
// afterwards Await and Poll return [future.ErrConsumed]. After Drop, and on a zero value, they
// return [ErrDropped]. Drop never blocks and may be called again.
//
// # Rules
//
// They are those of package mpsc and hold for unbounded, bounded and rendezvous channels.
//
//   - Data before the close: a receive returns [ErrClosed] only after everything that was
//     sent has been received. A TrySend returns ErrClosed rather than [ErrFull].
//   - Messages arrive in one order, which keeps the order of each sender. A send that
//     is complete is visible to the next receive and to Len. [Sender.ForceSend] overtakes
//     waiting sends, and nothing else does.
//   - A failed send returns its value in a [SendError]. Exactly one of these happens to a
//     message: it is received, returned to its sender, evicted and returned by a ForceSend,
//     or discarded by the Drop of the last receiver.
//   - A message that was handed over before a cancellation took effect was sent, and its
//     send succeeds.
//   - Every wait ends when the channel is closed, when its context ends, when its future is
//     dropped, or when its own handle is dropped.
//
// Where the Rust libraries disagree: a capacity of 0 is a rendezvous, as in std, where
// async-channel and tokio panic. The last receiver's Drop discards buffered messages at
// once, as in tokio; async-channel keeps them, and callers that wait for a reply to one of
// them keep waiting. A free slot goes to the send or reservation that has waited longest, as
// in tokio. A weak handle does not upgrade once the channel is closed, as in async-channel. A
// permit is not a sender, unlike tokio's OwnedPermit; once no receiver is left, its Send fails
// and returns the value.
//
// # Disconnection
//
// A channel is closed by the Drop of the last sender, by the Drop of the last receiver,
// or by Close or CloseCause on any handle. From then on sends fail, except through permits
// that were granted before. [Sender.Closed] completes, and the channel of [Sender.Done] is
// closed. Buffered messages can still be received, unless no receiver is left. Receivers see
// [ErrClosed] once the channel is closed and empty and no permits are outstanding.
//
// CloseCause records a reason: from then on errors match both ErrClosed and the reason under
// errors.Is, and Cause returns the reason.
//
// # Clean shutdown
//
// Producers end a stream. Each drops its handle, preferably with a defer, and the consumer's
// loop over [Receiver.All], or its [ForEach], ends after the last message. A handle that is
// never dropped keeps the channel open. So the code that made the channel drops the first
// sender once it has cloned it for every producer, and a consumer that sends to itself, such
// as an actor, keeps a [WeakSender]. A consumer that wants to drain what is buffered calls
// Close and keeps receiving; one that wants nothing more calls Drop.
//
// # Cancel safety
//
// A future may be dropped between any two polls. A lost race, a timeout, and an Await whose
// context ends drop it.
//
//   - Recv, RecvMany, Closed and a round of a [Selector]: nothing is lost. A message is
//     taken only in the poll that returns it, and a notification that was not used is passed
//     on to the next waiter.
//   - Send: it offers its value from the first poll on. When it is dropped, the value was
//     either taken or is still the caller's: see [SendFuture.Unsent] and [SendManyFuture.Sent].
//   - Reserve, ReserveMany: the reservation leaves the wait queue, and slots that it was
//     granted and has not returned are released.
//   - ForEach, Pipe: the handles are dropped. No message is lost, except for the one that a
//     Pipe offers at capacity 0; see there.
//
// A race drops the losing futures; the effect depends on the loser. In a race of a Send with a
// Recv of one channel both may take effect: the Recv may take the message that the Send
// offers, or the loser may have completed before the winner was polled. [SendFuture.Unsent]
// reports whether the message was sent.
//
// An abandoned future, which was polled and is then neither polled again nor dropped, holds
// back one notification at most: the next operation notifies the next waiter, and a TryRecv
// receives any buffered message. An abandoned reservation that was granted keeps its slots.
//
// Wakers are called without holding a lock, so a waker may use the channel.
//
// # Fairness
//
// Sends and reservations that wait are in one FIFO queue, and a free slot belongs to the first
// of them: a TrySend does not get it. A reservation of several slots stays at the head until
// all of them are free. Each message notifies one waiting receive, in the order in which they
// began to wait. A notification is not a delivery: another receive may take the message first.
// Only a goroutine that is parked in a call is handed a message directly, if none is queued
// before it, and at capacity 0 also ahead of polled receives. [Receiver.Ready] is notified of
// every message, in addition to the receive. [ForEach] and [Pipe] let other tasks run after
// 128 messages.
//
// # From blocking code
//
// [Sender.SendBlocking] and [Receiver.RecvBlocking] need no context and park the
// goroutine, TrySend and TryRecv never wait, and [Receiver.Ready] and [Sender.Done] are
// native channels for a select. All of them work on the same channel as the futures, at
// the same time, from goroutines and from tasks. Inside a task use the futures: they
// release the worker while they wait.
//
// # Names
//
// [Named] gives a channel a name when it is made. String of its handles and package observe
// show it.
//
// # Testing
//
// All waits work inside testing/synctest: a goroutine parked in this package is durably
// blocked. As with native channels, do not share a channel between a bubble and the
// world outside. There are no background goroutines for goleak to find.
//
// # Memory model
//
// In the terms of the Go memory model, a send synchronizes before the completion of the
// receive that returns its message. On a rendezvous channel the receive also
// synchronizes before the completion of the send. The call that closes a channel synchronizes
// before an operation that reports [ErrClosed] and before Done is closed.
//
// # Costs
//
// An operation that need not wait takes one short lock on its own end of the channel,
// which is two atomic operations. Made and awaited in one expression, a future stays on
// the stack: neither tx.Send(v).Await(ctx) nor rx.Recv().Await(ctx) allocates, ready or
// parked, in steady state. A future that is polled by others is one allocation; what it
// needs to wait is kept by its handle for the next one. A batch pays for one lock. A
// permit is an allocation.
//
// A channel and its first two handles take 256 bytes, and no memory for messages before
// the first. An idle consumer, a ForEach in a polled task on a channel of its own, takes
// some 630 bytes in all, less than a quarter of a goroutine on a chan.
// docs/design/async.md has the measurements and the reasons for the design.
package async
