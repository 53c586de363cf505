package channel

import (
	"sync"
	"sync/atomic"

	"github.com/handoff-go/handoff/internal/errs"
	"github.com/handoff-go/handoff/internal/queue"
	"github.com/handoff-go/handoff/internal/waitq"
)

// Polled is the waiter of a future: something that is not a goroutine, and looks
// again when its waker was called and somebody polls it. It must not be copied once it
// is in use.
//
// Between a Settle and the Wake that follows it, after the lock, the waiter still
// belongs to the settler, but nothing keeps the owner from polling at that moment. So
// the owner asks whether a Wake is owed before it stands in line again: if one is, it
// leaves its new waker to that Wake and will be polled for it.
//
// Invariants: a waiter that is Queued is owed a wake; one that is owed none belongs to
// its owner.
type Polled[T any] struct {
	waiter[T]

	mu    sync.Mutex
	waker waitq.Target // of the latest poll; guarded by mu while a wake is owed
	owed  atomic.Bool  // from standing in line to the end of Wake, or to leaving the line

	inLine bool // the owner's: it stands in line, or has stood there and not seen why not any more
}

// Init makes p a waiter through handle h.
func (p *Polled[T]) Init(h *Handle[T]) {
	p.Target = p
	p.Value.owner = &h.Life
}

// Wake implements [waitq.Target].
func (p *Polled[T]) Wake() {
	p.mu.Lock()
	w := p.waker
	p.waker = nil
	p.owed.Store(false) // from here on p is its owner's
	p.mu.Unlock()
	if w != nil {
		w.Wake()
	}
}

// Idle reports whether nobody but the owner refers to p, so that it may be used for
// something else.
func (p *Polled[T]) Idle() bool { return !p.inLine && !p.owed.Load() }

// listen makes w the waker, and reports whether a wake is owed, which will find it.
func (p *Polled[T]) listen(w waitq.Target) (owed bool) {
	if !p.owed.Load() {
		p.waker = w
		return false
	}
	p.mu.Lock()
	p.waker = w
	owed = p.owed.Load()
	p.mu.Unlock()
	return owed
}

// stand puts p into line l, under the tail lock. Its waker was set by listen, which
// found no wake owed.
func (p *Polled[T]) stand(l *line[T]) {
	p.owed.Store(true)
	p.inLine = true
	l.Push(&p.waiter)
}

// leave takes p out of line l, under the tail lock, and reports whether it was in.
func (p *Polled[T]) leave(l *line[T]) bool {
	left := l.Remove(&p.waiter)
	p.inLine = false
	p.mu.Lock()
	p.waker = nil
	if left {
		p.owed.Store(false)
	}
	p.mu.Unlock()
	return left
}

// PollRecv receives a message, if there is one, or reports the end; otherwise it sees
// to it that waker is called when there is something to look at. p stands in line
// between polls and must be ended with EndRecv if it is not polled any more.
func (c *Chan[T]) PollRecv(h *Handle[T], p *Polled[T], waker waitq.Target) (v T, ready bool, err error) {
	if !h.live() {
		c.EndRecv(p)
		return v, true, errs.ErrDropped
	}
	owed := p.listen(waker)
	v, w, popped := c.list.Pop(0)
	if popped == queue.Taken {
		c.Freed()
		if owed {
			c.EndRecv(p)
		} else {
			// It was told of one message, if any, and has taken one: nothing to pass on.
			p.inLine, p.waker = false, nil
		}
		return v, true, nil
	}
	var one [1]T
	_, ready, err = c.pollSlow(w, h, p, owed, one[:])
	return one[0], ready, err
}

// PollRecvMany is PollRecv for up to len(buf) messages, which must not be 0.
func (c *Chan[T]) PollRecvMany(h *Handle[T], p *Polled[T], waker waitq.Target, buf []T) (n int, ready bool, err error) {
	owed := p.listen(waker)
	return c.pollSlow(c.list.Head.Lock(), h, p, owed, buf)
}

// pollSlow is PollRecvMany with the head lock held with word w.
func (c *Chan[T]) pollSlow(w queue.Word, h *Handle[T], p *Polled[T], owed bool, buf []T) (n int, ready bool, err error) {
	t := c.list.Tail.Lock()
	switch {
	case !h.live():
		c.list.Tail.Unlock(t)
		c.list.Head.Unlock(w)
		err = errs.ErrDropped
	case t.Pos() != w.Pos():
		c.list.Tail.Unlock(t)
		n = c.take(w, buf)
	case t.Has(sending) && c.rendezvous():
		n = c.takeOffers(t, buf)
		c.list.Head.Unlock(w)
	case c.over(t):
		c.list.Tail.Unlock(t)
		c.list.Head.Unlock(w)
		err = c.Ended()
	default:
		if !owed {
			p.stand(&c.receivers)
		}
		c.list.Tail.Unlock(c.lines(t))
		c.list.Head.Unlock(w)
		return 0, false, nil
	}
	c.EndRecv(p)
	return n, true, err
}

// PollSomething is PollRecv that takes nothing: it reports whether there is something
// to receive, or the end. A notification goes on to the next receiver, for this one
// may find that it cannot take what there is.
func (c *Chan[T]) PollSomething(h *Handle[T], p *Polled[T], waker waitq.Target) (ready bool, err error) {
	owed := p.listen(waker)
	p.Value.observer = true
	t := c.list.Tail.Lock()
	switch {
	case !h.live():
		err = errs.ErrDropped
	case c.pending(t):
	case c.over(t):
		err = c.Ended()
	default:
		if !owed {
			p.stand(&c.receivers)
		}
		c.list.Tail.Unlock(c.lines(t))
		return false, nil
	}
	c.list.Tail.Unlock(t)
	c.EndRecv(p)
	return true, err
}

// EndRecv ends a wait that is not polled any more. A notification that came to
// nothing is passed on.
func (c *Chan[T]) EndRecv(p *Polled[T]) {
	if !p.inLine {
		return
	}
	var wake wakeups[T]
	t := c.list.Tail.Lock()
	if !p.leave(&c.receivers) && p.Signal() == waitq.Notified && !p.Value.observer && c.pending(t) {
		t = c.notify(t, 1, &wake)
	}
	c.list.Tail.Unlock(c.lines(t))
	wake.Wake()
}

// PollClosed reports whether the channel is closed, and otherwise calls waker then.
func (c *Chan[T]) PollClosed(h *Handle[T], p *Polled[T], waker waitq.Target) (ready bool, err error) {
	if !c.Closed() && h.live() {
		owed := p.listen(waker)
		t := c.list.Tail.Lock()
		if !t.Has(closed) && h.live() {
			if !owed {
				p.stand(&c.watchers)
			}
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
	if p.inLine {
		t := c.list.Tail.Lock()
		p.leave(&c.watchers)
		c.list.Tail.Unlock(t)
	}
}
