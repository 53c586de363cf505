package channel

import (
	"github.com/handoff-go/handoff/internal/errs"
	"github.com/handoff-go/handoff/internal/waitq"
)

// Offer begins the send of a future: v and then rest. If it is not ready, what is left
// stands in line with p, and the future goes on with PollSend. n is how many were
// sent. The caller holds nothing.
func (c *Chan[T]) Offer(h *Handle[T], p *Polled[T], waker waitq.Target, v T, rest []T) (n int, ready bool, err error) {
	var wake wakeups[T]
	t := c.list.Tail.Lock()
	if len(rest) == 0 && c.hand(t, v) {
		return 1, true, nil
	}
	if len(rest) > 0 && !t.Has(closed|sending) && h.live() && c.list.Room(t, 1+len(rest)) == 1+len(rest) {
		t = c.list.PutMany(c.list.Put(t, v), rest)
		c.list.Tail.Unlock(c.notify(t, 1+len(rest), &wake))
		wake.Wake()
		return 1 + len(rest), true, nil
	}
	t, n, blocked, err := c.offer(t, h, v, rest, &wake)
	if blocked {
		if n > 0 {
			v, rest = rest[n-1], rest[n:]
		}
		p.Value.value, p.Value.rest, p.Value.taken = v, rest, n
		if c.rendezvous() {
			t = c.notify(t, 1, &wake) // an offer is something to receive
		}
		p.listen(waker)
		p.stand(&c.senders)
		t |= sending
	}
	c.list.Tail.Unlock(t)
	wake.Wake()
	return n, !blocked, err
}

// PollSend goes on after Offer. Once it is ready, n is how many messages were taken in
// all; the first of those that were not is still in p.
func (c *Chan[T]) PollSend(p *Polled[T], waker waitq.Target) (n int, ready bool, err error) {
	why := c.look(p, waker)
	if why == waitq.Waiting {
		return 0, false, nil
	}
	return p.Value.taken, true, c.verdict(why)
}

// look reports how the wait of p in the line of senders has ended, or Waiting.
func (c *Chan[T]) look(p *Polled[T], waker waitq.Target) waitq.Signal {
	if p.listen(waker) {
		t := c.list.Tail.Lock()
		if p.Queued() {
			c.list.Tail.Unlock(t)
			return waitq.Waiting
		}
		p.leave(&c.senders) // it was settled; the wake to come is for nobody
		c.list.Tail.Unlock(t)
	}
	p.inLine = false
	return p.Signal()
}

// verdict is the error of a send that was settled with why.
func (c *Chan[T]) verdict(why waitq.Signal) error {
	switch why {
	case waitq.Disconnected:
		return c.ended()
	case waitq.Dropped:
		return errs.ErrDropped
	}
	return nil
}

// EndSend takes the offer of p back and returns how many messages were taken, and
// whether these were all.
func (c *Chan[T]) EndSend(p *Polled[T]) (n int, all bool) {
	if p.inLine {
		t := c.list.Tail.Lock()
		p.leave(&c.senders)
		c.list.Tail.Unlock(c.lines(t))
	}
	return p.Value.taken, p.Signal() == waitq.Done
}

// Unsent returns the message of p that was not taken, and forgets it.
func (p *Polled[T]) Unsent() T {
	v := p.Value.value
	p.Clear()
	return v
}

// Clear forgets what p offered.
func (p *Polled[T]) Clear() {
	var zero T
	p.Value.value, p.Value.rest, p.Value.taken = zero, nil, 0
}
