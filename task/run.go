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
	if s&planted == 0 && t.rt.shut.Load() {
		t.plant()
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
		t.plant()
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
	wipe(w.marks) // before others see the result, and start something from here
	w.finish(t, err, hasCompleted)
}

// execute runs the function of t, with the profile labels of its context. The caller takes
// off the goroutine what is left there.
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

// outcome is how a task ended. Its error does not tell: a task may return what
// another one came to.
type outcome uint8

const (
	hasCompleted outcome = iota
	wasStopped           // before it returned
	hasPanicked          // or called runtime.Goexit
)

// finish ends t. User code that comes before t is accounted for may panic or end this
// goroutine. Then finish is called again, and what was done is not done twice.
func (w *worker) finish(t *core, err error, how outcome) {
	w.runner.task = nil // what follows does not wait as t
	if how == hasCompleted {
		t.heed() // a panic of it comes back here, as one of the task
		w.conclude(t, err, how)
		return
	}
	err, how = t.discard(err, how)
	// Deferred, because the context may end the goroutine each time it is asked. A second
	// finish would get no further than the first.
	defer w.conclude(t, err, how)
	t.heedSafely()
}

// conclude is the rest of finish, which no user code keeps from being done.
func (w *worker) conclude(t *core, err error, how outcome) {
	var s sweep
	holds := t.account(how, &s)
	if t.kind == function {
		w.right = holds
	}
	w.current = nil
	defer t.settle(err, how) // whatever those who are told do
	s.run()
}

// finishEarly is finish for a task that was ready at its first poll and that never
// came into the tree, nor does any more.
func (w *worker) finishEarly(t *core, err error) bool {
	for {
		s := t.state.Load()
		if s&planted != 0 || t.side.Load() != nil {
			return false
		}
		if t.state.CompareAndSwap(s, s|over) {
			break
		}
	}
	w.lane.count(hasCompleted)
	w.current = nil
	t.settle(err, hasCompleted)
	return true
}

// account takes t out of everything that counts it. It reports whether t has a slot,
// which is the caller's then. The sweep is to be run before t is settled.
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
	if t.state.Or(over)&planted != 0 {
		t.leave(s)
	}
	if rt.closing {
		rt.calm()
	}
	return holds
}

// heed records whether the context above t has ended: the end of t comes after that one and
// must not hide it. That context may be user code.
func (t *core) heed() {
	if why := t.above(); why != 0 {
		t.mark(noted | why)
	}
}

// heedSafely is heed where a panic would keep t from ever being settled, and those who
// wait for it from going on.
func (t *core) heedSafely() {
	defer func() { _ = recover() }()
	t.heed()
}

// settle makes the result visible and wakes those who wait for it.
func (t *core) settle(err error, how outcome) {
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
		t.more().err = err
	}
	old := t.state.Or(over | done)
	if old&watched != 0 {
		t.mu.Lock()
		n := t.detach()
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

// discard gives up what the task would still do. A future that panics in its Drop must not
// end the worker; its panic is the task's result, if the task has not panicked before.
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
	t.body.release()
	return err, how
}
