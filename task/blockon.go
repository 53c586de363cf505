package task

import (
	"context"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/probe"
)

// BlockOn runs fn on this goroutine as a task of the runtime of ctx, or of the default
// one, and returns its result. It takes a worker's place while it runs and gives it
// away when it awaits; inside of a function task it uses that task's place. It is one
// allocation and no switch of goroutines while a place is free.
//
// Otherwise it waits for a place. If ctx ends meanwhile, fn does not run, and the error
// is [ErrCancelled] or context.DeadlineExceeded; after a Shutdown it is [ErrShutdown].
// A panic in fn is a panic of BlockOn. The profile labels of the goroutine stay as they are,
// whatever those of ctx, and what fn does to its goroutine is for the caller to undo.
func BlockOn[T any](ctx context.Context, fn func(context.Context) (T, error)) (v T, err error) {
	need(fn != nil, "BlockOn of a nil function")
	b := new(rootTask)
	if !b.enter(ctx) {
		return v, b.t.err()
	}
	how := hasPanicked
	defer func() { b.exit(err, how) }()
	v, err = fn(&b.t)
	how = hasCompleted
	return v, err
}

// rootTask is a task of BlockOn.
type rootTask struct {
	goroutine

	t      core
	lender *core // whose right it uses
}

// enter makes b a task with a right to run, or reports false.
func (b *rootTask) enter(ctx context.Context) bool {
	t := &b.t
	above, up := t.prepare(ctx, b, function)
	rt := t.rt
	rt.mu.Lock()
	if !t.begin(above) {
		rt.mu.Unlock()
		t.more().err = ErrShutdown
		if r := t.record(); r != nil {
			r.end(ErrShutdown, wasStopped)
		}
		return false
	}
	b.number.Store(probe.Goroutine())
	b.current = t
	rt.enter(&b.goroutine)
	r := t.record()
	if r != nil {
		r.enter()
	}
	t.state.Or(running)
	switch {
	case up != nil && up.kind != function && !up.has(over|done):
		// In a poll, whose worker has the right, or in blocking work, which needs none.
	case up != nil && up.runs() && up.holds:
		b.lender, up.holds, t.holds = up, false, true
	case rt.ready.n == 0 && rt.active < rt.workers && !rt.closed:
		rt.active++
		rt.moves++
		t.holds = true
	default:
		t.seat()
		t.turn.Store(turnReady)
		rt.enqueue(t)
		w := rt.wants()
		rt.mu.Unlock()
		rt.start(w)
		return b.stand()
	}
	if r != nil {
		r.become(Running)
	}
	rt.mu.Unlock()
	return true
}

// stand waits in the line for a right to run, or until the context ends.
func (b *rootTask) stand() (entered bool) {
	how := hasPanicked // the context has, which is somebody else's code
	defer func() {
		if !entered {
			b.exit(b.t.err(), how) // its place in the line goes to the next
		}
	}()
	side := b.t.side.Load()
	select {
	case <-side.turn:
		return true
	case <-b.t.Done():
	}
	side.err = b.t.stopped()
	how = wasStopped
	return false
}

// runs reports whether the function of t has not stopped to wait. Under rt.mu.
func (t *core) runs() bool {
	turn := t.turn.Load()
	return !t.has(over|done) && (turn == turnIdle || turn == turnEarly)
}

// exit ends the task and gives the right back, if the task it came from can still
// use it: it may have got another one meanwhile, or wait.
func (b *rootTask) exit(err error, how outcome) {
	defer b.giveBack(how) // also if user code calls Goexit
	if r := b.t.record(); r != nil {
		r.leave()
		r.end(err, how)
	}
	b.t.heedSafely()
}

func (b *rootTask) giveBack(how outcome) {
	t, rt := &b.t, b.t.rt
	var s sweep
	t.forgetLocals()
	rt.mu.Lock()
	rt.leave(&b.goroutine)
	holds := t.accountLocked(how, &s)
	rt.mu.Unlock()
	s.run()
	t.state.Or(done)
	if !holds {
		return
	}
	rt.mu.Lock()
	if up := b.lender; up != nil && up.runs() && !up.holds {
		up.holds = true
		rt.mu.Unlock()
		return
	}
	rt.pass()
}

func (*rootTask) poll(*future.Context) (bool, error) { return true, nil }
func (*rootTask) call(context.Context) error         { return nil }
func (*rootTask) release()                           {}
func (*rootTask) discard(error)                      {}
