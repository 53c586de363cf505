// Package channel is the core of both channel packages, blocking (sync/mpsc) and awaitable
// (async): the life of handles, closing, and how messages reach waiters.
//
// A [Chan] is a [queue.List] with a limit (none: unbounded; 0: rendezvous) and
// two wait queues, of senders and of receivers. A waiter is a goroutine that is parked in a
// call (sleeper) or a future that is polled ([Polled]). Observers, which are notified of
// messages but take none ([Ready]), have a wait queue of their own. In every kind of channel
//
//   - a send that finds room puts its message into the list and wakes one
//     waiting receiver, which then competes for it with all other receives; or, if
//     the list is empty, it hands the message to a receiver that is parked in a call;
//   - a send that finds no room is queued and offers its message; the receive that
//     frees a slot takes the offers in order, and from then on they are sent;
//   - a reservation is queued among the senders and takes slots for messages that its
//     owner will send later.
//
// Capacity 0 has no slots: there a receive takes an offer directly, and a send can only hand
// its message over.
//
// Invariants:
//   - The tail lock guards all wait queues, the counts and the closing; the head
//     lock guards receiving. They nest head before tail.
//   - A tail word has the flag sending exactly while the queue of senders is not
//     empty, and recving exactly while that of receivers or that of observers is not.
//     offers is set at least as long as the queue of senders is not empty.
//   - Every message notifies the first waiting receiver, if any, and every observer.
//   - While senders are queued, no other send takes a slot, except through a permit,
//     which has its own, and a forced one.
//   - closed is never cleared: messages sent before it are received, and afterwards
//     only permits that were granted before can send. Receivers see ErrClosed once the
//     channel is closed and empty and no permits are outstanding.
//   - A waiter that was Notified either receives a message or, if it stops waiting,
//     notifies the next waiter while a message is still available.
//   - No waiter is woken, and no user code runs, under either lock.
//
// No wakeup is lost: a waiter registers itself while holding the lock of the side that will
// wake it. A receiver queues itself under the tail lock, after it has seen there that the list
// is empty, and a send finds recving in the word with which it takes the lock. The first
// queued sender sets offers under the head lock as well, and then reads the head once more
// before it sleeps: it sees a receive that had the lock before, and one that takes it
// later reads offers.
//
// Neither side uses the store-then-load (Dekker) pattern, so an end may be unlocked with a
// release store (queue.publish), even though later loads can be reordered before it. Before a
// non-blocking call reports empty or full it waits for the other end's lock to be free,
// because an operation that has already returned may still have its unlocking store in the
// store buffer.
package channel

import (
	"github.com/handoff-go/handoff/internal/probe"
	"github.com/handoff-go/handoff/internal/queue"
	"github.com/handoff-go/handoff/internal/sched"
	"github.com/handoff-go/handoff/internal/waitq"
)

// Flags of the tail word.
const (
	closed      = queue.Flag0 // no more sends, except through permits
	noReceivers = queue.Flag1 // the last receiver was dropped; closed is set too
	recving     = queue.Flag2 // the queue of receivers or of observers is not empty
	sending     = queue.Flag3 // the queue of senders is not empty
)

// Unlimited is the limit of a channel that is never full.
const Unlimited = queue.Unlimited

// Chan is a channel of either face. It is made by [New] and must not be copied.
type Chan[T any] struct {
	// Seldom written. These come first: before passing the address of a field the compiler does
	// a nil check that loads the first byte of the struct. If that byte were on the receivers'
	// cache line, every send would miss on it (docs/design/queues.md).
	offers     sched.Uint32 // not 0: senders are queued, so a receive that frees a slot calls admit
	doneOnDrop bool         // done is closed only by the Drop of the last receiver, not by any close
	solo       uint8        // inside, if there may be one consumer only; else 0
	capacity   uint64       // of the list, where senders can read it
	observers  waitQueue[T] // under the tail lock
	about      *about       // nil if it has no name and is neither observed nor tracked

	// Under the tail lock.
	nSenders int32
	nRecvs   int32
	done     chan struct{} // see doneOnDrop; made by the first call of Done
	watchers waitQueue[T]  // futures that wait for the close; see PollDisconnected, PollClosed

	// Written under the tail lock before closed is set: why, if there is a reason.
	cause sched.Pointer[Cause]

	// So far 64 bytes, and then the two ends, each on a cache line of its own.

	list queue.List[T]

	// Under the tail lock, and on its cache line.
	senders   waitQueue[T]
	receivers waitQueue[T]
}

type (
	waiter[T any]    = waitq.Waiter[wait[T]]
	waitQueue[T any] = waitq.Queue[wait[T]]
	wakeups[T any]   = waitq.Wakeups[wait[T]]
)

// wait is the channel's part of a waiter.
type wait[T any] struct {
	sibling, elder *waitq.Waiter[wait[T]] // in the ring of its handle, or nil; see owned.go. With the alias waiter the compiler fails (Go 1.26)

	owner   *Life   // the handle that has the ring
	in      queueID // where it is queued, or was last
	parked  bool    // a goroutine in a receive call: a message may be handed to it
	timed   bool    // a goroutine whose wait ends after some time
	reserve bool    // among the senders: offers nothing, but waits to reserve taken slots

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
	if c.rendezvous() {
		c.list.Head.Unlock(queue.SkipPop) // nothing is ever in the list, so Pop need not lock it
	}
	if o.Solo {
		c.solo = uint8(inside)
	}
	c.doneOnDrop = !o.AnyEnd
	tx.State.Store(Live)
	rx.State.Store(Live)
	if o.Level != probe.Off || o.Name != "" {
		c.describe(o, tx, rx)
	}
}

// Len returns the number of buffered messages. Every send and receive that has returned is
// counted. It is called without a lock, and waits for one that is held at this moment.
func (c *Chan[T]) Len() int {
	c.list.Head.WaitUnlocked()
	c.list.Tail.WaitUnlocked()
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
