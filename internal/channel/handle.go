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

// refused is the error of an operation of a handle of a channel that has ended.
func (c *Chan[T]) refused(h *Handle[T]) error {
	if !h.live() {
		return errs.ErrDropped
	}
	return c.Ended()
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

// CloneReceiver is CloneSender for receivers.
func (c *Chan[T]) CloneReceiver(h, clone *Handle[T]) {
	t := c.list.Tail.Lock()
	if h.live() {
		c.nRecvs++
		clone.State.Store(Live)
	}
	c.list.Tail.Unlock(t)
}

// UpgradeSender makes h, which must be zero, a sender handle from none, and reports
// whether it could: not once the channel is closed.
func (c *Chan[T]) UpgradeSender(h *Handle[T]) bool {
	t := c.list.Tail.Lock()
	open := !t.Has(closed)
	if open {
		c.nSenders++
		h.State.Store(Live)
	}
	c.list.Tail.Unlock(t)
	return open
}

// UpgradeReceiver is UpgradeSender for receivers.
func (c *Chan[T]) UpgradeReceiver(h *Handle[T]) bool {
	t := c.list.Tail.Lock()
	open := !t.Has(closed)
	if open {
		c.nRecvs++
		h.State.Store(Live)
	}
	c.list.Tail.Unlock(t)
	return open
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
			t = c.shut(t, nil, &wake)
		} else {
			t = c.advance(t, &wake)
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
			t = c.shut(t, nil, &wake) | gone
			if c.leaving {
				c.closeDone()
			}
			w = c.list.Reset(w, t)
		}
	}
	c.list.Tail.Unlock(c.lines(t))
	c.list.Head.Move(w) // a parked receiver may clear inside meanwhile
	wake.Wake()
}

// leave settles the waiters in l and among the watchers that h owns.
func (c *Chan[T]) leave(l *line[T], h *Handle[T], wake *wakeups[T]) {
	settleOwned(l, h, wake)
	settleOwned(&c.watchers, h, wake)
}

func settleOwned[T any](l *line[T], h *Handle[T], wake *wakeups[T]) {
	for w := l.First(); w != nil; {
		next := l.Next(w)
		if w.Value.owner == &h.Life {
			l.Settle(w, waitq.Dropped, wake)
		}
		w = next
	}
}

// lines returns the tail word with the flags of the lines brought up to date.
func (c *Chan[T]) lines(t queue.Word) queue.Word {
	t |= sending | recving
	if c.senders.Empty() {
		t &^= sending
	}
	if c.unattended() {
		t &^= recving
	}
	return t
}

// unattended reports whether nobody waits for something to receive.
func (c *Chan[T]) unattended() bool { return c.receivers.Empty() && c.observers.Empty() }

// Counts returns how many handles are live.
func (c *Chan[T]) Counts() (senders, receivers int) {
	t := c.list.Tail.Lock()
	senders, receivers = int(c.nSenders), int(c.nRecvs)
	c.list.Tail.Unlock(t)
	return senders, receivers
}
