package task

import (
	"context"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/probe"
)

// BlockOn runs fn on this goroutine as a task of the runtime of ctx, or of the default
// one, and returns its result. It holds a slot while it runs and releases it while it
// awaits:
//
//   - On the goroutine of a function task, of blocking work or of another BlockOn of that
//     runtime it borrows the slot of that task, whichever context it is called with. An
//     await in fn, under the context of fn, of the outer task or of the runtime, releases
//     this one slot.
//   - On a goroutine that a task has started, with the context of that task, it is a guest
//     while the task itself runs: it has no slot, and neither takes one from the task nor
//     waits for one. So a task may wait for such goroutines with a sync.WaitGroup. Guests
//     do not count as workers, however many there are.
//   - In a poll, whose worker holds the slot, it has none either. That worker is occupied
//     while fn awaits.
//   - Everywhere else it acquires one of the slots of the runtime; also on a goroutine
//     that a task has started, if that task waits at the moment.
//
// It waits for a slot if none is free. If ctx ends first, fn does not run, and the error
// is [ErrCancelled] or context.DeadlineExceeded; after a Shutdown it is [ErrShutdown].
// A panic in fn is a panic of BlockOn. The profile labels of the goroutine stay as they are,
// whatever those of ctx, and changes that fn makes to its goroutine remain.
//
// While a slot is free it costs one allocation and no goroutine switch.
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
	lender *core   // the task on this goroutine whose slot it has borrowed
	at     *runner // of this goroutine: own, or that of a task around
	own    runner  // used if the goroutine has no other runner
}

// enter makes b a task, and waits for a slot if it needs one. It reports false if b has ended
// instead.
func (b *rootTask) enter(ctx context.Context) bool {
	t := &b.t
	above, up := t.prepare(ctx, b, function)
	rt := t.rt
	b.own.goroutine = probe.Goroutine()
	rt.mu.Lock()
	if !t.begin(above) {
		rt.mu.Unlock()
		t.ensureSide().err = ErrShutdown
		if r := t.record(); r != nil {
			r.end(ErrShutdown, wasStopped)
		}
		return false
	}
	b.number.Store(b.own.goroutine)
	b.current = t
	rt.enter(&b.goroutine)
	r := t.record()
	if r != nil {
		r.enter()
	}
	t.state.Or(running)
	outer := rt.runners.add(&b.own)
	if b.at = outer; outer == nil {
		b.at = &b.own
	}
	switch {
	case b.at.task != nil:
		b.lender = b.at.task
		t.borrow(b.lender)
	case outer != nil || up != nil && up.computes():
		// In a poll or in a callback on a worker, which has the slot; or a guest.
	case rt.ready.n == 0 && rt.active < rt.workers && !rt.closed:
		rt.active++
		rt.moves++
		t.slot = workerSlot | held
	default:
		t.slot = workerSlot
		t.ensureTurn()
		t.turn.Store(turnReady)
		rt.enqueue(t)
		w := rt.wants()
		rt.mu.Unlock()
		rt.start(w)
		return b.waitForSlot()
	}
	if r != nil {
		r.become(Running)
	}
	rt.mu.Unlock()
	b.at.task = t
	return true
}

// waitForSlot waits in the run queue for a slot, or until the context ends.
func (b *rootTask) waitForSlot() (entered bool) {
	how := hasPanicked // the context has, which is user code
	defer func() {
		if !entered {
			b.exit(b.t.err(), how) // a slot that it has acquired goes to the next
		}
	}()
	side := b.t.side.Load()
	select {
	case <-side.turn:
		b.at.task = &b.t
		return true
	case <-b.t.Done():
	}
	side.err = b.t.stopped()
	how = wasStopped
	return false
}

// exit ends the task and returns the slot to the task it was borrowed from, or passes it
// on.
func (b *rootTask) exit(err error, how outcome) {
	defer b.returnSlot(how) // also if user code calls Goexit
	if r := b.t.record(); r != nil {
		r.leave()
		r.end(err, how)
	}
	b.t.recordAboveSafely()
}

func (b *rootTask) returnSlot(how outcome) {
	t, rt := &b.t, b.t.rt
	if b.at.task = b.lender; b.at == &b.own {
		rt.runners.remove(b.at)
	}
	t.forgetLocals()
	var s sweep
	rt.mu.Lock()
	rt.leave(&b.goroutine)
	holds := t.accountLocked(how, &s)
	switch {
	case b.lender != nil:
		b.lender.returnSlot(holds)
		rt.mu.Unlock()
	case holds:
		rt.pass()
	default:
		rt.mu.Unlock()
	}
	s.run()
	t.state.Or(done)
}

func (*rootTask) poll(*future.Context) (bool, error) { return true, nil }
func (*rootTask) call(context.Context) error         { return nil }
func (*rootTask) dropBody()                          {}
func (*rootTask) discard(error)                      {}
