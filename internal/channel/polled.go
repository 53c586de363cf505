package channel

import (
	_ "sync" // its methods are inlined only where it is imported; see package sched
	"sync/atomic"

	"github.com/handoff-go/handoff/internal/errs"
	"github.com/handoff-go/handoff/internal/probe"
	"github.com/handoff-go/handoff/internal/queue"
	"github.com/handoff-go/handoff/internal/sched"
	"github.com/handoff-go/handoff/internal/waitq"
)

// Polled is the waiter of a future: something that is not a goroutine, and looks
// again when its waker was called and somebody polls it. It must not be copied once it
// is in use.
//
// Between a Settle and the Wake that follows it, after the lock, the waiter still
// belongs to the settler, but nothing keeps the owner from polling at that moment. It
// then leaves its new waker to that Wake, and stands in line again only when it is
// polled for it. Until then it offers nothing and is told of nothing, which nobody
// misses: the poll that follows looks for itself.
//
// Invariants: a waiter that is Queued is owed a wake; one that is owed none belongs to
// its owner. waker is written under the tail lock while p is queued, and otherwise only
// while it is owed none, so that a Wake can read it without a lock. While neither inLine
// nor postponed is set, no waker is called.
type Polled[T any] struct {
	waiter[T]

	waker waitq.Target // of the latest poll
	state uint32       // atomic but in stand, where p is nobody else's yet

	// The owner's.
	inLine    bool // it stands in line, or has stood there and not seen why not any more
	postponed bool // its waker was left to a wake

	told bool // it was notified of something that it has not taken; see PollSomething
}

// postponing and late are one for all waiters, because they are hardly ever needed, only
// when a poll falls between a Settle and its Wake, and would be a part of each otherwise.
var (
	postponing sched.Mutex
	// late has, by the address of its state, the waker of a waiter that was polled since it
	// was settled; nil if it is to be woken no more. Each entry ends with the Wake.
	late = make(map[*uint32]waitq.Target)
)

// The states of a Polled.
const (
	idle  uint32 = iota
	owed         // a wake: from standing in line to the end of Wake, or to leaving the line
	later        // owed, and late is the one to be woken
)

// Init makes p a waiter. It is used through one handle, and ends with [Chan.Forget] unless
// that is dropped.
func (p *Polled[T]) Init() { p.Target = p }

// Wake implements [waitq.Target].
func (p *Polled[T]) Wake() {
	w := p.waker
	p.waker = nil // what is over keeps nothing
	if sched.Enabled {
		sched.Point()
	}
	if !atomic.CompareAndSwapUint32(&p.state, owed, idle) { // if it is, p is its owner's again
		postponing.Lock()
		w = late[&p.state]
		delete(late, &p.state)
		atomic.StoreUint32(&p.state, idle)
		postponing.Unlock()
	}
	if w != nil {
		w.Wake()
	}
}

// Idle reports whether nobody but the owner refers to p, so that it may be used for
// something else.
func (p *Polled[T]) Idle() bool { return !p.inLine && !p.isOwed() }

func (p *Polled[T]) isOwed() bool {
	if sched.Enabled {
		sched.Point()
	}
	return atomic.LoadUint32(&p.state) != idle
}

// stand has p, of handle h, wait in a queue with waker w, under the tail lock. It may leave
// that to the next poll, so the caller publishes the flags of the lines as they are then.
func (c *Chan[T]) stand(h *Handle[T], p *Polled[T], id queueID, w waitq.Target) {
	switch {
	case p.Queued():
		p.waker = w
	case p.isOwed() && p.postpone(w):
		p.postponed = true
	default:
		p.waker, p.inLine, p.postponed = w, true, false
		p.state = owed
		c.enqueue(h, id, &p.waiter)
	}
}

// postpone leaves w to the wake that is on its way, and reports whether that will find
// it.
func (p *Polled[T]) postpone(w waitq.Target) bool {
	postponing.Lock()
	defer postponing.Unlock()
	if !atomic.CompareAndSwapUint32(&p.state, owed, later) && atomic.LoadUint32(&p.state) == idle {
		return false
	}
	late[&p.state] = w
	return true
}

// leave takes p out of line l, under the tail lock, and reports whether it was in. If
// not, the wake that may be on its way wakes nobody.
func (p *Polled[T]) leave(l *line[T]) bool {
	p.inLine, p.postponed = false, false
	if l.Remove(&p.waiter) {
		p.waker = nil
		atomic.StoreUint32(&p.state, idle)
		return true
	}
	if p.isOwed() {
		p.postpone(nil)
	}
	return false
}

// forget takes back a waker that was left to a wake.
func (p *Polled[T]) forget() {
	if p.postponed {
		p.postponed = false
		p.postpone(nil)
	}
}

// PollRecv receives a message, if there is one, or reports the end; otherwise it sees
// to it that waker is called when there is something to look at. p stands in line
// between polls and must be ended with EndRecv if it is not polled any more.
func (c *Chan[T]) PollRecv(h *Handle[T], p *Polled[T], waker waitq.Target) (v T, ready bool, err error) {
	if !h.live() {
		c.EndRecv(p)
		return v, true, errs.ErrDropped
	}
	owed := (p.inLine || p.postponed) && p.isOwed()
	w, popped := c.list.Pop(0, &v)
	if popped == queue.Taken {
		c.Freed()
		if owed {
			c.EndRecv(p)
		} else {
			// It was told of one message, if any, and has taken one: nothing to pass on.
			p.inLine = false
			c.resumed(p, nil)
		}
		return v, true, nil
	}
	var one [1]T
	_, ready, err = c.pollSlow(w, h, p, waker, one[:])
	return one[0], ready, err
}

// PollRecvMany is PollRecv for up to len(buf) messages, which must not be 0.
func (c *Chan[T]) PollRecvMany(h *Handle[T], p *Polled[T], waker waitq.Target, buf []T) (n int, ready bool, err error) {
	return c.pollSlow(c.list.Head.Lock(), h, p, waker, buf)
}

// pollSlow is PollRecvMany with the head lock held with word w.
func (c *Chan[T]) pollSlow(w queue.Word, h *Handle[T], p *Polled[T], waker waitq.Target, buf []T) (n int, ready bool, err error) {
	var wake wakeups[T]
	if r := c.recording(); r != nil {
		w = c.reads(r, w, h)
	}
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
		n = c.takeOffers(w, t, buf, &wake)
		wake.Wake()
	case c.over(t):
		c.list.Tail.Unlock(t)
		c.list.Head.Unlock(w)
		err = c.Ended()
	default:
		c.stand(h, p, ofReceivers, waker)
		c.waits(&p.waiter, c.reader(), probe.Recv, nil)
		c.list.UnlockTail(c.lines(t))
		c.list.UnlockHead(w)
		return 0, false, nil
	}
	c.EndRecv(p)
	return n, true, err
}

// EndRecv ends a wait that is not polled any more. A notification that came to
// nothing is passed on.
func (c *Chan[T]) EndRecv(p *Polled[T]) {
	if !p.inLine {
		c.resumed(p, nil)
		p.forget()
		return
	}
	var wake wakeups[T]
	t := c.list.Tail.Lock()
	if !p.leave(&c.receivers) && p.Signal() == waitq.Notified && c.pending(t) {
		if !sched.Enabled || !sched.Planted(sched.NoPassOn) {
			t = c.notify(t, 1, &wake)
		}
	}
	c.list.Tail.Unlock(c.lines(t))
	c.resumed(p, nil)
	wake.Wake()
}
