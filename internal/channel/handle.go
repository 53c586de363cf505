package channel

import (
	"sync/atomic"

	"github.com/handoff-go/handoff/internal/errs"
	"github.com/handoff-go/handoff/internal/queue"
	"github.com/handoff-go/handoff/internal/waitq"
)

// Handle is the life of one sender or receiver handle. The zero value is a
// dropped handle: a handle made from nothing refuses like one that was used up.
// Its state changes under the tail lock only, so that a count and a handle agree.
type Handle[T any] struct {
	Life
	idle atomic.Pointer[Sleeper[T]] // for the next waits through this handle
}

// Life is whether a handle was dropped, and by its address which handle it is.
type Life struct {
	// State is [Live] or 0. It is a bare word because generic callers check it
	// before each operation, where a method would not be inlined; see
	// queue/fast.go.
	State atomic.Uint32
}

// Live is the State of a handle that was not dropped.
const Live = 1

func (l *Life) live() bool { return l.State.Load() == Live }

// refused is the error of an operation on a channel that ended for the handle.
func (l *Life) refused() error {
	if !l.live() {
		return errs.ErrDropped
	}
	return errs.ErrDisconnected
}

// CloneSender makes clone another sender handle, or a dropped one if h is.
func (c *Chan[T]) CloneSender(h, clone *Handle[T]) {
	t := c.list.Tail.Lock()
	if h.live() {
		c.nSenders++
		clone.State.Store(Live)
	}
	c.list.Tail.Unlock(t)
}

// DropSender ends a sender handle. The last one ends the channel for receivers.
func (c *Chan[T]) DropSender(h *Handle[T]) {
	var wake wakeups[T]
	t := c.list.Tail.Lock()
	if h.live() {
		h.State.Store(0)
		c.nSenders--
		c.leave(&c.senders, h, &wake)
		if c.nSenders == 0 {
			t |= closed
			c.receivers.SettleAll(waitq.Disconnected, &wake)
		}
	}
	c.list.Tail.Unlock(c.lines(t))
	wake.Wake()
}

// DropReceiver ends a receiver handle. With the last one the channel is closed,
// its messages are discarded and every waiting sender gets its value back.
func (c *Chan[T]) DropReceiver(h *Handle[T]) {
	var wake wakeups[T]
	w := c.list.Head.Lock()
	t := c.list.Tail.Lock()
	if h.live() {
		h.State.Store(0)
		c.nRecvs--
		c.leave(&c.receivers, h, &wake)
		if c.nRecvs == 0 {
			t |= closed | gone
			c.senders.SettleAll(waitq.Disconnected, &wake)
			w = c.list.Reset(w, t)
			if c.done != nil {
				// Under the lock, so that whoever learns of the end in any other way
				// finds it closed.
				close(c.done)
			}
		}
	}
	c.list.Tail.Unlock(c.lines(t))
	c.list.Head.Move(w) // a parked receiver may clear inside meanwhile
	wake.Wake()
}

// leave settles the waiters in l that h owns.
func (c *Chan[T]) leave(l *line[T], h *Handle[T], wake *wakeups[T]) {
	for w := l.First(); w != nil; {
		next := l.Next(w)
		if w.Value.owner == &h.Life {
			l.Settle(w, waitq.Dropped, wake)
		}
		w = next
	}
}

// lines returns the tail word with the flags of both lines brought up to date.
func (c *Chan[T]) lines(t queue.Word) queue.Word {
	t |= sending | recving
	if c.senders.Empty() {
		t &^= sending
	}
	if c.receivers.Empty() {
		t &^= recving
	}
	return t
}

// Done returns a channel that is closed once the last receiver is gone.
func (c *Chan[T]) Done() <-chan struct{} {
	fresh := make(chan struct{}) // before the lock, which must not wait for the allocator
	t := c.list.Tail.Lock()
	if c.done == nil {
		c.done = fresh
		if t.Has(gone) {
			close(fresh)
		}
	}
	done := c.done
	c.list.Tail.Unlock(t)
	return done
}

// Closed reports whether no more sends are possible: the last sender is gone or
// the last receiver.
func (c *Chan[T]) Closed() bool { return c.list.Tail.Load().Has(closed) }

// ReceiversGone reports whether the last receiver is gone.
func (c *Chan[T]) ReceiversGone() bool { return c.list.Tail.Load().Has(gone) }

// Counts returns how many handles are live.
func (c *Chan[T]) Counts() (senders, receivers int) {
	t := c.list.Tail.Lock()
	senders, receivers = int(c.nSenders), int(c.nRecvs)
	c.list.Tail.Unlock(t)
	return senders, receivers
}
