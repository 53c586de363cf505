package task

import (
	"context"
	"errors"
	"time"

	"github.com/handoff-go/handoff/internal/once"
	"github.com/handoff-go/handoff/internal/park"
)

// A task is its own context. It ends when the task is cancelled, with the context above
// it, and when the task has returned. What holds, and FuzzContextContract checks:
//
//   - Err is non-nil exactly when Done is closed, and never changes after that. The
//     first reason decides it; context.Cause gives the reason.
//   - When a Cancel, a Shutdown or an Await of the result has returned, the contexts it
//     ended have ended, and so has every context that package context derived from them.
//   - When the cancel function of a context above has returned, the same holds, provided
//     that the contexts between come from package context. A context of another kind
//     reports its end when it likes. Until it does, Done is open and Err is nil, unless
//     no call has asked for Done before.
//
// Nothing is registered with the context above until a call asks for Done or the task
// waits: a task that does neither costs its parents nothing. From the first Done on, the
// end belongs to a context of package context (see inner.go). Before that no channel can
// contradict Err, so Err may look at the context above. What it reports is recorded in
// the state, because a later Done must agree with it.

type currentKey struct{}

// ends are the bits that end the context of a task; reasons says why. The first of ends
// is set together with its reason, and later ones add none: see mark.
const (
	ends    = cancelled | noted | over | done
	reasons = byShutdown | byDeadline | byAbove | byCancel
)

// mark sets bits. A reason counts only when it comes with the first end.
func (t *core) mark(bits uint32) {
	for {
		s := t.state.Load()
		to := s | bits
		if s&ends != 0 {
			to = s | bits&^reasons
		}
		if s == to || t.state.CompareAndSwap(s, to) {
			return
		}
	}
}

// Deadline implements context.Context.
func (t *core) Deadline() (time.Time, bool) { return t.base.Deadline() }

// Err implements context.Context.
func (t *core) Err() error {
	if in := t.inner(); in != nil {
		return in.err(t)
	}
	s := t.state.Load()
	if s&(inTree|over|done) == 0 && t.rt.shut.Load() {
		t.ensureInTree()
		s = t.state.Load()
	}
	if s&ends == 0 {
		bits := t.above()
		if bits == 0 {
			return nil
		}
		t.mark(noted | bits)
		s = t.state.Load()
	}
	if in := t.inner(); in != nil {
		return in.err(t) // published before the end, so it decides
	}
	return errOf(s)
}

// errOf returns what Err reports for a state with one of ends.
func errOf(s uint32) error {
	if s&byDeadline != 0 {
		return context.DeadlineExceeded
	}
	return context.Canceled
}

// causeOfEnd returns what context.Cause reports, unless the context above decides that.
func causeOfEnd(s uint32) error {
	switch {
	case s&byShutdown != 0:
		return ErrShutdown
	case s&byCancel != 0:
		return ErrCancelled
	}
	return errOf(s)
}

// above returns the reason bits for the end of the context above, or 0 while it has not
// ended. Called without a lock: that context may be user code.
func (t *core) above() uint32 { return reasonOf(t.base) }

func reasonOf(ctx context.Context) uint32 {
	err := causeOf(ctx)
	if err == nil {
		return 0
	}
	// Package context sets Err before it ends what it derived, under a lock that Cause
	// takes. Without this call a task could be woken by the end of a context while its
	// inner one, which follows the same context, is still open.
	_ = context.Cause(ctx)
	if err == context.DeadlineExceeded { //nolint:errorlint // from causeOf
		return byAbove | byDeadline
	}
	return byAbove
}

// causeOf returns the result of a task that ended with ctx before it returned, or nil
// while ctx has not ended.
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

// Value implements context.Context.
func (t *core) Value(key any) any {
	switch key {
	case currentKey{}:
		return t
	case runtimeKey{}:
		return t.rt
	case park.Key:
		return (*finder)(t.rt)
	case park.ChooserKey:
		if !t.rt.seeded {
			return nil
		}
		return t
	case cancelKey:
		return t.cancelCtx()
	}
	return t.base.Value(key)
}

// Done implements context.Context.
func (t *core) Done() <-chan struct{} {
	if t.inner() == nil && t.Err() == nil {
		t.makeInner()
	}
	if in := t.inner(); in != nil {
		_ = in.err(t) // ends it if the task's end was recorded and has not arrived
		return in.Done()
	}
	return once.Closed // it ended before the first Done
}

// stopped returns the result of a task that ended with its context before it returned, or
// nil while neither has happened.
func (t *core) stopped() error {
	if t.has(cancelled) {
		return t.cause()
	}
	return causeOf(t.base)
}

// withValues is the context above a task that was spawned under a context that only adds
// values to another task's. The end of that task is not its own, so it ends with what the
// other task is derived from. That is never a withValues itself: the ends of a chain of
// such tasks cost no walk.
type withValues struct {
	context.Context // its Deadline, Done and Err

	values context.Context
}

func (c withValues) Value(key any) any {
	if key == cancelKey {
		return c.Context.Value(key) // belongs to the end, see inner.go
	}
	return c.values.Value(key)
}

// endOf returns the context that decides when ctx ends. It leaves the values behind, and
// with them the task that they come from.
func endOf(ctx context.Context) context.Context {
	if c, ok := ctx.(withValues); ok {
		return c.Context
	}
	return ctx
}
