package channel

import (
	"github.com/handoff-go/handoff/internal/errs"
	"github.com/handoff-go/handoff/internal/probe"
	"github.com/handoff-go/handoff/internal/waitq"
)

// Polls that take nothing.

// PollSomething is PollRecv that takes nothing: it reports whether there is something to
// receive, or that the channel has ended. p is queued among the receivers, so that one
// message wakes one of all that wait for it. Once it was notified, p holds that notification:
// the caller then receives and calls Took, or calls EndSomething, which passes the
// notification on. Among the observers it would hold nothing back either, but each message
// would wake all of them.
func (c *Chan[T]) PollSomething(h *Handle[T], p *Polled[T], waker waitq.Target) (ready bool, err error) {
	if !p.inLine && !p.postponed && c.list.Len() > 0 && h.live() {
		return true, nil
	}
	t := c.list.Tail.Lock()
	switch {
	case !h.live():
		err = errs.ErrDropped
	case c.pending(t):
	case c.over(t):
		err = c.Ended()
	default:
		p.told = false // of something that others have taken
		c.stand(h, p, ofReceivers, waker)
		c.waits(&p.waiter, through(h), probe.Recv, nil)
		c.list.Tail.Unlock(c.lines(t))
		return false, nil
	}
	p.stopLooking(&c.receivers)
	c.list.Tail.Unlock(c.lines(t))
	c.resumed(p, err)
	return true, err
}

// stopLooking takes p out of the queue l, under the tail lock, and notes a notification.
func (p *Polled[T]) stopLooking(l *line[T]) {
	queued := p.inLine
	if !p.leave(l) && queued && p.Signal() == waitq.Notified {
		p.told = true
	}
}

// Took is called when a message was received after PollSomething: there is nothing to pass on.
func (p *Polled[T]) Took() { p.told = false }

// EndSomething ends a wait of PollSomething that is not polled any more, or whose owner cannot
// receive now. A notification is passed on. Without one it costs nothing.
func (c *Chan[T]) EndSomething(p *Polled[T]) {
	if !p.inLine && !p.told {
		c.resumed(p, nil)
		p.forget()
		return
	}
	var wake wakeups[T]
	t := c.list.Tail.Lock()
	p.stopLooking(&c.receivers)
	if p.told && c.pending(t) {
		t = c.notify(t, 1, &wake)
	}
	p.told = false
	c.list.Tail.Unlock(c.lines(t))
	c.resumed(p, nil)
	wake.Wake()
}

// PollEnd reports whether nothing is left to receive and nothing will be sent any more, or h
// was dropped. Otherwise it calls waker when that may have changed, except when a receive has
// taken the last message: each receive would have to look for those that wait for it. p is
// ended with EndClosed.
func (c *Chan[T]) PollEnd(h *Handle[T], p *Polled[T], waker waitq.Target) (ended bool) {
	t := c.list.Tail.Lock()
	switch {
	case !h.live():
		ended = true
	case c.over(t):
		ended = !c.pending(t)
	default:
		// Closed or not: the queue of those that wait for the close is empty after it, and
		// is then for those that wait until the last permit is used or released.
		c.stand(h, p, ofWatchers, waker)
		c.waits(&p.waiter, through(h), probe.Close, nil)
		c.list.Tail.Unlock(t)
		return false
	}
	p.leave(&c.watchers)
	c.list.Tail.Unlock(t)
	c.resumed(p, nil)
	return ended
}

// PollClosed reports whether the channel is closed, and otherwise calls waker then.
func (c *Chan[T]) PollClosed(h *Handle[T], p *Polled[T], waker waitq.Target) (ready bool, err error) {
	if !c.Closed() && h.live() {
		t := c.list.Tail.Lock()
		if !t.Has(closed) && h.live() {
			c.stand(h, p, ofWatchers, waker)
			c.waits(&p.waiter, through(h), probe.Close, nil)
			c.list.Tail.Unlock(t)
			return false, nil
		}
		c.list.Tail.Unlock(t)
	}
	if !c.Closed() {
		err = errs.ErrDropped
	}
	c.EndClosed(p)
	return true, err
}

// EndClosed ends a wait that is not polled any more.
func (c *Chan[T]) EndClosed(p *Polled[T]) {
	if !p.inLine {
		c.resumed(p, nil)
		p.forget()
		return
	}
	t := c.list.Tail.Lock()
	p.leave(&c.watchers)
	c.list.Tail.Unlock(t)
	c.resumed(p, nil)
}
