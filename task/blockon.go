package task

import (
	"context"

	"github.com/handoff-go/handoff/future"
)

// BlockOn runs fn on this goroutine as a task of the runtime of ctx, or of the
// default one, and returns its result. It takes a worker's place while it runs and
// gives it away when it awaits; inside of a function task it uses that task's
// place. When ctx ends while it waits for a place, fn does not run. A panic in fn is a
// panic of BlockOn.
func BlockOn[T any](ctx context.Context, fn func(context.Context) (T, error)) (v T, err error) {
	t := new(core)
	t.slot = &slot{t: t}
	_, up := place(ctx)
	if !t.begin(ctx, nobody{}, function) {
		return v, ErrShutdown
	}
	if !t.enter(up) {
		t.rt.exit(t, up)
		return v, t.ended()
	}
	defer func() { t.rt.exit(t, up) }()
	return fn(t)
}

// enter gets t a right to run: from the task above, which runs on this goroutine, or
// in its turn. It reports false if the context ended before.
func (t *core) enter(up *core) bool {
	rt := t.rt
	rt.mu.Lock()
	if up != nil { // a poll and blocking work have no slot, and t gets none either
		if up.slot != nil {
			t.slot.holds, up.slot.holds = up.slot.holds, false
		}
		rt.mu.Unlock()
		return true
	}
	if rt.ready.n == 0 && rt.active < rt.workers {
		rt.active++
		t.slot.holds = true
		rt.mu.Unlock()
		return true
	}
	rt.mu.Unlock()
	t.slot.turn = make(chan struct{}, 1)
	t.slot.state.Store(slotReady)
	rt.push(t)
	select {
	case <-t.slot.turn:
		return true
	case <-t.Done():
		return false // its place in the line passes the right on; see take
	}
}

// exit ends a task of BlockOn.
func (rt *Runtime) exit(t, up *core) {
	holds := rt.finish(t, nil)
	if !holds {
		return
	}
	rt.mu.Lock()
	if up != nil && up.slot != nil && !up.slot.over {
		up.slot.holds = true
		rt.mu.Unlock()
		return
	}
	rt.pass()
}

type nobody struct{}

func (nobody) poll(*future.Context) (bool, error) { return true, nil }
func (nobody) call(context.Context) error         { return nil }
func (nobody) release()                           {}
