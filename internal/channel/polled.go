package channel

import (
	_ "sync" // its methods are inlined only where it is imported; see package sched
	"sync/atomic"

	"github.com/handoff-go/handoff/internal/errs"
	"github.com/handoff-go/handoff/internal/probe"
	"github.com/handoff-go/handoff/internal/sched"
	"github.com/handoff-go/handoff/internal/waitq"
)

// Polled is the waiter of a future. When it is dequeued its waker is called, and the next poll
// of the future tries again. It must not be copied once it is in use.
//
// Between Dequeue (under the lock) and Wake (after it) the waiter is owned by the goroutine that
// dequeues it. If the owner polls in that window it stores its new waker for that Wake to call,
// and queues the waiter only on the next poll. Until then the waiter offers nothing and is
// not notified. Nothing is missed by that, because the next poll checks the channel itself.
//
//	           enqueuePolled            Dequeue, then Wake
//	idle ------------------------> owed -----------------> idle
//	                                |                        ^
//	        poll between the two:   |  postpone              |  Wake takes the waker
//	        not queued again        +-------------> later ---+  from late
//
// A removal (dequeue) goes from owed to idle without a Wake. Rejected: a mutex in each waiter, which
// made a hop 18 % slower (docs/design/async.md); and to queue the waiter again at once in that
// window, because the goroutine that wakes still reads its links and its waker.
//
// Invariants: a waiter that is Queued is owed a Wake; one that is owed none belongs to
// its owner. waker is written under the tail lock while p is queued, and otherwise only
// while it is owed none, so that a Wake can read it without a lock. While neither waiting
// nor postponed is set, no waker is called.
type Polled[T any] struct {
	waiter[T]

	waker waitq.Target // of the latest poll
	state uint32       // atomic, except in enqueuePolled, where no other goroutine has p yet

	// Used only by the owner.
	waiting   bool // it is queued, or was dequeued and has not read its signal yet
	postponed bool // its waker was stored in late

	notified bool // it holds a notification; see PollReady
}

// postponing and late are shared by all waiters of the process. They are rarely needed, only
// when a poll falls between a Dequeue and its Wake; as fields they would enlarge each waiter.
var (
	postponing sched.Mutex
	// late maps the address of a waiter's state to the waker of the latest poll since it was
	// dequeued, or to nil if none is to be called any more. Wake deletes the entry.
	late = make(map[*uint32]waitq.Target)
)

// The states of a Polled.
const (
	idle  uint32 = iota
	owed         // a Wake is to come: from the enqueue to the end of Wake, or to the removal
	later        // owed, and late has the waker to call
)

// Init makes p a waiter. It is used through one handle, and ends with [Chan.Forget] unless
// that is dropped.
func (p *Polled[T]) Init() { p.Target = p }

// Wake implements [waitq.Target].
func (p *Polled[T]) Wake() {
	w := p.waker  // written before p was queued, and by nothing while it is owed this Wake
	p.waker = nil // a finished wait keeps no references
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

// Idle reports whether only the owner refers to p, so that it may be reused.
func (p *Polled[T]) Idle() bool { return !p.waiting && !p.isOwed() }

func (p *Polled[T]) isOwed() bool {
	if sched.Enabled {
		sched.Point()
	}
	return atomic.LoadUint32(&p.state) != idle
}

// enqueuePolled queues p, of handle h, with waker w, under the tail lock. If p is still owed a
// Wake, it does not queue p but postpones w: the Wake to come calls w, and the poll that follows
// tries again. So the caller computes the flags of the tail word from the queues (queueFlags) and
// does not set one for p.
func (c *Chan[T]) enqueuePolled(h *Handle[T], p *Polled[T], id queueID, w waitq.Target) {
	switch {
	case p.Queued():
		p.waker = w
	case p.isOwed() && p.postpone(w):
		p.postponed = true
	default:
		p.waker, p.waiting, p.postponed = w, true, false
		p.state = owed
		c.enqueue(h, id, &p.waiter)
	}
}

// postpone stores w for the Wake that p is owed, and reports whether that Wake will call it.
func (p *Polled[T]) postpone(w waitq.Target) bool {
	postponing.Lock()
	defer postponing.Unlock()
	if !atomic.CompareAndSwapUint32(&p.state, owed, later) && atomic.LoadUint32(&p.state) == idle {
		return false
	}
	late[&p.state] = w
	return true
}

// dequeue removes p from queue l, under the tail lock, and reports whether it was in it. If not,
// a Wake that is still to come calls no waker.
func (p *Polled[T]) dequeue(l *waitQueue[T]) bool {
	p.waiting, p.postponed = false, false
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

// forget withdraws a waker that was postponed.
func (p *Polled[T]) forget() {
	if p.postponed {
		p.postponed = false
		p.postpone(nil)
	}
}

// PollRecv receives a message or returns the error of a closed channel or a dropped handle;
// otherwise it queues p, whose waker is called when another poll may succeed. If p is not
// polled again, the caller must call EndRecv.
func (c *Chan[T]) PollRecv(h *Handle[T], p *Polled[T], waker waitq.Target) (v T, ready bool, err error) {
	if !h.live() {
		c.EndRecv(p)
		return v, true, c.Named(errs.ErrDropped)
	}
	// Read before the message is taken: p may be queued still, and a notification that arrives
	// after the Pop is for another message, which EndRecv then passes on.
	owed := (p.waiting || p.postponed) && p.isOwed()
	if c.list.Pop(0, &v) {
		c.Freed()
		if owed {
			c.EndRecv(p)
		} else {
			// It was notified of at most one message, and has taken one: nothing to pass on.
			p.waiting = false
			c.onPolledResume(p, nil)
		}
		return v, true, nil
	}
	var one [1]T
	_, ready, err = c.pollSlow(h, p, waker, one[:], c.receiveCaller(h))
	return one[0], ready, err
}

// PollRecvSlow is PollRecv for a caller whose Pop has just failed.
func (c *Chan[T]) PollRecvSlow(h *Handle[T], p *Polled[T], waker waitq.Target) (v T, ready bool, err error) {
	var one [1]T
	_, ready, err = c.pollSlow(h, p, waker, one[:], c.receiveCaller(h))
	return one[0], ready, err
}

// PollRecvMany is PollRecv for up to len(buf) messages, which must not be 0.
func (c *Chan[T]) PollRecvMany(h *Handle[T], p *Polled[T], waker waitq.Target, buf []T) (n int, ready bool, err error) {
	by := c.receiveCaller(h)
	// A Drop of h at the same moment may come before or after this receive; both are results that
	// its user can get.
	if h.live() {
		if n = c.take(buf, by); n > 0 {
			c.EndRecv(p)
			return n, true, nil
		}
	}
	return c.pollSlow(h, p, waker, buf, by)
}

// pollSlow is recvSlow for a future. As there, the tail lock suffices to find that there is no
// message.
func (c *Chan[T]) pollSlow(h *Handle[T], p *Polled[T], waker waitq.Target, buf []T, by caller) (n int, ready bool, err error) {
	for {
		t := c.list.Tail.Lock()
		switch {
		case !h.live():
			c.list.Tail.Unlock(t)
			err = c.Named(errs.ErrDropped)
		case !c.list.Drained(t):
			c.list.Tail.Unlock(t)
			if n = c.take(buf, by); n == 0 {
				continue // other receivers have taken all of it
			}
		case t.Has(sending) && c.rendezvous():
			n = c.takeOffers(t, buf, by)
		case t&closed != 0 && c.disconnected(t):
			c.list.Tail.Unlock(t)
			err = c.CloseError()
		default:
			// queueFlags and not t|recving: a postponed p is not queued.
			c.enqueuePolled(h, p, ofReceivers, waker)
			c.onWait(&p.waiter, by, probe.Recv, nil)
			c.list.UnlockTail(c.queueFlags(t))
			return 0, false, nil
		}
		c.EndRecv(p)
		return n, true, err
	}
}

// EndRecv ends a wait that is not polled any more. It passes an unused notification on: one that p
// got and has not used, because it was dropped or took another message. If no message is available
// any more, the receive that took it was notified itself or was not waiting, and there is nothing
// to pass on.
func (c *Chan[T]) EndRecv(p *Polled[T]) {
	if !p.waiting {
		c.onPolledResume(p, nil)
		p.forget()
		return
	}
	var wake wakeups[T]
	t := c.list.Tail.Lock()
	if !p.dequeue(&c.receivers) && p.Signal() == waitq.Notified && c.pending(t) {
		t = c.notify(t, 1, &wake)
	}
	c.list.Tail.Unlock(c.queueFlags(t))
	c.onPolledResume(p, nil)
	wake.Wake()
}
