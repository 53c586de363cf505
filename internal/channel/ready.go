package channel

import (
	"github.com/handoff-go/handoff/internal/queue"
	"github.com/handoff-go/handoff/internal/sched"
	"github.com/handoff-go/handoff/internal/waitq"
)

// Ready is the waiter of a receiver in a native select. It is an observer: it is notified of a
// message but holds no notification, so that an abandoned one delays no other receiver. A
// message wakes every observer, because a native channel does not show whether a goroutine
// still receives from it. Each is queued, and so woken, at most once for each call of Ready.
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

// Ready returns a channel that is readable while a message is available or receives fail. h
// keeps it for the next call.
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
		// Dequeued, but its Wake is still to come: use another waiter, so that the token
		// of that Wake cannot appear later in the channel returned here.
		h.owner().unlink(&r.waiter)
		c.list.Tail.Unlock(t)
		return c.ready(h, nil)
	}
	// The token is put or taken under the lock, with the state of the channel that it stands for:
	// a message that is sent after the check finds the waiter queued, and puts a token.
	if c.recvReady(t, h) {
		c.observers.Remove(&r.waiter)
		c.list.Tail.Unlock(c.queueFlags(t))
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
	c.list.Tail.Unlock(c.queueFlags(t))
	return r.ch, r
}

// recvReady reports whether a TryRecv of h would not find the channel empty. The
// caller holds the tail lock with word t.
func (c *Chan[T]) recvReady(t queue.Word, h *Handle[T]) bool {
	return c.pending(t) || c.disconnected(t) || !h.live()
}

var _ waitq.Target = (*Ready[int])(nil)
