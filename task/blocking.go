package task

import (
	"context"
	"fmt"
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
	running int
	queue   queue
	pool    *ants.Pool
}

// SpawnBlocking starts fn where it may block: on a pool of its own, with a limit
// ([WithBlockingLimit]) and a queue. Once it runs it cannot be stopped; its context
// tells it of Cancel. While it is queued, Cancel ends it at once.
func SpawnBlocking[T any](ctx context.Context, fn func(context.Context) (T, error), opts ...SpawnOption) *JoinHandle[T] {
	h := &JoinHandle[T]{fn: fn}
	h.t.apply(opts)
	t := &h.t
	if !t.begin(ctx, h, blocking) {
		h.release()
		t.settle(ErrShutdown)
		return h
	}
	if t.has(cancelled) {
		t.rt.skip(t)
		return h
	}
	t.subscribe() // it may stand in the queue for long
	t.rt.block.submit(t)
	return h
}

func (p *blockingPool) submit(t *core) {
	rt := t.rt
	if t.has(started) {
		return // cancelled meanwhile
	}
	rt.mu.Lock()
	p.queue.push(t)
	if p.running == p.limit {
		rt.mu.Unlock()
		return
	}
	p.running++
	if p.pool == nil {
		pool, err := ants.NewPool(-1)
		if err != nil {
			panic(fmt.Sprintf("handoff/task: %v", err)) // only options can be wrong
		}
		p.pool = pool
	}
	pool := p.pool
	rt.mu.Unlock()
	rt.startBlocking(pool)
}

func (rt *Runtime) startBlocking(pool *ants.Pool) {
	if err := pool.Submit(rt.blockingWorker); err != nil {
		// Released, which happens after the last task: what is queued was cancelled.
		rt.mu.Lock()
		rt.block.running--
		rt.mu.Unlock()
	}
}

// blockingWorker runs what is queued until nothing is.
func (rt *Runtime) blockingWorker() {
	for {
		rt.mu.Lock()
		t := rt.block.queue.pop()
		if t == nil {
			rt.block.running--
			rt.mu.Unlock()
			return
		}
		rt.mu.Unlock()
		if t.state.Or(started)&started == 0 {
			rt.runBlocking(t)
		}
	}
}

func (rt *Runtime) runBlocking(t *core) {
	err := ErrGoexit
	returned := false
	defer func() {
		if !returned {
			if v := recover(); v != nil {
				err = &PanicError{Value: v, Stack: debug.Stack()}
			} else {
				// Goexit takes this goroutine. Its successor comes before the end of the
				// task, which may be what the pool's release waits for.
				rt.startBlocking(rt.block.pool)
			}
		}
		rt.finish(t, err)
	}()
	if err = t.ended(); err == nil {
		err = ErrGoexit
		err = t.body.call(t)
	}
	returned = true
}

// skip ends a blocking task that was cancelled before it ran.
func (rt *Runtime) skip(t *core) {
	if t.state.Or(started)&started == 0 {
		rt.finish(t, t.ended())
	}
}
