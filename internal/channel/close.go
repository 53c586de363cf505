package channel

import (
	"fmt"

	"github.com/handoff-go/handoff/internal/errs"
	"github.com/handoff-go/handoff/internal/queue"
	"github.com/handoff-go/handoff/internal/waitq"
)

// How a channel is closed. The Drop of the last sender or the last receiver and Close all
// set closed, and the first of them decides the cause. Waiting senders fail at once.
// Receivers are notified once no message can be sent any more: when no permits are
// outstanding. A permit is a promise that its send succeeds, so the close waits for it, and a
// receive that returned ErrClosed before would be wrong.
//
// Buffered messages are not touched by a close. Only the Drop of the last receiver discards them,
// because no receive can get them then.

// Cause is the error of operations on a channel that was closed with a reason.
type Cause struct {
	reason error
	closed error // ErrDisconnected, with the name of the channel
}

// Error says that the channel is closed, and why.
func (e *Cause) Error() string { return fmt.Sprintf("%v: %v", e.closed, e.reason) }

// Unwrap makes errors.Is find both.
func (e *Cause) Unwrap() []error { return []error{errs.ErrDisconnected, e.reason} }

// Close closes the channel for all senders, with a reason or nil, and reports whether this
// call did. Buffered messages can still be received.
func (c *Chan[T]) Close(h *Handle[T], reason error) bool {
	var why *Cause
	if reason != nil {
		why = &Cause{reason, c.Named(errs.ErrDisconnected)}
	}
	var wake wakeups[T]
	// Before the lock: the name of the caller may need a traceback, and the text of reason is
	// user code.
	by, text := c.closeCaller(h), "by Close"
	if why != nil {
		text = c.explain(why.reason)
	}
	t := c.list.Tail.Lock()
	first := h.live() && !t.Has(closed)
	if first {
		c.onClose(t, text, "", by)
		t = c.closeLocked(t, why, &wake)
	}
	c.list.Tail.Unlock(c.queueFlags(t))
	wake.Wake()
	return first
}

// closeLocked closes the channel, unless it is closed. The caller holds the tail lock with
// word t.
func (c *Chan[T]) closeLocked(t queue.Word, why *Cause, wake *wakeups[T]) queue.Word {
	if t.Has(closed) {
		return t
	}
	// The cause before the flag is published: a goroutine that sees closed, also without the
	// lock, finds the cause (mutant "the channel is closed before its cause is known").
	t |= closed
	if why != nil {
		c.cause.Store(why)
	}
	c.senders.DequeueAll(waitq.Disconnected, wake)
	c.watchers.DequeueAll(waitq.Done, wake)
	if !c.doneOnDrop {
		c.closeDone()
	}
	return c.notifyClosed(t, wake)
}

// closeDone closes Done. It happens under the lock, so that Done is closed for every goroutine
// that has observed the close in any other way.
func (c *Chan[T]) closeDone() {
	if c.done != nil {
		close(c.done)
	}
}

// notifyClosed dequeues and wakes all receivers, observers and watchers if the channel is closed and
// no permits are outstanding.
func (c *Chan[T]) notifyClosed(t queue.Word, wake *wakeups[T]) queue.Word {
	if c.disconnected(t) {
		c.receivers.DequeueAll(waitq.Disconnected, wake)
		c.observers.DequeueAll(waitq.Disconnected, wake)
		c.watchers.DequeueAll(waitq.Done, wake) // see PollDisconnected
	}
	return c.queueFlags(t)
}

// disconnected reports whether no message can be sent any more. The caller holds the tail lock
// with word t.
//
// It does not look at the list: receivers take what is there before they ask.
func (c *Chan[T]) disconnected(t queue.Word) bool { return t.Has(closed) && c.reserved() == 0 }

// doneFlag is the flag that closes Done.
func (c *Chan[T]) doneFlag() queue.Word {
	if c.doneOnDrop {
		return noReceivers
	}
	return closed
}

// CloseError returns the error of operations on a channel that is closed.
func (c *Chan[T]) CloseError() error {
	if why := c.cause.Load(); why != nil {
		return why
	}
	return c.Named(errs.ErrDisconnected)
}

// Reason returns what was given to Close, or nil.
func (c *Chan[T]) Reason() error {
	if why := c.cause.Load(); why != nil {
		return why.reason
	}
	return nil
}

// Cause returns why the channel is closed: the reason given to Close, or
// ErrDisconnected if there was none; nil while it is open.
func (c *Chan[T]) Cause() error {
	if !c.Closed() {
		return nil
	}
	if why := c.cause.Load(); why != nil {
		return why.reason
	}
	return c.Named(errs.ErrDisconnected)
}

// Done returns a channel that is closed once the channel has ended in the way that
// [Options] say.
func (c *Chan[T]) Done() <-chan struct{} {
	// One native channel for all callers, so that a waiter is not needed for each. Channels whose
	// Done is never called do not have one.
	fresh := make(chan struct{}) // before the lock, which must not wait for the allocator
	t := c.list.Tail.Lock()
	if c.done == nil {
		c.done = fresh
		if t.Has(c.doneFlag()) {
			close(fresh)
		}
	}
	done := c.done
	c.list.Tail.Unlock(t)
	return done
}

// Closed reports whether the channel is closed: no more sends are possible, except through
// permits.
func (c *Chan[T]) Closed() bool { return c.list.Tail.Load().Has(closed) }

// ReceiversDropped reports whether the last receiver was dropped.
func (c *Chan[T]) ReceiversDropped() bool { return c.list.Tail.Load().Has(noReceivers) }
