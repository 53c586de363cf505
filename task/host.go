package task

import (
	"context"
	"runtime/trace"
)

// A function task, a BlockOn or blocking work as a park.Host: how it waits. Only the goroutine
// that runs it waits as the task; see runner.go. While it waits it releases its slot, if it
// has one.
//
// The states of core.turn. All changes but idle -> early are under rt.mu, so the slot and
// the state change together.
//
//	idle ---Suspend--> suspended ---Resume--> ready ---a slot--> idle
//	idle ---Resume---> early ---Suspend--> idle, at once
const (
	turnIdle uint32 = iota
	turnEarly
	turnSuspended
	turnReady
)

// Hears implements park.Host: the end of the task's own context calls Resume.
func (t *core) Hears(ctx context.Context) bool { return ctx == context.Context(t) }

// Listen implements park.Host.
func (t *core) Listen() { t.subscribe() }

// Resume implements park.Host.
func (t *core) Resume() {
	for {
		switch t.turn.Load() {
		case turnIdle:
			if t.turn.CompareAndSwap(turnIdle, turnEarly) {
				return
			}
		case turnSuspended:
			t.rt.resume(t)
			return
		default:
			return
		}
	}
}

// resume lets a suspended task go on, or queues it for a slot. A task that had no slot to
// release needs none to go on.
func (rt *Runtime) resume(t *core) {
	rt.mu.Lock()
	if t.turn.Load() != turnSuspended {
		rt.mu.Unlock()
		return
	}
	t.side.Load().on = nil
	switch t.slot.kind() {
	case workerSlot:
		if rt.ready.n == 0 && rt.active < rt.workers+rt.lent && !rt.seeded {
			// No task is queued before it and a slot is free: no worker has to pass it one.
			rt.active++
			t.grantSlot()
			rt.mu.Unlock()
			t.proceed()
			return
		}
		t.turn.Store(turnReady)
		rt.enqueue(t)
		w := rt.wants()
		rt.mu.Unlock()
		rt.start(w)
	case blockingSlot:
		w := rt.resumeBlocking(t)
		rt.mu.Unlock()
		if w != nil {
			w.start()
		}
	default:
		t.unpark()
		rt.mu.Unlock()
		t.proceed()
	}
}

// Suspend implements park.Host.
func (t *core) Suspend(own bool, ended <-chan struct{}, on any) bool {
	if tracing() {
		defer trace.StartRegion(t, "await").End()
	}
	side := t.ensureTurn()
	if own {
		t.subscribe()
		if t.has(cancelled | over | done) {
			return true
		}
	}
	if !t.yieldSlot(turnSuspended, on) {
		t.turn.Store(turnIdle) // it was resumed early
	} else if ended == nil {
		<-side.turn
	} else {
		select {
		case <-side.turn:
		case <-ended:
			t.Resume() // waits for a slot, unless another Resume came first
			<-side.turn
			return true
		}
	}
	return own && t.has(cancelled|over|done)
}

// ensureTurn returns the side of t with its channel turn, and allocates them if necessary.
func (t *core) ensureTurn() *side {
	side := t.ensureSide()
	if side.turn == nil {
		side.turn = make(chan struct{}, 1)
	}
	return side
}

// await is future.Await for a task that waits, under its own context and on its own
// goroutine, for another task: it needs no waker but itself.
func (t *core) await(n *waitNode) error {
	for {
		err := t.Err()
		if _, ready, _ := n.Poll(&t.cx); ready {
			return nil
		}
		if err != nil {
			n.Drop()
			return err
		}
		t.Suspend(true, nil, n)
	}
}

// Explore implements park.Host.
func (t *core) Explore() {
	rt := t.rt
	rt.mu.Lock()
	yield := rt.ready.rng != nil && rt.ready.rng.IntN(2) == 0
	rt.mu.Unlock()
	if yield {
		t.yield()
	}
}

// yield moves t, which the calling goroutine runs, to the tail of the run queue. It reports
// false, and does nothing, if t needs no worker slot.
func (t *core) yield() bool {
	if t.slot.kind() != workerSlot {
		return false
	}
	side := t.ensureTurn()
	for !t.yieldSlot(turnReady, nil) {
		t.turn.Store(turnIdle) // a Resume for a wait that is over
	}
	<-side.turn
	return true
}

// yieldSlot makes t suspended or ready and passes its slot on. Both happen under one lock, so
// that t does not acquire a slot before it has released the old one. It reports false, and
// does nothing, if t was resumed before.
func (t *core) yieldSlot(to uint32, on any) bool {
	rt := t.rt
	rt.mu.Lock()
	if !t.turn.CompareAndSwap(turnIdle, to) {
		rt.mu.Unlock()
		return false
	}
	if to == turnReady {
		rt.enqueue(t)
	}
	side := t.side.Load()
	side.on = on
	if side.record != nil && to == turnSuspended {
		side.record.becomeFor(Waiting, on)
	}
	t.slot &^= held
	switch t.slot.kind() {
	case workerSlot:
		rt.pass()
	case blockingSlot:
		rt.passBlocking()
	default:
		rt.mu.Unlock()
	}
	return true
}

// grantSlot gives t, which waits, a slot that was counted. Under rt.mu; proceed comes next.
func (t *core) grantSlot() {
	t.slot |= held
	t.rt.moves++
	t.unpark()
}

// unpark is grantSlot for a task that needs no slot. Under rt.mu; proceed comes next.
func (t *core) unpark() {
	t.turn.Store(turnIdle)
	if r := t.record(); r != nil {
		r.become(Running)
	}
}

// proceed lets t go on after grantSlot or unpark. It never blocks: the token of an earlier call
// was received, except by a BlockOn whose context ended while it was queued, for which there is
// only one call.
func (t *core) proceed() { t.side.Load().turn <- struct{}{} }

// suspended reports whether t, which is in the run queue, only needs a slot to go on.
func (t *core) suspended() bool { return t.kind == function && t.turn.Load() == turnReady }
