package channel

import (
	"github.com/handoff-go/handoff/internal/errs"
	"github.com/handoff-go/handoff/internal/probe"
	"github.com/handoff-go/handoff/internal/waitq"
)

// Polls that receive nothing.

// PollReady is PollRecv that receives nothing: it reports whether a message is available,
// or returns the error of a closed channel. p is queued among the receivers, so that a message
// wakes exactly one waiter. Once p was notified it holds that notification: the caller then
// receives and calls Took, or calls EndReady, which passes the notification on.
// Rejected: to queue p among the observers, of which each message wakes all.
func (c *Chan[T]) PollReady(h *Handle[T], p *Polled[T], waker waitq.Target) (ready bool, err error) {
	// Without a lock for a consumer that is busy: a message is there, and p holds nothing that would
	// have to be withdrawn. Another receive may still take the message; the caller then polls again.
	if !p.waiting && !p.postponed && c.list.Len() > 0 && h.live() {
		return true, nil
	}
	t := c.list.Tail.Lock()
	switch {
	case !h.live():
		err = c.Named(errs.ErrDropped)
	case c.pending(t):
	case c.disconnected(t):
		err = c.CloseError()
	default:
		p.notified = false // others have taken the message that it was notified of
		c.enqueuePolled(h, p, ofReceivers, waker)
		c.onWait(&p.waiter, through(h), probe.Recv, nil)
		c.list.Tail.Unlock(c.queueFlags(t))
		return false, nil
	}
	p.endReadyWait(&c.receivers)
	c.list.Tail.Unlock(c.queueFlags(t))
	c.onPolledResume(p, err)
	return true, err
}

// endReadyWait removes p from queue l, under the tail lock, and sets notified if it was notified.
func (p *Polled[T]) endReadyWait(l *waitQueue[T]) {
	queued := p.waiting
	if !p.dequeue(l) && queued && p.Signal() == waitq.Notified {
		p.notified = true
	}
}

// Took drops the notification that p holds, because the caller has received a message.
func (p *Polled[T]) Took() { p.notified = false }

// EndReady ends a wait of PollReady that is not polled any more, or whose owner cannot
// receive now. It passes a notification on. If p is not queued and holds none, it takes no
// lock.
func (c *Chan[T]) EndReady(p *Polled[T]) {
	if !p.waiting && !p.notified {
		c.onPolledResume(p, nil)
		p.forget()
		return
	}
	var wake wakeups[T]
	t := c.list.Tail.Lock()
	p.endReadyWait(&c.receivers)
	if p.notified && c.pending(t) {
		t = c.notify(t, 1, &wake)
	}
	p.notified = false
	c.list.Tail.Unlock(c.queueFlags(t))
	c.onPolledResume(p, nil)
	wake.Wake()
}

// PollDisconnected reports whether receives through h fail from now on: the channel is closed and empty
// and no permits are outstanding, or h was dropped. Otherwise waker is called when that may
// have changed, except when a receive takes the last message: each receive would have to check
// for such waiters. The caller ends the wait with EndClosed.
func (c *Chan[T]) PollDisconnected(h *Handle[T], p *Polled[T], waker waitq.Target) (ended bool) {
	t := c.list.Tail.Lock()
	switch {
	case !h.live():
		ended = true
	case c.disconnected(t):
		ended = !c.pending(t)
	default:
		// Closed or not: a close empties the queue of watchers, and afterwards it is used to
		// wait until the last permit is used or released.
		c.enqueuePolled(h, p, ofWatchers, waker)
		c.onWait(&p.waiter, through(h), probe.Close, nil)
		c.list.Tail.Unlock(t)
		return false
	}
	p.dequeue(&c.watchers)
	c.list.Tail.Unlock(t)
	c.onPolledResume(p, nil)
	return ended
}

// PollClosed reports whether the channel is closed or, with an error, h was dropped. Otherwise
// waker is called when it is. The caller ends the wait with EndClosed.
func (c *Chan[T]) PollClosed(h *Handle[T], p *Polled[T], waker waitq.Target) (ready bool, err error) {
	if !c.Closed() && h.live() {
		t := c.list.Tail.Lock()
		if !t.Has(closed) && h.live() {
			c.enqueuePolled(h, p, ofWatchers, waker)
			c.onWait(&p.waiter, through(h), probe.Close, nil)
			c.list.Tail.Unlock(t)
			return false, nil
		}
		c.list.Tail.Unlock(t)
	}
	if !c.Closed() {
		err = c.Named(errs.ErrDropped)
	}
	c.EndClosed(p)
	return true, err
}

// EndClosed ends a wait that is not polled any more.
func (c *Chan[T]) EndClosed(p *Polled[T]) {
	if !p.waiting {
		c.onPolledResume(p, nil)
		p.forget()
		return
	}
	t := c.list.Tail.Lock()
	p.dequeue(&c.watchers)
	c.list.Tail.Unlock(t)
	c.onPolledResume(p, nil)
}
