package task

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/pprof"
	"sync/atomic"

	"github.com/handoff-go/handoff/internal/park"
)

// lifecycle is how far a Shutdown is, and what it waits for. Under rt.mu, but for what says
// otherwise.
//
//	open --Shutdown--> closing --no task is left--> closed --no worker, no blocking work--> quiet
type lifecycle struct {
	closing, closed, quiet bool
	shut                   atomic.Bool   // closing; read without the lock
	ended                  atomic.Bool   // the pool is released; read without the lock, also in other bubbles
	isQuiet                chan struct{} // closed when quiet
	released               chan struct{}

	goroutines *goroutine // on which user code runs; a Shutdown there must not wait for itself
	visitors   visitors
}

// Shutdown returns these where it would wait for its own caller: a task, the panic handler, or
// other user code on a goroutine of the runtime.
var (
	errInside  = errors.New("task: Shutdown called by a task of the runtime, which is still running; the others have been cancelled")
	errHandler = errors.New("task: Shutdown called by the panic handler of the runtime, which is still running; the tasks have been cancelled")
	errCalled  = errors.New("task: Shutdown called by code that a goroutine of the runtime is still running, such as a waker; the tasks have been cancelled")
)

// Shutdown cancels every task, waits until they have ended and releases the workers;
// then no goroutine of the runtime is left, and it returns nil. Tasks that were not
// started end with [ErrShutdown], and so do tasks spawned from now on. It cannot stop a
// function that ignores its context, nor blocking work that runs. It does not let tasks
// finish first: to do that, await them before, for instance with a [JoinSet] under a context
// with a deadline.
//
// If ctx ends first, Shutdown returns an error that wraps ctx's and says how many tasks
// are still running; a later Shutdown goes on waiting. It may be called any number of
// times and concurrently.
//
// Inside a task it cancels the others, does not wait, and returns an error that says so; the
// rest happens when the task returns. A call is inside a task if ctx is derived from the
// task's, or if it is made on a goroutine of the runtime, under whatever context: by a
// function, a poll, a Drop, a waker, a callback, the panic handler, blocking work, or inside
// [BlockOn]. A goroutine that a task has started is not recognised without the context of
// the task. If the task waits for that goroutine, and the goroutine for Shutdown under a
// context that does not end, neither wait ends, unless the task waits under its own context.
//
// Until the runtime has ended, it panics in another synctest bubble than New was called in.
func (rt *Runtime) Shutdown(ctx context.Context) error {
	need(ctx != nil, "nil context")
	need(rt.pool != nil, "a Runtime that was not made by New")
	global.Lock()
	if global.rt == rt {
		global.rt = nil
	}
	global.Unlock()

	if rt.ended.Load() {
		return nil
	}
	rt.admit()
	own, _ := ctx.Value(currentKey{}).(*core)
	if own != nil && (own.rt != rt || own.has(over|done)) {
		own = nil
	}
	var s sweep
	s.bySelf()
	rt.mu.Lock()
	here := rt.here()
	if own == nil && here != nil && here.current != nil && !here.current.has(over|done) {
		own = here.current
	}
	first := !rt.closing
	if own != nil {
		own.ensureInTreeLocked() // before what it is spared from
	}
	rt.closing = true
	rt.shut.Store(true)
	rt.root.cancelTree(byShutdown, own, &s)
	rt.advanceShutdown()
	rt.mu.Unlock()
	if first {
		go rt.finish() // before user code, which may end this goroutine
	}
	s.run()
	switch {
	case own != nil:
		return errInside
	case here != nil && here.handler:
		return errHandler
	case here != nil:
		return errCalled
	}
	select {
	case <-rt.released:
		return nil
	case <-ctx.Done():
		rt.mu.Lock()
		defer rt.mu.Unlock()
		if n := rt.live(); n > 0 {
			return fmt.Errorf("task: tasks did not end in time, %d still running: %w", n, ctx.Err())
		}
		return fmt.Errorf("task: the tasks have ended, but not in time all that they set off, such as a panic handler: %w", ctx.Err())
	}
}

// live returns how many tasks were spawned and have not ended. Under rt.mu.
func (rt *Runtime) live() int {
	n := rt.stats.Spawned - rt.stats.Completed - rt.stats.Cancelled - rt.stats.Panicked
	for _, l := range rt.lanes.all {
		n -= l.counts()
	}
	return int(n)
}

// advanceShutdown sets closed once the last task has ended, and quiet once the last worker has returned.
// Under rt.mu, while rt is closing.
func (rt *Runtime) advanceShutdown() {
	if !rt.closed && rt.live() == 0 {
		rt.closed = true // no worker is started from now on
		rt.dismiss()
	}
	if rt.closed && !rt.quiet && rt.hosts == 0 && rt.block.running == 0 {
		rt.quiet = true
		close(rt.isQuiet)
	}
}

// yieldingContext is a context for ReleaseContext of ants, which spins until the goroutines of its
// pool have returned. The loop calls Done in each iteration, and Done yields: with GOMAXPROCS
// 1 they could otherwise not run before the scheduler preempts the loop after 10 ms.
type yieldingContext struct{ context.Context }

// Done implements context.Context.
func (yieldingContext) Done() <-chan struct{} {
	runtime.Gosched()
	return nil
}

// finish waits for the last worker and releases what the runtime holds.
func (rt *Runtime) finish() {
	pprof.SetGoroutineLabels(context.Background()) // not those of the caller of Shutdown
	<-rt.isQuiet
	rt.mu.Lock()
	rt.watch.Stop()
	blocking := rt.block.pool
	rt.mu.Unlock()
	_ = rt.pool.ReleaseContext(yieldingContext{context.Background()})
	if blocking != nil {
		_ = blocking.ReleaseContext(yieldingContext{context.Background()})
	}
	defer func() { // also if a panic handler exits
		if rt.seeded {
			park.Exploring.Add(-1)
		}
		rt.ended.Store(true)
		close(rt.released)
	}()
	rt.reportAll()
}
