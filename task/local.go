package task

import "context"

// Local is a value that each task has for itself, like async_std's task-locals. The
// tasks that a task spawns do not inherit it. A Local may be used by many goroutines;
// the values of one task belong to those who have its context, and their use takes a
// lock of the task.
type Local[T any] struct {
	init func() T
}

// NewLocal makes a Local whose value in a task is, at first, what init returns. With a
// nil init it is the zero value. Usually it is a package's variable.
func NewLocal[T any](init func() T) *Local[T] { return &Local[T]{init} }

// Get returns the value for the task that ctx belongs to, and true. The first Get in a
// task calls init; if several goroutines do that at once for one task, each may. It
// returns (zero, false) outside of a task, and after the task has returned, when its
// values are let go.
func (l *Local[T]) Get(ctx context.Context) (v T, ok bool) {
	t, _ := ctx.Value(currentKey{}).(*core)
	if t == nil {
		return v, false
	}
	if v, ok := t.local(l); ok {
		return v.(box[T]).v, true
	}
	if t.has(over | done) {
		return v, false
	}
	if l.init != nil {
		v = l.init() // without the lock: it may use other locals
	}
	if !t.setLocal(l, box[T]{v}) {
		var none T
		return none, false
	}
	return v, true
}

// Set sets the value for the task that ctx belongs to, in one allocation, and reports
// whether it did: not where Get reports false.
func (l *Local[T]) Set(ctx context.Context, v T) bool {
	t, _ := ctx.Value(currentKey{}).(*core)
	return t != nil && t.setLocal(l, box[T]{v})
}

// box keeps a nil of an interface type apart from no value.
type box[T any] struct{ v T }

func (t *core) local(key any) (v any, ok bool) {
	side := t.side.Load()
	if side == nil {
		return nil, false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	v, ok = side.locals[key]
	return v, ok
}

func (t *core) setLocal(key, v any) bool {
	side := t.ensureSide()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.has(over | done) {
		return false
	}
	if side.locals == nil {
		side.locals = make(map[any]any)
	}
	side.locals[key] = v
	return true
}
