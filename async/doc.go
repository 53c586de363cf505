// Package async provides channels with many senders and many receivers whose
// operations are futures, after Rust's async-channel and tokio::sync::mpsc: unbounded,
// bounded and rendezvous channels whose ends are handles.
//
// A channel ends when all handles of one side are dropped, or by Close, and the other
// side is told. So every handle has an owner who drops it. Senders and receivers may be
// cloned and shared, by goroutines and by tasks; each message goes to one receiver.
//
//	tx, rx := async.Bounded[string](64)
//	go func() {
//	    defer tx.Drop() // says that no more comes
//	    for _, name := range []string{"Ann", "Bob"} {
//	        _ = tx.Send("hello from " + name).Await(ctx) // waits while the channel is full
//	    }
//	}()
//	for msg := range rx.All(ctx) { // ends when the last sender is gone
//	    fmt.Println(msg)
//	}
//
// A future is something to wait for. Await waits in place: a goroutine parks, and
// inside a task of package task the task gives its worker away. Or it is combined with
// others by package future, or polled by a task, and costs no goroutine while it
// waits:
//
//	events := async.Select(async.On(orders, fromOrder), async.On(ticks, fromTick))
//	event, err := events.Next().Await(ctx) // whichever comes first, round after round
//	late := future.Timeout(time.Second, rx.Recv())
//	consumer := task.SpawnFuture(ctx, async.ForEach(rx, handle))
//
// # Futures
//
// A future has one owner, who awaits it, polls it, or hands it on. Nothing happens before
// that. Poll comes to what Await returns, but for ctx's error: a poll looks at no context.
// A future completes once: afterwards Await and Poll return [future.ErrConsumed], and after
// Drop [ErrDropped], as those of a zero value do. Drop never blocks and may be called again.
//
// # Rules
//
// They are those of package mpsc, and hold for every flavour.
//
//   - Data first, then the end: a receive reports [ErrClosed] only when everything sent
//     was received. A TrySend reports the end before it reports [ErrFull].
//   - Messages arrive in one order, which keeps the order of each sender. A send that
//     is complete is seen by the next receive and by Len. [Sender.ForceSend] overtakes
//     those that wait, and nothing else does.
//   - A failed send gives its value back in a [SendError]. A message is received, or
//     returned to its sender, or evicted by a ForceSend that returns it, or discarded by
//     the Drop of the last receiver: never two of these and never none.
//   - Success is success: what was handed over before a cancellation took effect was
//     sent, and the send succeeds.
//   - Every wait ends when the channel does, when its context ends, when it is dropped,
//     or when its own handle is.
//
// Where the Rust libraries disagree: a capacity of 0 is a rendezvous, as in std, where
// async-channel and tokio panic. The last receiver's Drop discards what is buffered at
// once, as in tokio; async-channel keeps it, and with it whatever waits for an answer
// to it. Slots are handed to whoever waits longest, as in tokio. A weak handle does not
// upgrade once the channel is closed, as in async-channel. A permit is not a sender,
// where tokio's owned one is, and fails with its value when nobody can receive that any
// more.
//
// # Disconnection
//
// A channel is closed by the Drop of the last sender, by the Drop of the last receiver,
// or by Close or CloseCause on any handle. From then on nothing is sent, except through
// permits that were given out before, and [Sender.Closed] and [Sender.Done] say so.
// What is buffered can still be received, unless no receiver is left. The end, for
// receivers, is reached when the channel is closed, empty, and every permit is home.
//
// With CloseCause there is a reason, which every error has from then on, beside
// ErrClosed, and Cause returns.
//
// # Clean shutdown
//
// Producers end a stream: each drops its handle, preferably by a defer, and the
// consumer's loop over [Receiver.All] or its [ForEach] ends by itself when it has seen
// everything. A handle that is never dropped keeps the channel open, so whoever made
// it drops the first one once it has been cloned for everybody; a handle for oneself,
// such as an actor's, is a weak one. A consumer that wants no more messages but those
// there are calls Close and goes on to the end. One that wants none calls Drop.
//
// # Cancel safety
//
// Every future may be dropped at any moment, and is by a lost race, a timeout, or a
// context that ends.
//
//   - Recv, RecvMany, Closed and a round of a [Selector]: nothing is lost. A message is
//     taken in the very poll that returns it, and a notification that came to nothing is
//     passed on.
//   - Send: from its first poll on it offers its value, and when it is dropped that
//     either went out or comes back: see [SendFuture.Unsent] and [SendManyFuture.Sent].
//   - Reserve, ReserveMany: the place in the line is given up, and slots that were
//     granted meanwhile are given back.
//   - ForEach, Pipe: the handles are dropped. No message is lost, but for the one that a
//     Pipe offers at capacity 0; see there.
//
// A race drops the losers, and what that means is each loser's affair: in a race of a Send
// with a Recv of one channel both may take effect, for the Recv may take the very message
// that the Send offers, or one of them may be complete when the other wins. Ask
// [SendFuture.Unsent] afterwards.
//
// A future that is polled and then forgotten, neither polled nor dropped, holds back
// one notification at most: the next operation wakes the next in line, and whoever
// tries receives what there is. A reservation that was granted and is forgotten keeps
// its slots.
//
// A waker is called under no lock, so it may use the channel.
//
// # Fairness
//
// Sends and reservations stand in one line, first come first served, and a free slot
// belongs to the first in it: TrySend does not get it. A reservation of many slots
// waits in front until it can have all of them. Receivers are told in the order in which
// they began to wait, one for each message, and then compete with whoever else looks;
// only a goroutine that is parked in a call is handed a message when nothing is before
// it, at capacity 0 also ahead of receives that are polled. [Receiver.Ready] and a [Pipe]
// that waits for input only look: they are told of every message, whoever else is.
// [ForEach] and [Pipe] let other tasks run after 128 messages.
//
// # From blocking code
//
// [Sender.SendBlocking] and [Receiver.RecvBlocking] need no context and park the
// goroutine, TrySend and TryRecv never wait, and [Receiver.Ready] and [Sender.Done] are
// native channels for a select. All of them work on the same channel as the futures, at
// the same time, from goroutines and from tasks. Inside a task use the futures: they
// are what gives the worker away.
//
// # Names
//
// [Named] gives a channel a name when it is made, which String of its handles shows and
// which package observe shows with what it knows of the channel.
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
// synchronizes before the completion of the send. What closes a channel synchronizes
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
