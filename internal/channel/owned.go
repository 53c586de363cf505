package channel

import "github.com/handoff-go/handoff/internal/waitq"

// A handle has a list of its waiters, so that its Drop dequeues them without a search among
// those of other handles: a ring, linked through the waiters, whose root is in the handle. All
// here needs the tail lock.
//
// A waiter is linked when it is queued and was not linked yet, and stays linked afterwards:
// most are queued again and again, and a wait in steady state then writes no link.
// [Chan.Forget] unlinks one that is over. For an abandoned future, which is neither polled nor
// dropped after it was woken, Forget is not called, so each link also checks two members of
// the ring and unlinks those that are not queued. The ring thus has at most twice as many
// members as waiters of the handle are queued.
//
// Rejected: a count in the handle and a search of the queues from both ends, which is linear
// when handles are dropped in random order; and to unlink a waiter when it is dequeued, with
// which the waking goroutine writes to the cache line of the waiter's handle in every wait.

// queueID says in which of the channel's queues a waiter is, or was last.
type queueID uint8

const (
	ofSenders queueID = iota
	ofReceivers
	ofObservers
	ofWatchers
)

func (c *Chan[T]) queue(id queueID) *waitQueue[T] {
	switch id {
	case ofSenders:
		return &c.senders
	case ofReceivers:
		return &c.receivers
	case ofObservers:
		return &c.observers
	default:
		return &c.watchers
	}
}

// enqueue appends w, a waiter through h, to a queue.
func (c *Chan[T]) enqueue(h *Handle[T], id queueID, w *waiter[T]) {
	if w.Value.sibling == nil {
		h.owner().link(w)
	}
	w.Value.in = id
	c.queue(id).Push(w)
}

// link makes w a member of the ring.
func (h *Handle[T]) link(w *waiter[T]) {
	w.Value.owner = &h.Life
	if h.tracked.Load() == standIn {
		return // see dequeueOfStandIn
	}
	for range 2 {
		switch old := h.waiters; {
		case old == nil:
		case old.Queued():
			h.waiters = old.Value.sibling
		default:
			h.unlink(old)
		}
	}
	first := h.waiters
	if first == nil {
		w.Value.sibling, w.Value.elder, h.waiters = w, w, w
		return
	}
	last := first.Value.elder
	w.Value.sibling, w.Value.elder = first, last
	last.Value.sibling, first.Value.elder = w, w
}

// unlink removes w from the ring, if it is linked.
func (h *Handle[T]) unlink(w *waiter[T]) {
	w.Value.owner = nil // what is over keeps no handle
	next, last := w.Value.sibling, w.Value.elder
	switch next {
	case nil:
		return
	case w:
		h.waiters = nil
	default:
		last.Value.sibling, next.Value.elder = next, last
		if h.waiters == w {
			h.waiters = next
		}
	}
	w.Value.sibling, w.Value.elder = nil, nil
}

// dequeueOwned dequeues the queued waiters of h, which is being dropped, for wake to wake, and
// unlinks all of them.
func (c *Chan[T]) dequeueOwned(h *Handle[T], wake *wakeups[T]) {
	h.kept.Store(nil)
	own := h.owner()
	w := own.waiters
	own.waiters = nil
	if own.tracked.Load() == standIn {
		c.dequeueOfStandIn(own, wake)
		return
	}
	for w != nil {
		next := w.Value.sibling
		w.Value.sibling, w.Value.elder, w.Value.owner = nil, nil, nil
		if w.Queued() {
			c.queue(w.Value.in).Dequeue(w, waitq.Dropped, wake)
		}
		if w = next; w != nil && w.Value.sibling == nil {
			return // that was the first member
		}
	}
}

// dequeueOfStandIn is dequeueOwned for the stand-in of a tracked handle, which has no ring: it is part
// of the record of the handle, and a ring from there to the waiters, and so to the futures and
// their handles, would keep a handle from being collected. It searches all queues. That is
// linear, and only while leaks are tracked.
func (c *Chan[T]) dequeueOfStandIn(h *Handle[T], wake *wakeups[T]) {
	for id := ofSenders; id <= ofWatchers; id++ {
		q := c.queue(id)
		for w := q.First(); w != nil; {
			next := q.Next(w)
			if w.Value.owner == &h.Life {
				w.Value.owner = nil
				q.Dequeue(w, waitq.Dropped, wake)
			}
			w = next
		}
	}
}

// Forget is called for a waiter through h that ends before its handle does. It must not be
// queued any more.
func (c *Chan[T]) Forget(h *Handle[T], p *Polled[T]) { c.forget(h, &p.waiter) }

func (c *Chan[T]) forget(h *Handle[T], w *waiter[T]) {
	t := c.list.Tail.Lock()
	h.owner().unlink(w)
	c.list.Tail.Unlock(t)
}
