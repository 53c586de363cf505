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
type blockingPool struct {
	limit   int
	running int // goroutines that run what is queued, or soon
	queue   queue
	queued  int // of the queue, those that were not cancelled
	pool    *ants.Pool
	idle    *blockingWorker // to be used again
}

// SpawnBlocking starts fn where it may block, and returns at once: on a pool of its
// own, with a limit ([WithBlockingLimit]) and a queue, so that no worker is held up.
// Once it runs it cannot be stopped; its context tells it of Cancel, and its result
// stands. While it is queued, Cancel ends it at once. An await in fn parks its
// goroutine. For the rest it is like [Spawn]: a runtime.LockOSThread without its Unlock ends
// the goroutine, and the thread, with the work.
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
	p := &rt.block
	p.queue.push(t)
	p.queued++
	var w *blockingWorker
	if p.running < p.limit {
		p.running++ // before it is started: the pool is not released meanwhile
		if p.pool == nil {
			var err error
			unlabelled(func() { p.pool, err = ants.NewPool(-1) })
			if err != nil {
				panic(fmt.Sprintf("task: %v", err)) // only options can be wrong
			}
		}
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

// run runs what is queued until nothing is.
func (w *blockingWorker) run() {
	rt := w.rt
	w.number.Store(probe.Goroutine())
	w.marks = probe.Here()
	wipe(w.marks) // as a worker does
	for {
		rt.mu.Lock()
		var t *core
		for {
			t = rt.block.queue.pop()
			if t == nil || t.state.Or(started)&started == 0 {
				break
			}
		}
		if t == nil {
			rt.block.running--
			rt.leave(&w.goroutine)
			w.below, rt.block.idle = rt.block.idle, w
			if rt.closing {
				rt.calm()
			}
			rt.mu.Unlock()
			return
		}
		rt.block.queued--
		rt.mu.Unlock()
		w.do(t)
	}
}

// do runs t. It does not return if the goroutine cannot be used again.
func (w *blockingWorker) do(t *core) {
	// Goexit takes this goroutine, here or while it settles t. Another one goes on.
	over := false
	defer func() {
		w.current = nil
		if !over {
			w.start()
		}
	}()
	w.current = t
	err, how := w.call(t)
	wipe(w.marks)
	t.conclude(err, how)
	if !wipeAll(w.marks) {
		runtime.Goexit()
	}
	over = true
}

// call contains what the function does, except for Goexit, which it settles.
func (w *blockingWorker) call(t *core) (err error, how outcome) { //nolint:staticcheck // the error belongs to the outcome
	returned := false
	defer func() {
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

// skip ends a blocking task that was cancelled before it ran.
func (rt *Runtime) skip(t *core) {
	if t.state.Or(started)&started != 0 {
		return
	}
	rt.mu.Lock()
	p := &rt.block
	if p.queued--; p.queue.n > 2*p.queued+32 {
		p.queue.keep(func(t *core) bool { return !t.has(started) })
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

// conclude ends a blocking task.
func (t *core) conclude(err error, how outcome) {
	t.heedSafely()
	var s sweep
	t.account(how, &s)
	defer t.settle(err, how)
	s.run()
}
