package task

import "github.com/handoff-go/handoff/internal/bubble"

// Slots. A runtime has as many as it has workers, and those that it lends. A slot is held
// by a worker, or by a function task or a BlockOn (see slot.go). A holder that has nothing
// to run passes its slot on or ends it.

// push puts t in line and sees to it that somebody takes it out.
func (rt *Runtime) push(t *core) {
	rt.mu.Lock()
	rt.enqueue(t)
	w := rt.wants()
	rt.mu.Unlock()
	rt.start(w)
}

// enqueue puts t in line. Under rt.mu; wants comes next.
func (rt *Runtime) enqueue(t *core) {
	rt.ready.push(t)
	if r := t.record(); r != nil {
		r.become(Ready)
	}
	rt.tick()
	if rt.probe == nil {
		rt.probe, rt.probed = t, rt.clock()
	}
}

// pop takes the first in line. Under rt.mu.
func (rt *Runtime) pop() *core {
	t := rt.ready.pop()
	if t != nil && t == rt.probe {
		rt.probe = nil
		rt.longest = max(rt.longest, rt.clock()-rt.probed)
	}
	return t
}

// steal takes a task that another worker has taken and has not come to. Under rt.mu.
func (rt *Runtime) steal() *core {
	for _, l := range rt.lanes.all {
		if t := l.take(); t != nil {
			return t
		}
	}
	return nil
}

// backlog is how many tasks stand in line or in lanes. Under rt.mu.
func (rt *Runtime) backlog() int {
	n := rt.ready.n
	for _, l := range rt.lanes.all {
		n += l.len()
	}
	return n
}

// lanes are those in use and those that are not.
type lanes struct{ all, free []*lane }

func (rt *Runtime) takeLane() *lane {
	if n := len(rt.lanes.free); n > 0 {
		l := rt.lanes.free[n-1]
		rt.lanes.free = rt.lanes.free[:n-1]
		return l
	}
	l := new(lane)
	rt.lanes.all = append(rt.lanes.all, l)
	return l
}

// wants returns a worker to start for what stands in line, or nil. Under rt.mu.
func (rt *Runtime) wants() *worker {
	if rt.ready.n <= rt.waking+rt.searching || rt.active >= rt.workers+rt.lent ||
		rt.polling > 0 && rt.ready.n < 2 { // see glance
		return nil
	}
	return rt.recruit()
}

// recruit gives a new right to a worker, which is to be started. Under rt.mu.
func (rt *Runtime) recruit() *worker {
	rt.active++
	return rt.host()
}

// host returns a worker with a right that was counted. Under rt.mu.
func (rt *Runtime) host() *worker {
	if rt.closed {
		rt.giveUp()
		return nil // what is left in line has ended
	}
	if w := rt.spare; w != nil {
		rt.spare, w.below = w.below, nil
		rt.spares--
		w.right, w.waking = true, true
		rt.waking++
		return w
	}
	rt.hosts++ // before it is started: the pool is not released before that
	rt.waking++
	w := &worker{rt: rt, right: true, fresh: true, waking: true}
	rt.enter(&w.goroutine)
	return w
}

// start starts a worker; nil is nobody.
func (rt *Runtime) start(w *worker) {
	if w == nil {
		return
	}
	if !w.fresh {
		w.call <- true
		return
	}
	w.fresh = false
	if rt.wokenFromBubble() {
		bubble.Outside(func() { rt.submit(w) }) // a worker must not belong to the bubble
		return
	}
	rt.submit(w)
}

func (rt *Runtime) submit(w *worker) {
	if err := rt.pool.Submit(w.run); err != nil {
		// An unlimited pool that is not released has no reason to refuse; but a right
		// must not be lost for it.
		go w.run()
	}
}

// pass gives a slot to what is next in the run queue or ends it. It enters with rt.mu and
// releases it.
func (rt *Runtime) pass() {
	for rt.active <= rt.workers+rt.lent {
		t := rt.ready.first // none under a seed: the draw belongs to the worker
		if t != nil && t.kind == function && t.has(over|done) {
			rt.pop() // a BlockOn that gave up
			continue
		}
		if t == nil || !t.suspended() {
			if rt.backlog() <= rt.waking+rt.searching && !rt.kicked {
				break
			}
			w := rt.host()
			rt.mu.Unlock()
			rt.start(w)
			return
		}
		rt.pop()
		t.take()
		rt.mu.Unlock()
		t.proceed()
		return
	}
	rt.giveUp()
	rt.mu.Unlock()
}

// giveUp ends a right. Under rt.mu.
func (rt *Runtime) giveUp() {
	rt.active--
	rt.lent = min(rt.lent, max(0, rt.active-rt.workers)) // a lent one goes first
}
