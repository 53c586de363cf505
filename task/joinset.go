package task

import (
	"context"
	"sync"

	"github.com/handoff-go/handoff/future"
)

// JoinSet holds tasks whose results are wanted in the order in which they finish.
// The zero value is empty and ready. It may be used by many goroutines; each result
// goes to one of them.
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
// It owns nothing that has to be dropped. The tasks of a set that is forgotten go on,
// where those of tokio's are aborted.
//
// It has no limit of its own: for at most n tasks at a time, call Next while Len is n,
// before each Spawn.
type JoinSet[T any] struct {
	mu       sync.Mutex
	members  map[*member[T]]struct{} // not yet returned by Next
	finished []*member[T]
	waiters  []*nextFuture[T]
}

type member[T any] struct {
	set  *JoinSet[T]
	h    *JoinHandle[T]
	node waitNode
	cx   future.Context

	context.Context // of the polls of node
}

// Wake implements future.Waker: the task has finished.
func (m *member[T]) Wake() {
	s := m.set
	s.mu.Lock()
	s.finished = append(s.finished, m)
	w := s.first()
	s.mu.Unlock()
	if w != nil {
		w.Wake()
	}
}

// Spawn is [Spawn] into the set. It returns the handle, which nobody has to use.
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
	s.mu.Lock()
	if s.members == nil {
		s.members = make(map[*member[T]]struct{})
	}
	s.members[m] = struct{}{}
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

// NextHandle is [JoinSet.Next] that returns the handle of the task, for who wants to
// know which one it was; its Await returns at once. It returns nil and no error when
// the set is empty, and nil with ctx's error when ctx ends first.
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
	return len(s.members)
}

// CancelAll cancels every task that is in the set, and none that is added later. Next
// still returns each of them.
func (s *JoinSet[T]) CancelAll() {
	s.mu.Lock()
	handles := make([]*JoinHandle[T], 0, len(s.members))
	for m := range s.members {
		handles = append(handles, m.h)
	}
	s.mu.Unlock()
	for _, h := range handles {
		h.Cancel()
	}
}

// first takes the waker of the longest waiter that was not woken yet.
func (s *JoinSet[T]) first() future.Waker {
	for _, n := range s.waiters {
		if w := n.waker; w != nil {
			n.waker = nil
			return w
		}
	}
	return nil
}

// nextFuture is a call of Next; ready with nil when the set is empty.
type nextFuture[T any] struct {
	set    *JoinSet[T]
	waker  future.Waker
	queued bool
}

func (n *nextFuture[T]) Poll(cx *future.Context) (m *member[T], ready bool, err error) {
	s := n.set
	s.mu.Lock()
	if len(s.finished) > 0 {
		m = s.finished[0]
		s.finished[0] = nil
		s.finished = s.finished[1:]
		delete(s.members, m)
	}
	if m == nil && len(s.members) > 0 {
		n.waker = cx.Waker()
		if !n.queued {
			n.queued = true
			s.waiters = append(s.waiters, n)
		}
		s.mu.Unlock()
		return nil, false, nil
	}
	w := n.leave()
	s.mu.Unlock()
	if w != nil {
		w.Wake()
	}
	return m, true, nil
}

func (n *nextFuture[T]) Drop() {
	n.set.mu.Lock()
	w := n.leave()
	n.set.mu.Unlock()
	if w != nil {
		w.Wake()
	}
}

// leave takes n out of the line and returns whom to wake: the next, if there is
// something for it or never will be.
func (n *nextFuture[T]) leave() future.Waker {
	s := n.set
	if n.queued {
		n.queued = false
		for i, o := range s.waiters {
			if o == n {
				s.waiters = append(s.waiters[:i], s.waiters[i+1:]...)
				break
			}
		}
	}
	if len(s.finished) > 0 || len(s.members) == 0 {
		return s.first()
	}
	return nil
}
