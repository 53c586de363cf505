package channel

import (
	"github.com/handoff-go/handoff/internal/errs"
	"github.com/handoff-go/handoff/internal/probe"
	"github.com/handoff-go/handoff/internal/queue"
	"github.com/handoff-go/handoff/internal/sched"
)

// Handle is the state of one sender or receiver handle. The zero value is a dropped handle.
// Except for [Chan.Uses], the state changes only under the tail lock, so that it agrees with
// the counts of handles.
type Handle[T any] struct {
	Life
	waiters *waiter[T]             // a ring of those through this handle; see owned.go
	kept    sched.Pointer[kept[T]] // for the next waits; nil before the first and after the Drop
}

// Life has whether a handle was dropped; its address identifies the handle.
type Life struct {
	// State is 0 for a dropped handle, and otherwise [Live] or, if it is watched, a
	// number of its maker: see [Chan.Uses]. It is a bare word because generic callers
	// compare it with Live before each operation, where a method would not be inlined;
	// see queue/fast.go.
	State sched.Uint32

	// tracked is 1 if the handle has a leak record, and standIn in the handle that the record has
	// in place of a collected one; see tracked.go.
	tracked sched.Uint32
}

// Live is the State of a handle that was not dropped and is not watched.
const Live = 1

func (l *Life) live() bool { return l.State.Load() != 0 }

// refusal returns the error of an operation through h that finds h dropped or c closed.
func (c *Chan[T]) refusal(h *Handle[T]) error {
	if !h.live() {
		return c.Named(errs.ErrDropped)
	}
	return c.CloseError()
}

// The counts of handles decide when a channel closes, so they change under the same lock as the
// flag closed: an Upgrade cannot add a sender to a channel that the last one is closing.

// CloneSender makes clone another sender handle, or a dropped one if h is.
func (c *Chan[T]) CloneSender(h, clone *Handle[T]) { c.clone(h, clone, probe.SenderSide) }

// CloneReceiver is CloneSender for receivers.
func (c *Chan[T]) CloneReceiver(h, clone *Handle[T]) { c.clone(h, clone, probe.ReceiverSide) }

func (c *Chan[T]) clone(h, clone *Handle[T], side probe.Side) {
	by := c.makeCaller(h)
	t := c.list.Tail.Lock()
	if h.live() {
		c.addHandle(clone, side, by)
	}
	c.list.Tail.Unlock(t)
}

// UpgradeSender makes h, which must be zero, a sender handle, for a weak handle. It reports
// false if the channel is closed.
func (c *Chan[T]) UpgradeSender(h *Handle[T]) bool { return c.upgrade(h, probe.SenderSide) }

// UpgradeReceiver is UpgradeSender for receivers.
func (c *Chan[T]) UpgradeReceiver(h *Handle[T]) bool { return c.upgrade(h, probe.ReceiverSide) }

func (c *Chan[T]) upgrade(h *Handle[T], side probe.Side) bool {
	by := c.makeCaller(nil)
	t := c.list.Tail.Lock()
	open := !t.Has(closed)
	if open {
		c.addHandle(h, side, by)
	}
	c.list.Tail.Unlock(t)
	return open
}

// addHandle makes h a live handle of a side. The caller holds the tail lock.
func (c *Chan[T]) addHandle(h *Handle[T], side probe.Side, by maker) {
	if side == probe.SenderSide {
		c.nSenders++
	} else {
		c.nRecvs++
	}
	h.State.Store(Live)
	c.onClone(h, side, by)
}

// DropSender ends a sender handle. The last one closes the channel.
func (c *Chan[T]) DropSender(h *Handle[T]) {
	var wake wakeups[T]
	by := c.closeCaller(h)
	t := c.list.Tail.Lock()
	if h.live() {
		h.State.Store(0)
		how := c.onDrop(by, probe.SenderSide)
		c.nSenders--
		c.dequeueOwned(h, &wake)
		if c.nSenders == 0 {
			c.onClose(t, "the last sender was ", how, by)
			t = c.closeLocked(t, nil, &wake)
		} else {
			// A waiter of this handle may have been the first, and have needed more slots than
			// are free. The next one may need less.
			t = c.advance(t, &wake)
		}
	}
	c.list.Tail.Unlock(c.queueFlags(t))
	h.untrack() // before user code
	wake.Wake()
}

// DropReceiver ends a receiver handle. With the last one the channel is closed,
// its messages are discarded and every waiting sender gets its value back.
func (c *Chan[T]) DropReceiver(h *Handle[T]) {
	var wake wakeups[T]
	var rest queue.Rest[T]
	by := c.closeCaller(h)
	// Both locks: the messages belong to the head, and no send may add one between the discard and
	// the close.
	w := c.list.Head.Lock()
	t := c.list.Tail.Lock()
	if h.live() {
		h.State.Store(0)
		how := c.onDrop(by, probe.ReceiverSide)
		c.nRecvs--
		c.dequeueOwned(h, &wake)
		if c.nRecvs == 0 {
			c.onClose(t, "the last receiver was ", how, by)
			c.onDiscard(w, t)
			t = c.closeLocked(t, nil, &wake) | noReceivers
			if c.doneOnDrop {
				c.closeDone()
			}
			// The blocks are taken out as they are, so the locks are held for no longer than for
			// an empty list. Discarded runs after them, because it is user code.
			w, rest = c.list.Reset(w, t)
		}
	}
	c.list.Tail.Unlock(c.queueFlags(t))
	c.list.Head.Move(w)    // not Unlock: a parked receiver may have cleared inside since
	h.untrack()            // before user code
	defer discardAll(rest) // also if a waker panics
	wake.Wake()
}

// queueFlags returns the tail word with the flags sending and recving as the wait queues are.
func (c *Chan[T]) queueFlags(t queue.Word) queue.Word {
	t |= sending | recving
	if c.senders.Empty() {
		t &^= sending
	}
	if c.unattended() {
		t &^= recving
	}
	return t
}

// unattended reports whether no receiver and no observer is queued.
func (c *Chan[T]) unattended() bool { return c.receivers.Empty() && c.observers.Empty() }

// Counts returns how many handles are live.
func (c *Chan[T]) Counts() (senders, receivers int) {
	t := c.list.Tail.Lock()
	senders, receivers = int(c.nSenders), int(c.nRecvs)
	c.list.Tail.Unlock(t)
	return senders, receivers
}
