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

// blockingPool runs blocking work on goroutines other than the workers. It has an ants pool
// of its own, made by the first use, and a queue, because ants has none. All of it is under
// rt.mu.
//
// It has limit slots. A goroutine that runs blocking work holds one, and releases it while
// the work awaits. Work that was woken is queued for a slot behind the work that was queued
// before.
type blockingPool struct {
	limit   int
	running int // slots that are held: by goroutines that run or are started
	queue   queue
	queued  int // how many in the queue were not cancelled
	pool    *ants.Pool
	idle    *blockingWorker // a stack, for reuse
}

// SpawnBlocking starts fn on a pool for code that may block, and returns at once. The pool
// has a limit ([WithBlockingLimit]) and a queue, and occupies no worker. Once fn runs it
// cannot be stopped: Cancel ends its context, and the result of fn is that of the task.
// While it is queued, Cancel ends the task at once.
//
// An await in fn, on its own goroutine, releases its slot of the pool during the wait, so
// blocking work may await other blocking work, whatever the limit is. After the wait it is
// queued for a slot like new work; so an await may return late, also when its context has
// ended, while all slots are in use. Otherwise it is like [Spawn]: a runtime.LockOSThread
// without its Unlock ends the goroutine, and the thread, with the work.
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
	t.subscribe() // it may be queued for long, and has to end when the context above does
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

// push queues t and reports whether a goroutine must be started, whose slot is then counted.
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

// first removes cancelled work from the head of the queue, and returns the first that is left,
// or nil. Under rt.mu.
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
		t.grantSlot()
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

// passBlocking passes the slot of the caller to the next in the queue, or gives it up. The
// caller holds rt.mu, which passBlocking releases.
func (rt *Runtime) passBlocking() {
	p := &rt.block
	switch t := p.first(); {
	case t == nil:
		p.running--
		if rt.closing {
			rt.advanceShutdown()
		}
		rt.mu.Unlock()
	case waitsToGoOn(t):
		p.queue.pop()
		p.queued--
		t.grantSlot()
		rt.mu.Unlock()
		t.proceed()
	default:
		w := rt.blockingWorker()
		rt.mu.Unlock()
		w.start()
	}
}

// run holds a slot and runs queued work, until the queue is empty or the next in it is work
// that was woken, to which it passes the slot.
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
	// Goexit ends this goroutine, here or while it completes t. Another one takes over.
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

// call runs the function of t and recovers its panic. After a Goexit it ends t itself, because
// it does not return.
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

// skip ends blocking work that was cancelled before it ran, and resumes work that waits, so
// that it checks its context.
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

// drop ends a blocking task that does not run, on the goroutine that has cancelled it. It is
// entered in the list of Shutdown, because it calls the context above, which is user code.
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
		defer t.complete(err, how)
		s.run()
	}()
	t.recordAboveSafely()
}
