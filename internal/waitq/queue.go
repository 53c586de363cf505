package waitq

import (
	"github.com/handoff-go/handoff/internal/each"
)

// Signal says why a waiter was woken.
type Signal uint32

const (
	// Waiting: not settled.
	Waiting Signal = iota
	// Notified: look again. Nothing was done on the waiter's behalf.
	Notified
	// Done: what it waited for was done on its behalf.
	Done
	// Disconnected: the wait failed, because the channel was closed.
	Disconnected
	// Dropped: the wait failed, because the waiter's own handle was dropped.
	Dropped
)

// Target is what a waiter wakes. Wake must not block and may be called from any
// goroutine. It must synchronize with what it wakes through more than the
// queue's lock: what was done to the waiter before Wake is visible to its owner
// afterwards.
type Target interface{ Wake() }

// Waiter is a node of a wait queue. V is the data of the owner of the queue.
type Waiter[V any] struct {
	next, prev *Waiter[V] // in the queue; prev is nil outside of it
	signal     Signal

	// Target is woken when the waiter is settled.
	Target Target
	// Value is the queue owner's.
	Value V
}

// Signal returns the reason a waiter was settled with, or Waiting. Call it after the Wake or
// under the queue's lock.
func (w *Waiter[V]) Signal() Signal { return w.signal }

// Queued reports whether w is in a queue. Under the queue's lock.
func (w *Waiter[V]) Queued() bool { return w.prev != nil }

// Queue is a FIFO of waiters. All methods need the lock of its owner. The zero
// value is empty. It is one word, a ring whose first member is the oldest, so that
// it fits on the cache line of the lock.
type Queue[V any] struct {
	first *Waiter[V]
}

// Empty reports whether no waiter is queued.
func (q *Queue[V]) Empty() bool { return q.first == nil }

// First returns the waiter that waits longest, or nil.
func (q *Queue[V]) First() *Waiter[V] { return q.first }

// Next returns the waiter behind w, or nil.
func (q *Queue[V]) Next(w *Waiter[V]) *Waiter[V] {
	if w.next == q.first {
		return nil
	}
	return w.next
}

// Last returns the waiter that was queued last, or nil.
func (q *Queue[V]) Last() *Waiter[V] {
	if q.first == nil {
		return nil
	}
	return q.first.prev
}

// Prev returns the waiter before w, or nil.
func (q *Queue[V]) Prev(w *Waiter[V]) *Waiter[V] {
	if w == q.first {
		return nil
	}
	return w.prev
}

// Push appends w at the tail.
func (q *Queue[V]) Push(w *Waiter[V]) {
	w.signal = Waiting
	first := q.first
	if first == nil {
		w.next, w.prev, q.first = w, w, w
		return
	}
	last := first.prev
	w.next, w.prev = first, last
	last.next, first.prev = w, w
}

// Remove removes w and reports whether it was queued.
func (q *Queue[V]) Remove(w *Waiter[V]) bool {
	if w.prev == nil {
		return false
	}
	switch {
	case w.next == w:
		q.first = nil
	case w == q.first:
		q.first = w.next
		fallthrough
	default:
		w.prev.next, w.next.prev = w.next, w.prev
	}
	w.next, w.prev = nil, nil
	return true
}

// Settle removes w, which must be queued, with a reason, and adds it to the waiters that the
// caller wakes once it has released the lock.
func (q *Queue[V]) Settle(w *Waiter[V], s Signal, to *Wakeups[V]) {
	q.Remove(w)
	w.signal = s
	if to.last == nil {
		to.first = w
	} else {
		to.last.next = w
	}
	to.last = w
}

// SettleFirst is Settle for the waiter that waits longest, which the caller wakes
// itself.
func (q *Queue[V]) SettleFirst(s Signal) {
	w := q.first
	q.Remove(w)
	w.signal = s
}

// SettleAll settles all waiters.
func (q *Queue[V]) SettleAll(s Signal, to *Wakeups[V]) {
	for q.first != nil {
		q.Settle(q.first, s, to)
	}
}

// Wakeups are settled waiters still to be woken, in order. They are woken without the lock: a
// Wake may take microseconds, and the woken goroutine needs the lock.
type Wakeups[V any] struct {
	first, last *Waiter[V]
}

// Empty reports whether there is no waiter to wake.
func (s *Wakeups[V]) Empty() bool { return s.first == nil }

// Wake wakes all waiters and clears s. If a target panics, the panic reaches the caller after
// the others were woken: otherwise these would wait forever.
func (s *Wakeups[V]) Wake() {
	w := s.first
	s.first, s.last = nil, nil
	switch {
	case w == nil:
	case w.next == nil:
		rouse(w.Target)
	default:
		w.wakeAll()
	}
}

// wakeAll wakes w and those behind it. It is a function of its own because Wake for one waiter,
// the common case, should not pay for the defer.
func (w *Waiter[V]) wakeAll() {
	defer func() {
		if w != nil { // a target has panicked, or has ended this goroutine
			rest := w
			each.Rest(func() bool {
				if rest == nil {
					return false
				}
				var target Target
				target, rest = rest.leave()
				rouse(target)
				return true
			})
		}
	}()
	for w != nil {
		var target Target
		target, w = w.leave()
		rouse(target)
	}
}

// leave returns the target of w and the next waiter. Call it before the Wake: afterwards w
// belongs to its owner again.
func (w *Waiter[V]) leave() (Target, *Waiter[V]) {
	target, next := w.Target, w.next
	w.next = nil
	return target, next
}

func rouse(target Target) {
	target.Wake()
}
