package task

import (
	"runtime"
	"runtime/debug"
	"slices"

	"github.com/handoff-go/handoff/internal/probe"
)

// worker is a goroutine of ants while it runs tasks. It either holds a slot, or runs a
// function task that holds the slot or has released it, or is a spare.
//
// A spare has run out of tasks and waits for more, because waking it is cheaper than starting
// a goroutine of ants. There are at most as many as workers, and they return to ants within
// two ticks of an idle runtime (see clock.go).
type worker struct {
	goroutine // its current is kept until the task is accounted for
	runner    runner

	rt      *Runtime
	marks   probe.Marks
	locked  bool // to its thread: it runs nothing more
	hasSlot bool // false while it runs a function task: the task holds the slot then
	fresh   bool // no goroutine was started for it yet
	waking  bool // counted in rt.waking
	lane    *lane
	polling bool // counted in rt.polling
	call    chan bool
	below   *worker // in the list of spares
}

// run is the function that ants runs. However it ends, quit passes the slot on.
func (w *worker) run() {
	w.rt.runners.add(&w.runner)
	defer w.quit()
	w.number.Store(probe.Goroutine())
	w.marks = probe.Here()
	wipe(w.marks) // a new goroutine has the labels of the one that started it
	for {
		for w.round() {
		}
		if w.locked {
			runtime.Goexit() // not return: ants would use the goroutine again
		}
		if !w.stay() {
			return
		}
	}
}

// round runs tasks until w holds no slot or a task panics. After a panic it reports whether w
// still holds a slot and can go on.
func (w *worker) round() (again bool) {
	defer func() {
		if w.current == nil {
			return
		}
		t, err := w.current, ErrGoexit
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
		wipe(w.marks)
		w.finish(t, err, hasPanicked)
		w.locked = !wipeAll(w.marks)
		again = w.hasSlot && !w.locked
	}()
	for {
		t := w.next()
		if t == nil {
			return false
		}
		w.current = t
		if t.kind == polled {
			w.poll(t)
			wipe(w.marks)
			w.locked = w.marks.Known() && w.marks.Locked()
		} else {
			w.invoke(t)
			w.locked = !wipeAll(w.marks)
		}
		if w.locked || !w.hasSlot {
			return false
		}
	}
}

// next returns the next task to run, or nil: then w holds no slot any more.
func (w *worker) next() *core {
	if w.lane != nil {
		if t := w.lane.take(); t != nil {
			return t
		}
	}
	rt := w.rt
	if rt.seeded {
		rt.cancelEnded()
	}
	rt.mu.Lock()
	if w.waking {
		w.waking = false
		rt.waking--
	}
	if rt.closing {
		rt.advanceShutdown() // finishEarly has counted tasks without the lock
	}
	t := w.pick()
	if w.hasSlot && t == nil && !rt.closed {
		// A goroutine that just received a result often spawns the next task.
		rt.searching++
		rt.mu.Unlock()
		runtime.Gosched()
		rt.mu.Lock()
		rt.searching--
		t = w.pick()
	}
	if w.hasSlot && t == nil && rt.anyEnded {
		rt.mu.Unlock()
		return w.next()
	}
	if w.hasSlot && t == nil {
		w.hasSlot = false
		rt.dropSlot()
	}
	if t != nil {
		rt.moves++
	}
	w.equip(t)
	other := rt.wants()
	rt.mu.Unlock()
	rt.start(other)
	return t
}

// pick takes the next task out of the run queue, or from the lane of another worker. To a
// suspended task it passes the slot of w, and returns nil. Under rt.mu.
func (w *worker) pick() *core {
	rt := w.rt
	if rt.active > rt.workers+rt.lent {
		w.hasSlot = false
		rt.dropSlot()
		return nil
	}
	for {
		t := rt.pop()
		if t == nil {
			t = rt.steal()
		}
		switch {
		case t == nil:
			return nil
		case t.kind == function && t.has(over|done):
			// A BlockOn whose context ended while it was queued.
		case !t.suspended():
			return t
		default:
			t.grantSlot()
			t.proceed()
			w.hasSlot = false
			return nil
		}
	}
}

// equip prepares w to run t or, if t is nil, to have nothing to run. Under rt.mu.
func (w *worker) equip(t *core) {
	rt := w.rt
	if t == nil || t.kind != polled {
		w.strip()
		if t != nil {
			w.hasSlot = false
			t.slot |= held
		}
		return
	}
	if !w.polling {
		w.polling = true
		rt.polling++
	}
	if w.lane == nil {
		w.lane = rt.takeLane()
	}
	w.lane.current(t)
	if rt.ready.rng != nil {
		return // each draw is made when it is needed
	}
	// Its share of the run queue.
	n := 0
	for k := min(laneSize-1, rt.ready.n/rt.workers); n < k && rt.ready.first.kind == polled; n++ {
		w.lane.set(n, rt.pop())
	}
	w.lane.put(n)
}

// strip takes the lane of w, which only polls need. Under rt.mu.
func (w *worker) strip() {
	rt := w.rt
	if w.polling {
		w.polling = false
		rt.polling--
	}
	if w.lane != nil {
		w.lane.forget()
		rt.lanes.free = append(rt.lanes.free, w.lane)
		w.lane = nil
	}
}

// stay makes w a spare and waits. It reports true if w was given a slot, and false if w must
// return.
func (w *worker) stay() bool {
	rt := w.rt
	rt.mu.Lock()
	if rt.closed || !rt.watching || rt.spares >= rt.workers {
		rt.mu.Unlock()
		return false
	}
	if w.call == nil {
		w.call = make(chan bool, 1)
	}
	w.below, rt.spare = rt.spare, w
	rt.spares++
	rt.mu.Unlock()
	return <-w.call
}

// quit ends w, after a return of run or because a task has called Goexit.
func (w *worker) quit() {
	rt := w.rt
	rt.runners.remove(&w.runner)
	rt.mu.Lock()
	if w.lane != nil {
		var left []*core
		for t := w.lane.take(); t != nil; t = w.lane.take() {
			left = append(left, t)
		}
		for _, t := range slices.Backward(left) {
			rt.ready.unpop(t)
		}
	}
	rt.hosts--
	rt.leave(&w.goroutine)
	w.strip()
	if rt.closing {
		rt.advanceShutdown()
	}
	if w.hasSlot {
		w.hasSlot = false
		rt.pass()
	} else {
		rt.mu.Unlock()
	}
}
