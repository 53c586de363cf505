package channel

import (
	"unsafe"

	"github.com/handoff-go/handoff/internal/errs"
	"github.com/handoff-go/handoff/internal/probe"
	"github.com/handoff-go/handoff/internal/waitq"
)

// Carry sets the messages that p is to send: v and then rest.
func (p *Polled[T]) Carry(v T, rest []T) {
	if p.Value.value == nil {
		p.Value.value = new(T)
	}
	*p.Value.value = v
	p.Value.rest, p.Value.taken, p.Value.reserve = rest, 0, false
}

// PollSend sends the messages of p. While it is not ready, p is queued and offers those that
// are left, which may be taken at any moment; waker is called when all were taken or the send
// has failed. If p is not polled again, the caller must call EndSend. Once it is ready, n is
// how many messages were taken, and the first of those that were not is still in p.
func (c *Chan[T]) PollSend(h *Handle[T], p *Polled[T], waker waitq.Target) (n int, ready bool, err error) {
	if p.waiting {
		why := c.sendSignal(p, waker)
		if why == waitq.Waiting {
			return 0, false, nil // what p offers is not its own now
		}
		c.onPolledResume(p, c.signalError(why))
		return p.Value.taken, true, c.signalError(why)
	}
	// From here on p is queued nowhere, so its messages are its own and may be moved.
	v := &p.Value
	size := 1 + len(v.rest)
	if size > c.list.Run() {
		if n = c.sendLong(h, *v.value, v.rest); n == size {
			p.clearSent()
			return v.taken + n, true, nil
		}
		if n > 0 {
			*v.value, v.rest = v.rest[n-1], v.rest[n:]
			v.taken += n
			size -= n
		}
	}
	var wake wakeups[T]
	t := c.list.Tail.Lock()
	if r := c.recording(); r != nil {
		t = c.identifySend(r, t, h, *v.value)
	}
	// The ways of a send, as in send.go: hand over, all at once, or offer.
	if size == 1 && n == 0 {
		var w *waiter[T]
		if t, w = c.handOver(t, *v.value); w != nil {
			c.list.UnlockTail(t)
			w.Target.Wake()
			p.clearSent()
			return v.taken + 1, true, nil
		}
	}
	if size > 1 && n == 0 && !t.Has(closed|sending) && h.live() && c.room(t, size) == size {
		c.onPut(t, size, nil)
		t = c.list.PutMany(c.list.Put(t, *v.value), v.rest)
		c.list.Tail.Unlock(c.notify(t, size, &wake))
		wake.Wake()
		p.clearSent()
		return v.taken + size, true, nil
	}
	t, n, blocked, err := c.offer(t, h, *v.value, v.rest, &wake)
	if 0 < n && n < size {
		*v.value, v.rest = v.rest[n-1], v.rest[n:]
	}
	v.taken += n
	n = v.taken
	if blocked {
		c.enqueuePolled(h, p, ofSenders, waker)
		c.onFull()
		c.onWait(&p.waiter, c.sender().caller, probe.Send, nil)
		// p is not queued if its Wake is still to come; then it offers nothing before the next poll,
		// and there is nothing to notify receivers of.
		if p.Queued() && c.rendezvous() {
			t = c.notify(t, 1+len(v.rest), &wake) // each offer is something to receive
		}
		t = c.queueFlags(t)
	}
	c.list.Tail.Unlock(t)
	wake.Wake()
	switch {
	case blocked:
	case err == nil:
		p.clearSent()
	default:
		p.forget() // the messages stay, for Unsent
	}
	return n, !blocked, err
}

// clearSent clears the messages of p, which now belong to receivers.
func (p *Polled[T]) clearSent() {
	var zero T
	*p.Value.value, p.Value.rest = zero, nil
	p.forget()
}

// sendSignal returns how the wait of p among the senders has ended, or Waiting.
func (c *Chan[T]) sendSignal(p *Polled[T], waker waitq.Target) waitq.Signal {
	// A waiter that is owed nothing was woken, and its signal was written before that. Otherwise it
	// may be queued, and the lock is needed to read that.
	if p.isOwed() {
		t := c.list.Tail.Lock()
		if p.Queued() {
			p.waker = waker
			c.list.Tail.Unlock(t)
			return waitq.Waiting
		}
		p.dequeue(&c.senders) // it was dequeued; the Wake to come must call no waker
		c.list.Tail.Unlock(t)
	}
	p.waiting = false
	return p.Signal()
}

// signalError returns the error of a send that was dequeued with why.
func (c *Chan[T]) signalError(why waitq.Signal) error {
	switch why {
	case waitq.Disconnected:
		return c.CloseError()
	case waitq.Dropped:
		return c.Named(errs.ErrDropped)
	}
	return nil
}

// EndSend withdraws the offer of p and returns how many messages were taken, and whether
// these were all.
func (c *Chan[T]) EndSend(p *Polled[T]) (n int, all bool) {
	if !p.waiting {
		c.onPolledResume(p, nil)
		p.forget() // its signal, if it has one, is that of an earlier offer
		return p.Value.taken, false
	}
	t := c.list.Tail.Lock()
	p.dequeue(&c.senders)
	c.list.Tail.Unlock(c.queueFlags(t))
	c.onPolledResume(p, nil)
	return p.Value.taken, p.Signal() == waitq.Done
}

// Unsent returns the message of p that was not taken, and forgets it.
func (p *Polled[T]) Unsent() (v T) {
	if p.Value.value != nil {
		v = *p.Value.value
	}
	p.Clear()
	return v
}

// Clear clears the messages of p and, unless a Wake is still to come, its waker.
func (p *Polled[T]) Clear() {
	if !p.isOwed() {
		p.waker = nil
	}
	var zero T
	switch v := p.Value.value; {
	case v == nil:
	case unsafe.Sizeof(zero) > maxIdleBytes:
		p.Value.value = nil
	default:
		*v = zero
	}
	p.Value.rest, p.Value.taken, p.Value.reserve = nil, 0, false
}
