package task

import "github.com/handoff-go/handoff/internal/bubble"

// Slots. A runtime has as many as it has workers, plus those that it lends. A slot is held
// by a worker, or by a function task or a BlockOn (see slot.go). A holder that has nothing
// to run passes its slot on or gives it up. The field hasSlot of a worker is set while the
// worker holds one.

// scheduler is what decides which task runs next, and on which goroutine. Under rt.mu.
//
// Invariants:
//   - active is at most the workers and the lent slots together
//     (TestBlockOnNeitherLosesNorMakesAPlaceToRun).
//   - A goroutine is counted in hosts before it is started, so a Shutdown does not release the
//     pool during a start (TestASpawnThatMeetsAShutdownComesBeforeOrAfter).
//   - A ready task is in the run queue or in one lane, once
//     (TestACancelDuringASpawnDoesNotQueueATaskTwice).
type scheduler struct {
	ready   queue
	lanes   lanes
	block   blockingPool
	runners runners
	ids     uint64 // of the latest task

	active    int // slots that are held
	lent      int // slots that there are beyond the workers; see clock.go
	searching int // workers that look for a task
	waking    int // workers that were started and have not looked for a task yet
	polling   int // workers that poll
	hosts     int // goroutines of ants that are workers or are being started
	spares    int
	spare     *worker // a stack of the workers that wait for work; see worker
}

// push queues t and starts a worker for it if one is needed.
func (rt *Runtime) push(t *core) {
	rt.mu.Lock()
	rt.enqueue(t)
	w := rt.wants()
	rt.mu.Unlock()
	rt.start(w)
}

// enqueue appends t to the run queue. Under rt.mu; the caller then calls wants.
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

// pop takes the next task out of the run queue: the first or, under a seed, a random one.
// Under rt.mu.
func (rt *Runtime) pop() *core {
	t := rt.ready.pop()
	if t != nil && t == rt.probe {
		rt.probe = nil
		rt.longest = max(rt.longest, rt.clock()-rt.probed)
	}
	return t
}

// steal takes a task from the lane of another worker, which has not started it. Under rt.mu.
func (rt *Runtime) steal() *core {
	for _, l := range rt.lanes.all {
		if t := l.take(); t != nil {
			return t
		}
	}
	return nil
}

// backlog returns how many tasks are in the run queue or in lanes. Under rt.mu.
func (rt *Runtime) backlog() int {
	n := rt.ready.n
	for _, l := range rt.lanes.all {
		n += l.len()
	}
	return n
}

// lanes has all lanes, and of these the free ones.
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

// wants returns a worker to start for the tasks in the run queue, or nil. Under rt.mu.
func (rt *Runtime) wants() *worker {
	if rt.ready.n <= rt.waking+rt.searching || rt.active >= rt.workers+rt.lent ||
		rt.polling > 0 && rt.ready.n < 2 { // see glance
		return nil
	}
	return rt.recruit()
}

// recruit creates a slot and returns a worker that holds it, for the caller to start. Under
// rt.mu.
func (rt *Runtime) recruit() *worker {
	rt.active++
	return rt.host()
}

// host returns a worker, for the caller to start, with a slot that is counted already. Under
// rt.mu.
func (rt *Runtime) host() *worker {
	if rt.closed {
		rt.dropSlot()
		return nil // the tasks that are left in the run queue have ended
	}
	if w := rt.spare; w != nil {
		rt.spare, w.below = w.below, nil
		rt.spares--
		w.hasSlot, w.waking = true, true
		rt.waking++
		return w
	}
	rt.hosts++ // before it is started: the pool is not released before that
	rt.waking++
	w := &worker{rt: rt, hasSlot: true, fresh: true, waking: true}
	rt.enter(&w.goroutine)
	return w
}

// start starts a worker, or does nothing if w is nil.
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
		// An unlimited pool that is not released does not refuse; but the slot of w must
		// not be lost if it does.
		go w.run()
	}
}

// pass passes the slot of the caller to the next task in the run queue, or gives it up. The
// caller holds rt.mu, which pass releases.
func (rt *Runtime) pass() {
	for rt.active <= rt.workers+rt.lent {
		t := rt.ready.first // none under a seed: the draw belongs to the worker
		if t != nil && t.kind == function && t.has(over|done) {
			rt.pop() // a BlockOn that gave up
			continue
		}
		if t == nil || !t.suspended() {
			if rt.backlog() <= rt.waking+rt.searching && !rt.anyEnded {
				break
			}
			w := rt.host()
			rt.mu.Unlock()
			rt.start(w)
			return
		}
		rt.pop()
		t.grantSlot()
		rt.mu.Unlock()
		t.proceed()
		return
	}
	rt.dropSlot()
	rt.mu.Unlock()
}

// dropSlot lowers the number of slots that are held by one. Under rt.mu.
func (rt *Runtime) dropSlot() {
	rt.active--
	rt.lent = min(rt.lent, max(0, rt.active-rt.workers)) // a lent one goes first
}
