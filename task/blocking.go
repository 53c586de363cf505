package task

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	"runtime/debug"

	"github.com/panjf2000/ants/v2"

	"github.com/handoff-go/handoff/internal/probe"
)

// defaultBlocking is the limit of async_std's blocking pool.
const defaultBlocking = 500

// blockingPool runs what blocks a thread, apart from the workers. It has an ants
// pool of its own, made by the first use, and a queue, for ants has none. Under
// rt.mu.
//
// Of its slots there are limit. A goroutine that runs blocking work holds one, and
// releases it where the work awaits; work that goes on is queued for a slot behind what
// was queued before.
type blockingPool struct {
	limit   int
	running int // slots that are held: by goroutines that run what is queued, or soon
	queue   queue
	queued  int // of the queue, those that were not cancelled
	pool    *ants.Pool
	idle    *blockingWorker // to be used again
}

// SpawnBlocking starts fn where it may block, and returns at once: on a pool of its
// own, with a limit ([WithBlockingLimit]) and a queue, so that no worker is held up.
// Once it runs it cannot be stopped; its context tells it of Cancel, and its result
// stands. While it is queued, Cancel ends it at once.
//
// An await in fn, on its own goroutine, releases its slot of the pool for the time of the
// wait, so blocking work may await other blocking work, whatever the limit is. It goes on
// when it has a slot again, for which it is queued like new work; so the end of a context
// may be returned late, when all slots are in use. For the rest it is like [Spawn]: a
// runtime.LockOSThread without its Unlock ends the goroutine, and the thread, with the work.
func SpawnBlocking[T any](ctx context.Context, fn func(context.Context) (T, error), opts ...SpawnOption) *JoinHandle[T] {
	need(fn != nil, "SpawnBlocking of a nil function")
	h := &JoinHandle[T]{work: funcBody[T](fn)}
	h.t.code = reflect.ValueOf(fn).Pointer()
	h.t.apply(opts)
	h.t.spawnBlocking(ctx, h)
	return h
}

func (t *core) spawnBlocking(ctx context.Context, b body) {
	above, _ := t.prepare(ctx, b, blocking)
	rt := t.rt
	rt.mu.Lock()
	if !t.begin(above) {
		rt.mu.Unlock()
		t.refuse()
		return
	}
	if t.has(cancelled) {
		t.state.Or(started)
		rt.mu.Unlock()
		t.drop()
		return
	}
	t.slot = blockingSlot
	if p := &rt.block; p.pool == nil {
		var err error
		unlabelled(func() { p.pool, err = ants.NewPool(-1) })
		if err != nil {
			panic(fmt.Sprintf("task: %v", err)) // only options can be wrong
		}
	}
	var w *blockingWorker
	if rt.block.push(t) {
		w = rt.blockingWorker()
	}
	rt.mu.Unlock()
	if w != nil {
		w.start()
	}
	t.subscribe() // it may stand in the queue for long
}

// blockingWorker is a goroutine of ants while it runs blocking work.
type blockingWorker struct {
	goroutine

	rt    *Runtime
	marks probe.Marks
	main  func()          // run, allocated once
	below *blockingWorker // in the list of idle ones
}

// blockingWorker returns one to start. Under rt.mu.
func (rt *Runtime) blockingWorker() *blockingWorker {
	w := rt.block.idle
	if w == nil {
		w = &blockingWorker{rt: rt}
		w.main = w.run
	} else {
		rt.block.idle, w.below = w.below, nil
	}
	rt.enter(&w.goroutine)
	return w
}

func (w *blockingWorker) start() {
	if err := w.rt.block.pool.Submit(w.main); err != nil {
		go w.run() // as for a worker
	}
}

// push queues t and reports whether a goroutine is to be started, whose slot is counted.
// Under rt.mu.
func (p *blockingPool) push(t *core) (more bool) {
	p.queue.push(t)
	p.queued++
	if p.running == p.limit {
		return false
	}
	p.running++ // before it is started: the pool is not released before that
	return true
}

// first drops from the head of the queue what was cancelled, and returns what is there
// then, or nil. Under rt.mu.
func (p *blockingPool) first() *core {
	for {
		t := p.queue.first
		if t == nil || waitsToGoOn(t) || !t.has(started) {
			return t
		}
		p.queue.pop()
	}
}

// waitsToGoOn reports whether t, which is queued, was started before and needs a slot to
// go on.
func waitsToGoOn(t *core) bool { return t.turn.Load() == turnReady }

// resumeBlocking gives t, which is suspended, a slot or queues it for one. It returns a
// goroutine to start, or nil. Under rt.mu.
func (rt *Runtime) resumeBlocking(t *core) *blockingWorker {
	p := &rt.block
	if p.running < p.limit && p.first() == nil {
		p.running++
		t.take()
		t.proceed()
		return nil
	}
	t.turn.Store(turnReady)
	if r := t.record(); r != nil {
		r.become(Ready)
	}
	if p.push(t) {
		return rt.blockingWorker()
	}
	return nil
}

// passBlocking gives a slot to what is next in the queue or ends it. It enters with rt.mu
// and releases it.
func (rt *Runtime) passBlocking() {
	p := &rt.block
	switch t := p.first(); {
	case t == nil:
		p.running--
		if rt.closing {
			rt.calm()
		}
		rt.mu.Unlock()
	case waitsToGoOn(t):
		p.queue.pop()
		p.queued--
		t.take()
		rt.mu.Unlock()
		t.proceed()
	default:
		w := rt.blockingWorker()
		rt.mu.Unlock()
		w.start()
	}
}

// run has a slot and runs what is queued until nothing is, or until the slot belongs to
// work that goes on.
func (w *blockingWorker) run() {
	rt := w.rt
	w.number.Store(probe.Goroutine())
	w.marks = probe.Here()
	wipe(w.marks) // as a worker does
	var r runner  // of this goroutine: after a Goexit another one goes on with w
	rt.runners.add(&r)
	defer rt.runners.remove(&r)
	for {
		rt.mu.Lock()
		t := rt.block.first()
		if t == nil || waitsToGoOn(t) {
			rt.leave(&w.goroutine)
			w.below, rt.block.idle = rt.block.idle, w
			rt.passBlocking()
			return
		}
		rt.block.queue.pop()
		if t.state.Or(started)&started != 0 {
			rt.mu.Unlock()
			continue // cancelled a moment ago
		}
		rt.block.queued--
		t.slot |= held
		rt.mu.Unlock()
		w.do(t, &r)
	}
}

// do runs t. It does not return if the goroutine cannot be used again.
func (w *blockingWorker) do(t *core, r *runner) {
	// Goexit takes this goroutine, here or while it settles t. Another one goes on.
	over := false
	defer func() {
		w.current = nil
		if !over {
			w.start()
		}
	}()
	w.current = t
	err, how := w.call(t, r)
	wipe(w.marks)
	t.conclude(err, how)
	if !wipeAll(w.marks) {
		runtime.Goexit()
	}
	over = true
}

// call contains what the function does, except for Goexit, which it settles.
func (w *blockingWorker) call(t *core, r *runner) (err error, how outcome) { //nolint:staticcheck // the error belongs to the outcome
	returned := false
	defer func() {
		r.task = nil
		if returned {
			return
		}
		if v := recover(); v != nil {
			err, how = &PanicError{Value: v, Stack: debug.Stack()}, hasPanicked
			return
		}
		wipe(w.marks)
		t.conclude(ErrGoexit, hasPanicked)
	}()
	r.task = t
	t.state.Or(running)
	if err = t.stopped(); err != nil {
		how = wasStopped
		err, how = t.discard(err, how)
	} else {
		err = t.execute()
	}
	returned = true
	return err, how
}

// skip ends blocking work that was cancelled before it ran, and has other work that waits
// look at its context.
func (rt *Runtime) skip(t *core) {
	if t.state.Or(started)&started != 0 {
		t.Resume()
		return
	}
	rt.mu.Lock()
	p := &rt.block
	if p.queued--; p.queue.n > 2*p.queued+32 {
		p.queue.keep(func(t *core) bool { return waitsToGoOn(t) || !t.has(started) })
	}
	rt.mu.Unlock()
	t.drop()
}

// drop ends a blocking task that does not run, on the goroutine that has cancelled it. The
// context above is user code, and Shutdown waits for the task until that has returned.
func (t *core) drop() {
	rt := t.rt
	g := &goroutine{current: t}
	g.number.Store(probe.Goroutine())
	rt.mu.Lock()
	rt.enter(g)
	rt.mu.Unlock()
	defer func() {
		rt.mu.Lock()
		rt.leave(g)
		rt.mu.Unlock()
	}()
	t.conclude(t.discard(t.stopped(), wasStopped))
}

// conclude ends a blocking task, also if its context ends the goroutine.
func (t *core) conclude(err error, how outcome) {
	defer func() {
		var s sweep
		t.account(how, &s)
		defer t.settle(err, how)
		s.run()
	}()
	t.heedSafely()
}
