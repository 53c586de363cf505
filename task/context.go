package task

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/handoff-go/handoff/internal/park"
)

// A task is its own context. It ends when the task is cancelled, with the context
// it was derived from, and when the task has returned. Nothing is registered with
// the context above before somebody has to hear of its end: a task that never waits
// costs its parents nothing.

type currentKey struct{}

// Deadline implements context.Context.
func (t *core) Deadline() (time.Time, bool) { return t.base.Deadline() }

// Err implements context.Context.
func (t *core) Err() error {
	s := t.state.Load()
	if s&(planted|over|done) == 0 && t.rt.shut.Load() {
		t.plant()
		s = t.state.Load()
	}
	switch {
	case s&byDeadline != 0:
		return context.DeadlineExceeded
	case s&(cancelled|over|done) != 0:
		return context.Canceled
	default:
		return t.base.Err()
	}
}

// Value implements context.Context.
func (t *core) Value(key any) any {
	switch key {
	case currentKey{}:
		return t
	case runtimeKey{}:
		return t.rt
	case park.Key:
		if t.kind != function {
			return nil // a poll must not give its worker away
		}
		return t
	}
	return t.base.Value(key)
}

// closedChan is what Done returns after the end.
var closedChan = func() chan struct{} { ch := make(chan struct{}); close(ch); return ch }()

// Done implements context.Context.
func (t *core) Done() <-chan struct{} {
	if t.rt.seeded && t.base.Err() != nil {
		return closedChan // see seed.go
	}
	t.rt.mu.Lock()
	t.plantLocked()
	if t.has(cancelled | over | done) {
		t.rt.mu.Unlock()
		return closedChan
	}
	s := t.more()
	if s.done == nil {
		s.done = make(chan struct{})
	}
	ch := s.done
	t.rt.mu.Unlock()
	t.subscribe()
	return ch
}

// AfterFunc is what package context looks for, so that a context derived from a
// task's needs no goroutine.
func (t *core) AfterFunc(f func()) (stop func() bool) {
	t.rt.mu.Lock()
	t.plantLocked()
	if t.has(cancelled | over | done) {
		t.rt.mu.Unlock()
		go f()
		return func() bool { return false }
	}
	s := t.more()
	if s.after == nil {
		s.after = make(map[*func()]uint64)
	}
	t.rt.links++
	s.after[&f] = t.rt.links
	t.rt.mu.Unlock()
	t.subscribe()
	return func() bool {
		t.rt.mu.Lock()
		defer t.rt.mu.Unlock()
		_, waiting := s.after[&f]
		delete(s.after, &f)
		return waiting
	}
}

// end ends the context for those who wait for it. Under rt.mu, with a bit set that
// says why.
func (t *core) end(s *sweep) {
	side := t.side.Load()
	if side == nil {
		return
	}
	if side.done != nil {
		close(side.done)
		side.done = nil
	}
	if t.rt.seeded {
		// What package context leaves here does not block, and its order matters.
		for _, f := range slices.SortedFunc(maps.Keys(side.after), func(a, b *func()) int { return cmp.Compare(side.after[a], side.after[b]) }) {
			s.calls = append(s.calls, *f)
		}
	} else {
		for f := range side.after {
			s.calls = append(s.calls, func() { go (*f)() })
		}
	}
	side.after = nil
}

// stopped is what a task that ended with its context comes to, before it returned
// anything itself.
func (t *core) stopped() error {
	if t.has(cancelled) {
		return t.cause()
	}
	return causeOf(t.base)
}

func causeOf(ctx context.Context) error {
	switch err := ctx.Err(); {
	case err == nil:
		return nil
	case errors.Is(err, context.DeadlineExceeded):
		return context.DeadlineExceeded
	default:
		return ErrCancelled
	}
}

// graft is the context that a task is derived from when it was spawned under a
// context that only adds values to another task's: that task's end is not its own.
type graft struct {
	context.Context // what the task above is derived from

	values context.Context
}

// origin is the context whose end ctx hears of: for that, values do not matter.
func origin(ctx context.Context) context.Context {
	for {
		g, ok := ctx.(graft)
		if !ok {
			return ctx
		}
		ctx = g.Context
	}
}

func (g graft) Value(key any) any { return g.values.Value(key) }
