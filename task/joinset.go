package task

import (
	"context"
	"sync"

	"github.com/handoff-go/handoff/future"
)

// JoinSet holds tasks and returns their results in the order in which they finish. The zero
// value is empty and ready to use. It may be used by many goroutines; each result is returned
// to one of them.
//
//	defer set.CancelAll() // for a loop that is left early
//	for {
//	    v, ok, err := set.Next(ctx)
//	    if !ok {
//	        break // empty, or ctx has ended
//	    }
//	    ...
//	}
//
// It needs no Drop. The tasks of an abandoned set go on, while those of tokio's are aborted,
// and no Discarded method of a result is called. To end the tasks and receive their results,
// call CancelAll, then Next until the set is empty.
//
// Calls of Next that wait get the results in the order in which they began to wait.
//
// It has no limit of its own: for at most n tasks at a time, call Next while Len is n,
// before each Spawn.
type JoinSet[T any] struct {
	mu sync.Mutex
	// All of these are intrusive lists: the members that Next has not returned, in the order
	// of Add; those of them that have finished and were given to no waiter, in the order in
	// which they finished; and the calls of Next that wait. So an empty set keeps no memory,
	// and each step is O(1), however many members and waiters there are.
	members  memberList[T]
	finished memberQueue[T]
	waiters  waiterList[T]
}

type member[T any] struct {
	set  *JoinSet[T]
	h    *JoinHandle[T]
	node waitNode
	cx   future.Context

	context.Context // of the polls of node

	prev, next *member[T] // in members
	later      *member[T] // in finished
}

type memberList[T any] struct {
	first, last *member[T]
	n           int
}

func (l *memberList[T]) add(m *member[T]) {
	l.n++
	if m.prev = l.last; m.prev == nil {
		l.first = m
	} else {
		m.prev.next = m
	}
	l.last = m
}

func (l *memberList[T]) remove(m *member[T]) {
	l.n--
	if m.prev == nil {
		l.first = m.next
	} else {
		m.prev.next = m.next
	}
	if m.next == nil {
		l.last = m.prev
	} else {
		m.next.prev = m.prev
	}
	m.prev, m.next = nil, nil
}

type memberQueue[T any] struct{ first, last *member[T] }

func (q *memberQueue[T]) push(m *member[T]) {
	if q.last == nil {
		q.first = m
	} else {
		q.last.later = m
	}
	q.last = m
}

// unpop puts back, at the head, a member that was given to a waiter that was then dropped: it
// finished before the others.
func (q *memberQueue[T]) unpop(m *member[T]) {
	if m.later = q.first; q.first == nil {
		q.last = m
	}
	q.first = m
}

func (q *memberQueue[T]) pop() *member[T] {
	m := q.first
	if m == nil {
		return nil
	}
	if q.first = m.later; q.first == nil {
		q.last = nil
	}
	m.later = nil
	return m
}

// Wake implements future.Waker: the task has finished.
func (m *member[T]) Wake() {
	s := m.set
	s.mu.Lock()
	w := s.offer(m)
	s.mu.Unlock()
	if w != nil {
		w.Wake()
	}
}

// Spawn is [Spawn] into the set. The returned handle may be ignored.
func (s *JoinSet[T]) Spawn(ctx context.Context, fn func(context.Context) (T, error), opts ...SpawnOption) *JoinHandle[T] {
	h := Spawn(ctx, fn, opts...)
	s.Add(h)
	return h
}

// Add puts a task of any kind into the set. The handle stays usable; if it is dropped,
// Next returns [future.ErrDropped] for it at once.
func (s *JoinSet[T]) Add(h *JoinHandle[T]) {
	m := &member[T]{set: s, h: h, node: waitNode{t: &h.t, quiet: true}, Context: context.Background()}
	m.cx.Init(m)
	if h.t.rt != nil && !h.t.has(done) {
		h.t.rt.admit() // before it is a member, which could not end then
	}
	s.mu.Lock()
	s.members.add(m)
	s.mu.Unlock()
	if _, ready, _ := m.node.Poll(&m.cx); ready {
		m.Wake()
	}
}

// Next waits for the next task to finish and returns its result, an error of the
// task included, with ok = true. It returns ok = false and no error when the set is
// empty, and ok = false with ctx's error when ctx ends first:
// then the tasks are still in the set, also those that end with ctx. Under
// [context.WithoutCancel] it waits for them.
func (s *JoinSet[T]) Next(ctx context.Context) (v T, ok bool, err error) {
	h, err := s.NextHandle(ctx)
	if h == nil {
		return v, false, err
	}
	v, err = h.result()
	return v, true, err
}

// NextHandle is [JoinSet.Next] that returns the handle of the task, and so shows which one
// finished; Await of the handle returns at once. It returns nil and no error when the set is
// empty, and nil with ctx's error when ctx ends first.
func (s *JoinSet[T]) NextHandle(ctx context.Context) (*JoinHandle[T], error) {
	m, err := future.Await(ctx, future.Future[*member[T]](&nextFuture[T]{set: s}))
	if m == nil {
		return nil, err
	}
	return m.h, nil
}

// Len returns how many tasks Next has still to return, finished or not.
func (s *JoinSet[T]) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.members.n
}

// CancelAll cancels every task that is in the set, in the order in which they were added,
// and none that is added later. Next still returns each of them.
func (s *JoinSet[T]) CancelAll() {
	s.mu.Lock()
	handles := make([]*JoinHandle[T], 0, s.members.n)
	for m := s.members.first; m != nil; m = m.next {
		handles = append(handles, m.h)
	}
	s.mu.Unlock()
	for _, h := range handles {
		h.Cancel()
	}
}

// nextFuture is a call of Next; ready with nil when the set is empty.
type nextFuture[T any] struct {
	set   *JoinSet[T]
	waker future.Waker
	got   *member[T] // given to it, see offer

	queued     bool
	prev, next *nextFuture[T] // in waiters
}

// waiterList holds the calls that wait, in the order of their first polls.
type waiterList[T any] struct{ first, last *nextFuture[T] }

func (l *waiterList[T]) add(n *nextFuture[T]) {
	n.queued = true
	if n.prev = l.last; n.prev == nil {
		l.first = n
	} else {
		n.prev.next = n
	}
	l.last = n
}

func (l *waiterList[T]) remove(n *nextFuture[T]) {
	n.queued = false
	if n.prev == nil {
		l.first = n.next
	} else {
		n.prev.next = n.next
	}
	if n.next == nil {
		l.last = n.prev
	} else {
		n.next.prev = n.prev
	}
	n.prev, n.next = nil, nil
}

// offer gives m, which has finished, to the longest waiter, or keeps it for the next call.
// It returns the waker to call, or nil. Rejected: to wake the waiter without giving it m. A
// later call could take m first, and the waiter would need its old position in the queue,
// which is not O(1). m cannot get stuck at a waiter: only Next uses this, and its Await polls
// again or drops. Under mu.
func (s *JoinSet[T]) offer(m *member[T]) future.Waker {
	n := s.waiters.first
	if n == nil {
		s.finished.push(m)
		return nil
	}
	s.waiters.remove(n)
	n.got = m
	return n.waker
}

// empty returns the waker of the next waiter that has to see that the set is empty, or nil.
// Each of them wakes the next. Under mu.
func (s *JoinSet[T]) empty() future.Waker {
	n := s.waiters.first
	if s.members.n > 0 || n == nil {
		return nil
	}
	s.waiters.remove(n)
	return n.waker
}

func (n *nextFuture[T]) Poll(cx *future.Context) (m *member[T], ready bool, err error) {
	s := n.set
	s.mu.Lock()
	if m, n.got = n.got, nil; m == nil {
		m = s.finished.pop()
	}
	if m == nil && s.members.n > 0 {
		// A worker of that runtime wakes this goroutine. The first member speaks for all:
		// the calls of Add that the others came by were on the same side.
		if rt := s.members.first.h.t.rt; rt != nil && !n.queued && !rt.native() {
			s.mu.Unlock()
			rt.admit() // panics, unless the runtime has ended
			s.mu.Lock()
		}
		if n.waker = cx.Waker(); !n.queued {
			s.waiters.add(n)
		}
		s.mu.Unlock()
		return nil, false, nil
	}
	if n.queued {
		s.waiters.remove(n)
	}
	if m != nil {
		s.members.remove(m)
	}
	w := s.empty()
	s.mu.Unlock()
	if w != nil {
		w.Wake()
	}
	return m, true, nil
}

func (n *nextFuture[T]) Drop() {
	s := n.set
	s.mu.Lock()
	var w future.Waker
	if n.queued {
		s.waiters.remove(n)
	}
	switch m := n.got; {
	case m == nil:
		w = s.empty()
	case s.waiters.first == nil:
		s.finished.unpop(m)
	default:
		w = s.offer(m)
	}
	n.got = nil
	s.mu.Unlock()
	if w != nil {
		w.Wake()
	}
}
