// Package channel is the core under both faces, blocking and awaitable: who
// holds a handle, when the channel ends, and how a message and a waiter meet.
//
// A [Chan] is a [queue.List] with a limit (none: unbounded; 0: rendezvous) and
// two lines of waiters, goroutines that are parked in a call ([Sleeper]) and futures
// that are polled ([Polled]). Observers, who want to know that there is something and
// take nothing, have a line of their own. In every flavour
//
//   - a send that finds room puts its message into the list and wakes one
//     waiting receiver, which then competes for it like anybody else; or, if
//     nothing is in the list, it hands the message to a receiver that is parked
//     in a call;
//   - a send that finds none stands in line and offers its message; whoever
//     frees a slot takes the offers in order, and from then on they are sent;
//   - a reservation stands in the same line and takes slots for what its owner will
//     send later.
//
// Capacity 0 has no slots: there a receive takes an offer directly, and handing
// over is all a send can do.
//
// Invariants:
//   - The tail lock guards all lines, the counts and the closing; the head
//     lock guards receiving. They nest head before tail.
//   - A tail word carries the flag sending exactly while the line of senders is not
//     empty, and recving while that of receivers or that of observers is not. offers is
//     set at least as long as the line of senders is not empty.
//   - Whoever waits knows of every message that he may take or wants to know of: for
//     each message one receiver in line is told, if there is one, and every observer.
//   - While senders are in line, no other send takes a slot, except a permit's, which
//     has its own, and a forced one.
//   - closed never goes away: what was sent before it is received, and nothing is
//     sent after it but through permits that were given out before. The end, for
//     receivers, is closed with no permit out and nothing in the list.
//   - Who waits and was Notified takes what he finds or, if he goes away, passes
//     the notification on, if there still is something to find.
//   - No waiter is woken, and no user code runs, under either lock.
//
// No wake-up is lost, for who waits says so under the lock of the other side. A receiver
// stands in line under the tail lock, after it has seen there that the tail has not
// moved, and a send finds that in the word with which it takes the lock. The first sender in
// line sets offers under the head lock as well, and then looks at the head once more
// before it sleeps: a receive that had the lock before is seen, and one that takes it
// later reads offers.
//
// So nobody writes one word and then reads another that somebody writes before he reads the
// first, and an end may be released with queue's publish, which later loads go ahead of. A
// call that does not wait, and finds nothing or no room, first waits for an operation that is
// under way: one that has returned, and is not seen yet, looks like that.
package channel

import (
	"github.com/handoff-go/handoff/internal/probe"
	"github.com/handoff-go/handoff/internal/queue"
	"github.com/handoff-go/handoff/internal/sched"
	"github.com/handoff-go/handoff/internal/waitq"
)

// Flags of the tail word.
const (
	closed  = queue.Flag0 // no more sends for anybody
	gone    = queue.Flag1 // because the last receiver is gone
	recving = queue.Flag2 // the line of receivers or of observers is not empty
	sending = queue.Flag3 // the line of senders is not empty
)

// inside is the flag of the head word of a channel with a single consumer: its
// goroutine is inside a receive call, maybe asleep.
const inside = queue.Flag0

// Unlimited is the limit of a channel that is never full.
const Unlimited = queue.Unlimited

// Chan is a channel of either face. It is made by [New] and must not be copied.
type Chan[T any] struct {
	// Seldom written. These come first because the compiler loads the first byte of a struct,
	// to see that the pointer is not nil, before it passes the address of a field on. On the
	// receivers' line every send would wait for that (docs/design/queues.md).
	offers    sched.Uint32 // not 0: senders wait in line, so who frees a slot must look
	leaving   bool         // done is closed only by the last receiver's leaving, not by any close
	solo      uint8        // inside, if there may be one consumer only; else 0
	capacity  uint64       // of the list, where senders can read it
	observers line[T]      // under the tail lock
	about     *about       // nil if it has no name and nobody observes it

	// Under the tail lock.
	nSenders int32
	nRecvs   int32
	done     chan struct{} // closed at the end, see leaving; made when asked for
	watchers line[T]       // those who wait for closed

	// Written under the tail lock before closed is set: why, if there is a reason.
	cause sched.Pointer[Cause]

	// So far 64 bytes, and then the two ends, each on a line of its own.

	list queue.List[T]

	// Under the tail lock, and on its cache line.
	senders   line[T]
	receivers line[T]
}

type (
	waiter[T any]  = waitq.Waiter[wait[T]]
	line[T any]    = waitq.Queue[wait[T]]
	wakeups[T any] = waitq.Wakeups[wait[T]]
)

// wait is what the channel knows of a waiter.
type wait[T any] struct {
	sibling, elder *waitq.Waiter[wait[T]] // in the ring of its handle, or nil; see owned.go. With the alias waiter the compiler fails (Go 1.26)

	owner   *Life   // the handle that has the ring
	in      queueID // where it is queued, or was last
	parked  bool    // a goroutine in a receive call: a message may be handed to it
	timed   bool    // a goroutine whose wait ends after some time
	reserve bool    // in the line of senders: offers nothing, wants taken slots to be reserved

	ticket uint32 // of an observed channel; see recording

	// A sender: what it still offers (value, then rest) and how much was taken.
	// A parked receiver: value is where a send puts the message it hands over. It is a
	// pointer because most waiters have no message, and one may be large.
	value *T
	taken int
	rest  []T
}

// Options of a channel.
type Options struct {
	Limit      uint64 // Unlimited, or the capacity
	Solo       bool   // one consumer; a second one inside a receive panics
	AnyEnd     bool   // Done is closed by every end, not only by the last receiver's leaving
	BlockSlots int    // 0, or the length of a block of the list, for tests
	Name       string // for those who look at the channel
	Level      probe.Level
}

// New makes a channel and makes tx and rx, which must be zero, its first handles.
func New[T any](o Options, tx, rx *Handle[T]) *Chan[T] {
	c := new(Chan[T])
	c.Init(o, tx, rx)
	return c
}

// Init is New for a channel that is part of something larger, which must begin with
// it and be allocated on a cache line.
func (c *Chan[T]) Init(o Options, tx, rx *Handle[T]) {
	c.nSenders, c.nRecvs = 1, 1
	c.capacity = o.Limit
	c.list.Init(o.Limit, o.BlockSlots)
	if o.Solo {
		c.solo = uint8(inside)
	}
	c.leaving = !o.AnyEnd
	tx.State.Store(Live)
	rx.State.Store(Live)
	if o.Level != probe.Off || o.Name != "" {
		c.describe(o, tx, rx)
	}
}

// Len returns the number of buffered messages. Every send and receive that has returned is
// counted. It is called under no lock, and waits for one that is held at this moment.
func (c *Chan[T]) Len() int {
	c.list.Head.Settle()
	c.list.Tail.Settle()
	return c.list.Len()
}

// Cap returns the capacity; ok is false if there is none.
func (c *Chan[T]) Cap() (n int, ok bool) {
	if c.capacity != Unlimited {
		return int(c.capacity), true
	}
	return 0, false
}

// rendezvous reports whether the channel has no slots.
func (c *Chan[T]) rendezvous() bool { return c.capacity == 0 }
