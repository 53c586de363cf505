package channel

import (
	"sync/atomic"
	"unsafe"

	"github.com/handoff-go/handoff/internal/queue"
	"github.com/handoff-go/handoff/internal/waitq"
)

// BegunWait is a wait of a goroutine that is queued and holds the tail lock, or no wait. All
// that can be done with one is to wait, which releases the lock. It exists so that the goroutine
// sleeps close to its user (see [waitq.Parker.Cond]): a wait without a limit is made of three
// calls.
//
//	if c.Push(v) {
//	    return nil
//	}
//	b, err := c.SendOrWait(h, v)
//	if b.Begun() {
//	    b.Wait()
//	    err = c.SendAfter(h, b)
//	}
type BegunWait[T any] struct{ s *sleeper[T] }

// Begun reports whether there is a wait.
func (b BegunWait[T]) Begun() bool { return b.s != nil }

// Wait sleeps until the waiter is dequeued.
func (b BegunWait[T]) Wait() { b.s.parker.Cond.Wait() }

// sleeper is the waiter of a goroutine in a call. Sleepers are kept in the handle they serve, so
// that a wait in steady state allocates nothing and costs no other core a cache line. A
// process-wide pool would mix synctest bubbles.
type sleeper[T any] struct {
	waiter[T]
	buf    T // for the message; the waiter's value points here
	parker waitq.Parker
	before wakeups[T] // waiters to be woken once the goroutine has released the lock

	next *sleeper[T] // in the handle's stack of idle ones
	// depth is how many sleepers are in the stack from here on. It is atomic because recycle
	// reads it of a sleeper that another goroutine may just have taken; a stale value is
	// harmless.
	depth atomic.Int32
}

// takeSleeper returns an idle sleeper of h. The caller holds the tail lock. It may allocate one
// under the lock, as the list allocates its blocks, but only when more goroutines wait through
// h than ever before.
func (c *Chan[T]) takeSleeper(h *Handle[T]) *sleeper[T] {
	k := h.kept.Load()
	if k != nil {
		// Only the holder of the lock takes sleepers, so the one on top cannot have been
		// taken and put back between these two steps.
		for s := k.sleepers.Load(); s != nil; s = k.sleepers.Load() {
			if k.sleepers.CompareAndSwap(s, s.next) {
				s.next = nil
				return s
			}
		}
	}
	var s *sleeper[T]
	if k == nil && !tooMany(1, unsafe.Sizeof(*s)) { // the first wait of most handles is the only one at a time
		first := new(keptAndSleeper[T])
		s = &first.first
		h.kept.CompareAndSwap(nil, &first.kept)
	} else {
		h.keep()
		s = new(sleeper[T])
	}
	s.Target = &s.parker
	s.parker.Init(&c.list.Tail)
	s.Value.value = &s.buf
	return s
}

// recycle returns a sleeper whose wait is over to h.
func (c *Chan[T]) recycle(h *Handle[T], s *sleeper[T]) {
	var zero T
	k := h.kept.Load()
	for k != nil {
		top := k.sleepers.Load()
		depth := int32(1)
		if top != nil {
			depth += top.depth.Load()
		}
		if tooMany(depth, unsafe.Sizeof(*s)) {
			break
		}
		s.buf, s.Value.rest, s.Value.taken, s.Value.reserve = zero, nil, 0, false // nothing stays reachable
		s.next = top
		if s.depth.Load() != depth { // usually it is the only one
			s.depth.Store(depth)
		}
		if k.sleepers.CompareAndSwap(top, s) {
			return
		}
	}
	s.next = nil
	c.forget(h, &s.waiter)
}

// begin queues s, of handle h, and passes it the tail lock, which the caller holds and which the
// wait releases with word t.
func (c *Chan[T]) begin(h *Handle[T], s *sleeper[T], id queueID, t queue.Word) BegunWait[T] {
	c.enqueue(h, id, &s.waiter)
	s.parker.Word = t
	if !s.before.Empty() {
		s.parker.Then(&s.before)
	}
	return BegunWait[T]{s}
}

// wait sleeps until the waiter is dequeued or limit is reached. In either case it is not in
// queue l any more afterwards, and the reason is Waiting exactly if err is not nil.
func (c *Chan[T]) wait(b BegunWait[T], l *waitQueue[T], limit *waitq.Limit) (waitq.Signal, error) {
	if limit == nil {
		b.Wait()
		return b.s.Signal(), nil
	}
	s := b.s
	s.Value.timed = limit.Timed() // the tail lock is still held
	if s.parker.SleepWithin(limit) {
		s.Value.timed = false
		return s.Signal(), nil
	}
	// The limit was reached. Whether the wait has failed is decided under the lock: if the waiter
	// is queued still, nothing was done for it, and it is removed. If not, another goroutine has
	// dequeued it, and what that did counts: a message may be in s.buf already.
	var wake wakeups[T]
	t := c.list.Tail.Lock()
	s.Value.timed = false
	left := l.Remove(&s.waiter)
	if s.Value.reserve {
		t = c.advance(t, &wake) // the free slots may suffice for the next waiter
	}
	c.list.Tail.Unlock(c.queueFlags(t))
	wake.Wake()
	s.parker.End(!left)
	if left {
		return waitq.Waiting, limit.Reached()
	}
	return s.Signal(), nil // it was dequeued first, so that is what happened
}
