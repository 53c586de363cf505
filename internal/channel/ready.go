package channel

import (
	"github.com/handoff-go/handoff/internal/queue"
	"github.com/handoff-go/handoff/internal/sched"
	"github.com/handoff-go/handoff/internal/waitq"
)

// Ready lets a receiver stand in a native select. It is an observer: it is told of a
// message but takes no part in the competition for it, so one that is forgotten holds
// nothing back. So a message wakes every observer: which of them still listens is not known,
// because a native channel does not say whether somebody receives from it. Each is paid for by
// the call of Ready that queued it.
type Ready[T any] struct {
	waiter waiter[T]
	ch     chan struct{} // capacity 1: a token while there is something to look at
	woken  sched.Bool    // its Wake was called, so the waiter may be used again
}

// Wake implements [waitq.Target].
func (r *Ready[T]) Wake() {
	select {
	case r.ch <- struct{}{}:
	default:
	}
	r.woken.Store(true)
}

// Ready returns a channel that is readable while there is something to receive
// or the end is reached. h keeps it for the next call.
func (c *Chan[T]) Ready(h *Handle[T]) <-chan struct{} {
	k := h.keep()
	ch, r := c.ready(h, k.ready.Swap(nil))
	k.ready.Store(r)
	return ch
}

// ready is Ready with r, which may be nil and is used by no other goroutine. It returns r itself or a
// successor.
func (c *Chan[T]) ready(h *Handle[T], r *Ready[T]) (<-chan struct{}, *Ready[T]) {
	if r == nil {
		r = &Ready[T]{ch: make(chan struct{}, 1)}
		r.waiter.Target = r
		r.woken.Store(true)
	}
	t := c.list.Tail.Lock()
	queued := r.waiter.Queued()
	if !queued && !r.woken.Load() {
		// Settled, but the wake is still on its way: leave that one to it, so
		// that its token cannot turn up later, when it would mean nothing.
		h.owner().unlink(&r.waiter)
		c.list.Tail.Unlock(t)
		return c.ready(h, nil)
	}
	if c.something(t, h) {
		c.observers.Remove(&r.waiter)
		c.list.Tail.Unlock(c.lines(t))
		r.Wake()
		return r.ch, r
	}
	select {
	case <-r.ch:
	default:
	}
	if !queued {
		r.woken.Store(false)
		c.enqueue(h, ofObservers, &r.waiter)
	}
	c.list.Tail.Unlock(c.lines(t))
	return r.ch, r
}

// something reports whether a TryRecv of h would not find the channel empty. The
// caller holds the tail lock with word t.
func (c *Chan[T]) something(t queue.Word, h *Handle[T]) bool {
	return c.pending(t) || c.over(t) || !h.live()
}

var _ waitq.Target = (*Ready[int])(nil)
