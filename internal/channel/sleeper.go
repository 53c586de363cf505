package channel

import (
	"sync/atomic"

	"github.com/handoff-go/handoff/internal/queue"
	"github.com/handoff-go/handoff/internal/waitq"
)

// Sleeper is the waiter of a goroutine. A wait without a limit is made of three
// calls, so that the goroutine sleeps close to its user (see [waitq.Parker.Cond]):
//
//	t, done := c.Push(v)
//	if done {
//	    return nil
//	}
//	s, err := c.SendOrWait(h, v, t)
//	if s != nil {
//	    s.Wait()
//	    err = c.SendAfter(h, s)
//	}
//
// Sleepers are kept in the handle they serve, so that a wait in steady state
// allocates nothing and costs no other core a cache line. A process-wide pool would
// mix synctest bubbles.
type Sleeper[T any] struct {
	waiter[T]
	parker waitq.Parker
	before wakeups[T] // who is to be woken once the goroutine has released the lock

	next *Sleeper[T] // in the handle's stack of idle ones
	// depth is how many there are from here on. It is atomic because recycle reads
	// it of a sleeper that another goroutine may just have taken; a stale answer
	// does no harm.
	depth atomic.Int32
}

// maxIdle bounds the sleepers a handle keeps after many goroutines waited at once.
const maxIdle = 64

// Wait sleeps until the waiter is settled.
func (s *Sleeper[T]) Wait() { s.parker.Cond.Wait() }

// sleeper returns an idle sleeper of h. It may make one under the tail lock, which
// is no worse than the blocks that the list makes there, and happens only when more
// goroutines wait than ever before.
func (c *Chan[T]) sleeper(h *Handle[T]) *Sleeper[T] {
	// The whole stack is taken and the rest put back, so that no pop can mistake
	// a sleeper that came back for one that never left (ABA).
	s := h.idle.Swap(nil)
	if s == nil {
		s = new(Sleeper[T])
		s.Target = &s.parker
		s.parker.Init(&c.list.Tail)
		s.Value.owner = h.owner()
		h.waits.Add(1)
		return s
	}
	if rest := s.next; rest != nil {
		s.next = nil
		if !h.idle.CompareAndSwap(nil, rest) {
			for ; rest != nil; rest = rest.next { // another came meanwhile: these are garbage
				h.Forget(1)
			}
		}
	}
	return s
}

// recycle takes a sleeper back whose wait is over.
func (h *Handle[T]) recycle(s *Sleeper[T]) {
	var zero T
	s.Value.value, s.Value.rest, s.Value.taken, s.Value.reserve = zero, nil, 0, false // nothing stays reachable
	for {
		top := h.idle.Load()
		depth := int32(1)
		if top != nil {
			depth += top.depth.Load()
		}
		s.next = top
		if s.depth.Load() != depth { // usually it is the only one
			s.depth.Store(depth)
		}
		if depth > maxIdle {
			h.Forget(1)
			return
		}
		if h.idle.CompareAndSwap(top, s) {
			return
		}
	}
}

// prepare puts s into line l and the tail lock, which is held with word t, into
// its hands: the wait that follows releases it.
func (c *Chan[T]) prepare(s *Sleeper[T], l *line[T], t queue.Word) {
	l.Push(&s.waiter)
	s.parker.Word = t
	if !s.before.Empty() {
		s.parker.Then(&s.before)
	}
}

// wait sleeps, after prepare, until the waiter is settled or limit reached. Then it
// has left line l, and the reason is Waiting exactly if err is not nil.
func (c *Chan[T]) wait(s *Sleeper[T], l *line[T], limit *waitq.Limit) (waitq.Signal, error) {
	if limit == nil {
		s.Wait()
		return s.Signal(), nil
	}
	s.Value.timed = limit.Timed() // the tail lock is still held
	if s.parker.SleepWithin(limit) {
		s.Value.timed = false
		return s.Signal(), nil
	}
	var wake wakeups[T]
	t := c.list.Tail.Lock()
	s.Value.timed = false
	left := l.Remove(&s.waiter)
	if s.Value.reserve {
		t = c.advance(t, &wake) // what was too little for this one may do for the next
	}
	c.list.Tail.Unlock(c.lines(t))
	wake.Wake()
	s.parker.End(!left)
	if left {
		return waitq.Waiting, limit.Reached()
	}
	return s.Signal(), nil // it was settled first, so that is what happened
}
