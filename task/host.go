package task

import (
	"context"
	"runtime/trace"
)

// A function task as those who wait see it: park.Host. Where it waits it gives away
// its right to run, of which a runtime gives out as many as it has workers.
//
// The states of core.turn. All changes but idle -> early are under rt.mu, so that
// holds, which says whether the task has a right, and the state change together.
//
//	idle ---Suspend--> suspended ---Resume--> ready ---a worker--> idle
//	idle ---Resume---> early ---Suspend--> idle, at once
const (
	turnIdle uint32 = iota
	turnEarly
	turnSuspended
	turnReady
)

// Claim implements park.Host.
func (t *core) Claim() bool {
	return !t.has(over|done) && t.state.Or(claimed)&claimed == 0
}

// Unclaim implements park.Host.
func (t *core) Unclaim() { t.state.And(^uint32(claimed)) }

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

// resume lets a suspended task go on, or puts it in line.
func (rt *Runtime) resume(t *core) {
	rt.mu.Lock()
	if t.turn.Load() != turnSuspended {
		rt.mu.Unlock()
		return
	}
	side := t.side.Load()
	side.on = nil
	if t.has(over | done) {
		t.tell()
		rt.mu.Unlock()
		return
	}
	if rt.ready.n == 0 && rt.active < rt.workers+rt.lent && !rt.seeded {
		// Nobody is before it and there is a right: it needs no worker to get it.
		rt.active++
		rt.moves++
		t.turn.Store(turnIdle)
		t.holds = true
		if side.record != nil {
			side.record.become(Running)
		}
		rt.mu.Unlock()
		side.turn <- struct{}{}
		return
	}
	t.turn.Store(turnReady)
	rt.enqueue(t)
	w := rt.wants()
	rt.mu.Unlock()
	rt.start(w)
}

// Suspend implements park.Host.
func (t *core) Suspend(own bool, ended <-chan struct{}, on any) bool {
	if tracing() {
		defer trace.StartRegion(t, "await").End()
	}
	side := t.seat()
	if own {
		t.subscribe()
		if t.has(cancelled | over | done) {
			return true
		}
	}
	if !t.giveWay(turnSuspended, on) {
		t.turn.Store(turnIdle) // it was resumed early
	} else if ended == nil {
		<-side.turn
	} else {
		select {
		case <-side.turn:
		case <-ended:
			t.Resume() // stand in line for a turn, unless somebody has put us there
			<-side.turn
			return true
		}
	}
	return own && t.has(cancelled|over|done)
}

func (t *core) seat() *side {
	side := t.more()
	if side.turn == nil {
		side.turn = make(chan struct{}, 1)
	}
	return side
}

// await is future.Await for a function task that waits, under its own context, for
// another task: it needs no waker but itself. It ends what Claim began.
func (t *core) await(n *waitNode) error {
	defer t.Unclaim()
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

// yield goes to the end of the line.
func (t *core) yield() {
	if !t.Claim() {
		return
	}
	defer t.Unclaim()
	side := t.seat()
	for !t.giveWay(turnReady, nil) {
		t.turn.Store(turnIdle) // a Resume that nobody waits for
	}
	<-side.turn
}

// giveWay makes t suspended or ready and passes its right to run to what is next.
// Both happen under one lock, so that nobody gives t a new right before it has let go
// of the old one. It reports false if t was resumed before.
func (t *core) giveWay(to uint32, on any) bool {
	rt := t.rt
	rt.mu.Lock()
	if !t.turn.CompareAndSwap(turnIdle, to) {
		rt.mu.Unlock()
		return false
	}
	if to == turnReady {
		if t.has(over | done) {
			t.tell()
			rt.mu.Unlock()
			return true
		}
		rt.enqueue(t)
	}
	side := t.side.Load()
	side.on = on
	if side.record != nil && to == turnSuspended {
		side.record.becomeFor(Waiting, on)
	}
	if !t.holds {
		w := rt.wants() // it may stand in line itself
		rt.mu.Unlock()
		rt.start(w)
		return true
	}
	t.holds = false
	rt.pass()
	return true
}

// take gives a task that stood in line a right to run. Under rt.mu.
func (t *core) take() {
	t.holds = true
	t.rt.moves++
	if r := t.record(); r != nil {
		r.become(Running)
	}
	t.tell()
}

// tell ends the wait of whoever waits in Suspend. Under rt.mu.
func (t *core) tell() {
	t.turn.Store(turnIdle)
	select {
	case t.side.Load().turn <- struct{}{}:
	default: // a BlockOn that gave up has left what it was told
	}
}

// free lets a goroutine go on that waits under the context of t, which has returned. It
// needs no right, and there is none for it. Under rt.mu.
func (t *core) free() {
	if turn := t.turn.Load(); turn == turnSuspended || turn == turnReady {
		t.tell()
	}
}

// suspended reports whether t, which stands in line, only needs a right to go on.
func (t *core) suspended() bool { return t.kind == function && t.turn.Load() == turnReady }
