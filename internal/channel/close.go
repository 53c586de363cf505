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
// outstanding.

// Cause is the error of operations on a channel that was closed with a reason.
type Cause struct{ reason error }

// Error says that the channel is closed, and why.
func (e *Cause) Error() string { return fmt.Sprintf("%v: %v", errs.ErrDisconnected, e.reason) }

// Unwrap makes errors.Is find both.
func (e *Cause) Unwrap() []error { return []error{errs.ErrDisconnected, e.reason} }

// Close closes the channel for all senders, with a reason or nil, and reports whether this
// call did. Buffered messages can still be received.
func (c *Chan[T]) Close(h *Handle[T], reason error) bool {
	var why *Cause
	if reason != nil {
		why = &Cause{reason}
	}
	var wake wakeups[T]
	by, text := c.asks(h), "by Close"
	if why != nil {
		text = c.explain(why.reason)
	}
	t := c.list.Tail.Lock()
	first := h.live() && !t.Has(closed)
	if first {
		c.closes(t, text, "", by)
		t = c.shut(t, why, &wake)
	}
	c.list.Tail.Unlock(c.lines(t))
	wake.Wake()
	return first
}

// shut closes the channel, unless it is closed. The caller holds the tail lock with
// word t.
func (c *Chan[T]) shut(t queue.Word, why *Cause, wake *wakeups[T]) queue.Word {
	if t.Has(closed) {
		return t
	}
	t |= closed
	if why != nil {
		c.cause.Store(why)
	}
	c.senders.SettleAll(waitq.Disconnected, wake)
	c.watchers.SettleAll(waitq.Done, wake)
	if !c.leaving {
		c.closeDone()
	}
	return c.settled(t, wake)
}

// closeDone closes Done. It happens under the lock, so that Done is closed for every goroutine
// that has observed the close in any other way.
func (c *Chan[T]) closeDone() {
	if c.done != nil {
		close(c.done)
	}
}

// settled dequeues and wakes all receivers, observers and watchers if the channel is closed and
// no permits are outstanding.
func (c *Chan[T]) settled(t queue.Word, wake *wakeups[T]) queue.Word {
	if c.over(t) {
		c.receivers.SettleAll(waitq.Disconnected, wake)
		c.observers.SettleAll(waitq.Disconnected, wake)
		c.watchers.SettleAll(waitq.Done, wake) // see PollEnd
	}
	return c.lines(t)
}

// over reports whether no message can be sent any more. The caller holds the tail lock
// with word t.
func (c *Chan[T]) over(t queue.Word) bool { return t.Has(closed) && c.reserved() == 0 }

// finish is the flag that closes Done.
func (c *Chan[T]) finish() queue.Word {
	if c.leaving {
		return gone
	}
	return closed
}

// Ended returns the error of operations on a channel that is closed.
func (c *Chan[T]) Ended() error {
	if why := c.cause.Load(); why != nil {
		return why
	}
	return errs.ErrDisconnected
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
	return errs.ErrDisconnected
}

// Done returns a channel that is closed once the channel has ended in the way that
// [Options] say.
func (c *Chan[T]) Done() <-chan struct{} {
	fresh := make(chan struct{}) // before the lock, which must not wait for the allocator
	t := c.list.Tail.Lock()
	if c.done == nil {
		c.done = fresh
		if t.Has(c.finish()) {
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

// ReceiversGone reports whether the last receiver was dropped.
func (c *Chan[T]) ReceiversGone() bool { return c.list.Tail.Load().Has(gone) }
