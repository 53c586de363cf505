package task

import (
	"runtime/debug"
	"runtime/pprof"

	"github.com/handoff-go/handoff/internal/probe"
)

// poll polls t once.
func (w *worker) poll(t *core) {
	var s uint32
	for {
		s = t.state.Load()
		if t.state.CompareAndSwap(s, s&^queued|running) {
			break
		}
	}
	if s&inTree == 0 && t.rt.shut.Load() {
		t.ensureInTree()
	}
	if err := t.stopped(); err != nil {
		w.finish(t, err, wasStopped)
		return
	}
	var ready bool
	var err error
	switch r := t.record(); {
	case r != nil:
		ready, err = t.observedPoll(r)
	case tracing():
		ready, err = t.tracedPoll()
	default:
		ready, err = t.body.poll(&t.cx)
	}
	if ready {
		if !w.finishEarly(t, err) {
			w.finish(t, err, hasCompleted)
		}
		return
	}
	if s&pended == 0 {
		t.ensureInTree()
		t.subscribe()
	}
	w.current = nil
	for {
		s = t.state.Load()
		to := s&^running | pended
		if s&cancelled != 0 {
			to |= queued
		}
		if t.state.CompareAndSwap(s, to) {
			if to&queued != 0 {
				w.rt.push(t)
			}
			return
		}
	}
}

// invoke runs a function task.
func (w *worker) invoke(t *core) {
	t.state.Or(running)
	if err := t.stopped(); err != nil {
		w.finish(t, err, wasStopped)
		return
	}
	w.runner.task = t
	err := t.execute()
	wipe(w.marks) // before finish calls wakers, which may start goroutines that inherit labels
	w.finish(t, err, hasCompleted)
}

// execute runs the function of t, with the profile labels of its context. The caller removes
// the labels.
func (t *core) execute() error {
	if side := t.side.Load(); side != nil || tracing() {
		if side != nil && side.record != nil {
			return t.observedCall(side.record)
		}
		return t.tracedCall()
	}
	pprof.SetGoroutineLabels(t)
	return t.body.call(t)
}

// outcome is how a task ended. It cannot be derived from the error: a task may return the
// error of another one.
type outcome uint8

const (
	hasCompleted outcome = iota
	wasStopped           // before it returned
	hasPanicked          // or called runtime.Goexit
)

// finish ends t. User code may panic or end the goroutine. If it does so before t is accounted
// for, finish is called again, and what was done is not repeated.
func (w *worker) finish(t *core, err error, how outcome) {
	w.runner.task = nil // what follows does not wait as t
	if how == hasCompleted {
		t.recordAbove() // a panic of it comes back here, as one of the task
		w.conclude(t, err, how)
		return
	}
	err, how = t.discard(err, how)
	// Deferred, because the context may end the goroutine each time it is asked. A second
	// finish would get no further than the first.
	defer w.conclude(t, err, how)
	t.recordAboveSafely()
}

// conclude is the rest of finish, which no user code keeps from being done.
func (w *worker) conclude(t *core, err error, how outcome) {
	var s sweep
	holds := t.account(how, &s)
	if t.kind == function {
		w.hasSlot = holds
	}
	w.current = nil
	defer t.complete(err, how) // deferred: a context that s ends is user code and may call Goexit
	s.run()
}

// finishEarly is finish, without a lock, for a task that is not in the tree: one that was ready
// at its first poll. It reports false if the task is in the tree. Setting over keeps it out
// (see ensureInTreeLocked).
func (w *worker) finishEarly(t *core, err error) bool {
	for {
		s := t.state.Load()
		if s&inTree != 0 || t.side.Load() != nil {
			return false
		}
		if t.state.CompareAndSwap(s, s|over) {
			break
		}
	}
	w.lane.count(hasCompleted)
	w.current = nil
	t.complete(err, hasCompleted)
	return true
}

// account removes t from the counts and from the tree. It reports whether t held a slot,
// which then belongs to the caller. The caller runs the sweep before it completes t.
func (t *core) account(how outcome, s *sweep) (holds bool) {
	t.forgetLocals()
	t.rt.mu.Lock()
	defer t.rt.mu.Unlock()
	return t.accountLocked(how, s)
}

// forgetLocals ends the values of [Local] in t, before account.
func (t *core) forgetLocals() {
	if side := t.side.Load(); side != nil {
		t.mu.Lock()
		t.state.Or(over)
		side.locals = nil
		t.mu.Unlock()
	}
}

// accountLocked is the rest of account. Under rt.mu.
func (t *core) accountLocked(how outcome, s *sweep) (holds bool) {
	rt := t.rt
	holds = t.slot&held != 0
	t.slot &^= held
	rt.stats.count(how)
	if t.state.Or(over)&inTree != 0 {
		t.leave(s)
	}
	if rt.closing {
		rt.advanceShutdown()
	}
	return holds
}

// recordAbove records whether the context above t has ended. It comes before the end of t, which
// Err would report otherwise. That context may be user code.
func (t *core) recordAbove() {
	if why := t.above(); why != 0 {
		t.mark(noted | why)
	}
}

// recordAboveSafely is recordAbove where a panic of the context must not keep t from being
// completed, which would block its waiters forever.
func (t *core) recordAboveSafely() {
	defer func() { _ = recover() }()
	t.recordAbove()
}

// complete publishes the result and wakes the waiters.
func (t *core) complete(err error, how outcome) {
	if r := t.record(); r != nil {
		defer t.publishResult(err, how) // also if user code that shows err calls Goexit
		r.end(err, how)
		return
	}
	t.publishResult(err, how)
}

func (t *core) publishResult(err error, how outcome) {
	var p *PanicError
	if how == hasPanicked {
		if p, _ = err.(*PanicError); p != nil { //nolint:errorlint // how says that it is its own
			if !t.rt.undeliver(t, p) {
				defer t.rt.handle(p)
			}
		}
	}
	if err != nil {
		t.ensureSide().err = err
	}
	old := t.state.Or(over | done)
	if old&watched != 0 {
		t.mu.Lock()
		n := t.takeWaiters()
		t.side.Load().endDone()
		t.mu.Unlock()
		n.wake(t.rt)
	}
	if old&detached == 0 {
		return
	}
	if p != nil {
		t.rt.report(t)
	}
	defer t.rt.contain("Discarded of a result") // it is user code, and belongs to no task now
	t.body.discard(err)
}

// discard drops the future, or the function, of a task that ends without running it to its
// end. A panic of the Drop must not end the worker; it becomes the task's result, unless the
// task has panicked before.
func (t *core) discard(err error, how outcome) (result error, as outcome) { //nolint:staticcheck // the error belongs to the outcome
	result, as = err, how
	if r := t.record(); r != nil {
		g := probe.Goroutine()
		defer probe.Adopt(g, probe.Adopt(g, r.id))
	}
	defer func() {
		if v := recover(); v != nil && how != hasPanicked {
			result, as = &PanicError{Value: v, Stack: debug.Stack()}, hasPanicked
		}
	}()
	t.body.dropBody()
	return err, how
}
