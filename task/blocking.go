package task

import (
	"context"
	"fmt"
	"reflect"
	"runtime/debug"

	"github.com/panjf2000/ants/v2"
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
}

// SpawnBlocking starts fn where it may block, and returns at once: on a pool of its
// own, with a limit ([WithBlockingLimit]) and a queue, so that no worker is held up.
// Once it runs it cannot be stopped; its context tells it of Cancel, and its result
// stands. While it is queued, Cancel ends it at once. An await in fn parks its
// goroutine. For the rest it is like [Spawn].
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
	more := p.running < p.limit
	if more {
		p.running++ // before it is started: the pool is not released meanwhile
		if p.pool == nil {
			pool, err := ants.NewPool(-1)
			if err != nil {
				panic(fmt.Sprintf("task: %v", err)) // only options can be wrong
			}
			p.pool = pool
		}
	}
	rt.mu.Unlock()
	if more {
		rt.startBlocking()
	}
	t.subscribe() // it may stand in the queue for long
}

func (rt *Runtime) startBlocking() {
	if err := rt.block.pool.Submit(rt.blockingWorker); err != nil {
		go rt.blockingWorker() // as with start
	}
}

// blockingWorker runs what is queued until nothing is.
func (rt *Runtime) blockingWorker() {
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
			if rt.closing {
				rt.calm()
			}
			rt.mu.Unlock()
			return
		}
		rt.block.queued--
		rt.mu.Unlock()
		rt.runBlocking(t)
	}
}

func (rt *Runtime) runBlocking(t *core) {
	// Goexit takes this goroutine, here or while it settles t.
	over := false
	defer func() {
		if !over {
			rt.startBlocking()
		}
	}()
	err, how := t.callBlocking()
	t.conclude(err, how)
	over = true
}

// callBlocking contains what the function does, except for Goexit, which it settles.
func (t *core) callBlocking() (err error, how outcome) { //nolint:staticcheck // the error belongs to the outcome
	returned := false
	defer func() {
		if returned {
			return
		}
		if v := recover(); v != nil {
			err, how = &PanicError{Value: v, Stack: debug.Stack()}, hasPanicked
			return
		}
		t.conclude(ErrGoexit, hasPanicked)
	}()
	t.state.Or(running)
	if err = t.stopped(); err != nil {
		how = wasStopped
		err, how = t.discard(err, how)
	} else {
		err = (*worker)(nil).execute(t)
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

// drop ends a blocking task that does not run.
func (t *core) drop() {
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
