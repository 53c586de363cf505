package task

import (
	"runtime"
	"runtime/debug"
)

// push puts t into the run queue and sees to it that somebody takes it out.
func (rt *Runtime) push(t *core) {
	rt.mu.Lock()
	rt.ready.push(t)
	start := rt.wants()
	if !start && !rt.watching && rt.ready.rng == nil {
		rt.watching, rt.moved, rt.period = true, false, glance
		rt.watch.Reset(glance)
	}
	rt.mu.Unlock()
	if start {
		rt.start()
	}
}

// wants reports whether another worker should start, and counts it. Under rt.mu.
func (rt *Runtime) wants() bool {
	if rt.active >= rt.workers+rt.lent || rt.searching > 0 || rt.polling > 0 && rt.ready.n < 2 {
		return false
	}
	rt.active++
	return true
}

// start hosts another worker, which was counted, on ants.
func (rt *Runtime) start() {
	if err := rt.pool.Submit(rt.pump); err != nil {
		// Only a pool that was released refuses, and that happens after the last task.
		panic("handoff/task: " + err.Error())
	}
}

// giveWay moves s from one state to another and passes its right to run to what is
// ready. Both happen under one lock, so that nobody gives s a new right before it
// has let go of the old one. It reports false if s was not in that state.
func (rt *Runtime) giveWay(s *slot, from, to uint32) bool {
	rt.mu.Lock()
	if !s.state.CompareAndSwap(from, to) {
		rt.mu.Unlock()
		return false
	}
	if to == slotReady {
		rt.ready.push(s.t)
	}
	if !s.holds {
		rt.mu.Unlock()
		return true
	}
	s.holds = false
	rt.pass()
	return true
}

// pass hands a right to run to the next in line or gives it up. It enters with
// rt.mu and releases it.
func (rt *Runtime) pass() {
	t := rt.ready.first
	if rt.ready.rng != nil {
		t = nil // the draw belongs to the worker
	}
	switch {
	case rt.ready.n == 0:
		rt.active--
		rt.mu.Unlock()
	case t != nil && t.suspended():
		rt.ready.pop()
		rt.mu.Unlock()
		t.slot.take(rt)
	default:
		rt.mu.Unlock()
		rt.start()
	}
}

func (t *core) suspended() bool { return t.slot != nil && t.slot.state.Load() == slotReady }

// take gives a suspended task a right to run.
func (s *slot) take(rt *Runtime) {
	s.state.Store(slotIdle)
	rt.mu.Lock()
	if s.over {
		// Another goroutine waited under the task's context and the task has finished
		// meanwhile: there is no turn to take.
		rt.pass()
	} else {
		s.holds = true
		rt.mu.Unlock()
	}
	s.turn <- struct{}{}
}

// pump is a worker: it takes what is ready until there is nothing, then goes back
// to ants. The task it is in ends with whatever ends the pump.
func (rt *Runtime) pump() {
	var current *core
	again := true
	for again {
		again = rt.drain(&current)
	}
}

// drain runs tasks until there is nothing to do, or a task ends it by a panic;
// then there may be more.
func (rt *Runtime) drain(current **core) (again bool) {
	returned := false
	defer func() {
		if returned {
			return
		}
		t := *current
		*current = nil
		err := ErrGoexit
		v := recover()
		if v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
		again = rt.finish(t, err)
		if v == nil && again {
			// Goexit takes this goroutine, so another one has to go on.
			rt.mu.Lock()
			rt.pass()
		}
	}()
	for {
		t := rt.next()
		if t == nil {
			returned = true
			return false
		}
		*current = t
		if t.kind == polled {
			rt.pollTask(t)
			continue
		}
		if t.suspended() {
			t.slot.take(rt)
			returned = true
			return false
		}
		if !rt.callTask(t) {
			returned = true
			return false
		}
	}
}

// next returns what to run, or nil: then the worker has been given up.
func (rt *Runtime) next() *core {
	rt.mu.Lock()
	rt.moved = true
	if rt.active > rt.workers+rt.lent {
		rt.active--
		rt.mu.Unlock()
		return nil
	}
	t := rt.ready.pop()
	if t == nil {
		// Who just received a result often has the next task for us.
		rt.searching++
		rt.mu.Unlock()
		runtime.Gosched()
		rt.mu.Lock()
		rt.searching--
		if t = rt.ready.pop(); t == nil {
			rt.active--
		}
	}
	start := false
	if t != nil {
		if t.kind == polled {
			rt.polling++
		}
		start = rt.ready.n > 0 && rt.wants()
	}
	rt.mu.Unlock()
	if start {
		rt.start()
	}
	return t
}

func (rt *Runtime) pollTask(t *core) {
	for {
		s := t.state.Load()
		if t.state.CompareAndSwap(s, s&^queued|running) {
			break
		}
	}
	if err := t.ended(); err != nil {
		rt.finish(t, err)
		return
	}
	ready, err := t.body.poll(&t.cx)
	if ready {
		rt.finish(t, err)
		return
	}
	t.subscribe()
	again := false
	for {
		s := t.state.Load()
		again = s&queued != 0
		if s&cancelled != 0 && !again {
			again = true
		}
		to := s &^ running
		if again {
			to |= queued
		}
		if t.state.CompareAndSwap(s, to) {
			break
		}
	}
	rt.mu.Lock()
	rt.polling--
	if again {
		rt.ready.push(t)
	}
	rt.mu.Unlock()
}

// callTask runs a function task and reports whether the worker still has its right
// to run.
func (rt *Runtime) callTask(t *core) bool {
	rt.mu.Lock()
	t.slot.holds = true
	rt.mu.Unlock()
	err := t.ended()
	if err == nil {
		err = t.body.call(t)
	}
	return rt.finish(t, err)
}

// finish ends t with err. It reports whether the right to run that t had is still
// there.
func (rt *Runtime) finish(t *core, err error) (holds bool) {
	err = t.discard(err)
	var s sweep
	holds = true
	rt.mu.Lock()
	switch t.kind {
	case polled:
		rt.polling--
	case function:
		holds, t.slot.holds, t.slot.over = t.slot.holds, false, true
	}
	rt.live--
	rt.stats.count(err)
	t.leave(&s)
	idle := rt.live == 0 && rt.closing
	rt.mu.Unlock()
	s.run()
	t.settle(err)
	if idle {
		rt.empty.Do(func() { close(rt.emptied) })
	}
	return holds
}

// discard gives up what the task would still do. A future that panics in its Drop
// must not end the worker; its panic is the task's result.
func (t *core) discard(err error) (result error) {
	result = err
	defer func() {
		if v := recover(); v != nil {
			result = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	t.body.release()
	return err
}
