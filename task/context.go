package task

import (
	"context"
	"errors"
	"time"

	"github.com/handoff-go/handoff/internal/park"
)

// A task is its own context. It ends when the task is cancelled, with the context
// it was derived from, and with the task itself once nothing derived from it is
// left. Nothing is registered with the context above before somebody has to hear
// of its end: a task that never waits costs its parents nothing.

type currentKey struct{}

// Deadline implements context.Context.
func (t *core) Deadline() (time.Time, bool) { return t.base.Deadline() }

// Err implements context.Context.
func (t *core) Err() error {
	if !t.has(cancelled) {
		return t.base.Err()
	}
	if errors.Is(t.cause, context.DeadlineExceeded) {
		return context.DeadlineExceeded
	}
	return context.Canceled
}

// Value implements context.Context.
func (t *core) Value(key any) any {
	switch key {
	case currentKey{}:
		return t
	case park.Key:
		if t.slot == nil {
			return nil // a poll must not give its worker away
		}
		return t.slot
	}
	return t.base.Value(key)
}

// Done implements context.Context.
func (t *core) Done() <-chan struct{} {
	t.rt.mu.Lock()
	l := t.links()
	if l.done == nil {
		l.done = make(chan struct{})
		if t.has(cancelled) {
			close(l.done)
		}
	}
	t.rt.mu.Unlock()
	t.subscribe()
	return l.done
}

// AfterFunc is what package context looks for, so that a context derived from a
// task's needs no goroutine.
func (t *core) AfterFunc(f func()) (stop func() bool) {
	t.rt.mu.Lock()
	if t.has(cancelled) {
		t.rt.mu.Unlock()
		go f()
		return func() bool { return false }
	}
	l := t.links()
	if l.after == nil {
		l.after = make(map[*func()]struct{})
	}
	l.after[&f] = struct{}{}
	t.rt.mu.Unlock()
	t.subscribe()
	return func() bool {
		var s sweep
		t.rt.mu.Lock()
		_, waiting := l.after[&f]
		delete(l.after, &f)
		if waiting && t.ghost {
			t.prune(&s)
		}
		t.rt.mu.Unlock()
		s.run()
		return waiting
	}
}

// ended is what a task that ended with its context comes to, before it returned
// anything itself.
func (t *core) ended() error {
	if t.has(cancelled) {
		return t.cause
	}
	return causeOf(t.base)
}

func causeOf(ctx context.Context) error {
	switch err := ctx.Err(); {
	case err == nil:
		return nil
	case errors.Is(err, context.DeadlineExceeded):
		return err
	default:
		return ErrCancelled
	}
}
