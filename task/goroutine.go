package task

import (
	"context"
	"runtime/debug"
	"runtime/pprof"
	"sync/atomic"

	"github.com/handoff-go/handoff/internal/probe"
)

// goroutine is a goroutine that Shutdown waits for while it is in the list of its runtime: a
// worker, one that runs blocking work, one inside BlockOn, one inside the panic handler. If one
// of these calls Shutdown, that would wait for its own caller. The caller cannot be
// recognised by a context, because wakers, Drops and callbacks get none; so it is by the
// number of its goroutine.
//
// An entry costs two pointer writes under a lock that is held anyway. A map from the numbers
// would cost each BlockOn and each worker an insertion and a deletion.
type goroutine struct {
	number  atomic.Uint64 // atomic, because a Shutdown may search the list while it is written
	current *core         // the task that it runs, if any; the goroutine's own
	handler bool          // it is in the panic handler
	prev    **goroutine   // what points here
	next    *goroutine
}

// enter puts g at the head of the list, so that the innermost of one goroutine comes first.
// Under rt.mu.
func (rt *Runtime) enter(g *goroutine) {
	g.next, g.prev = rt.goroutines, &rt.goroutines
	if g.next != nil {
		g.next.prev = &g.next
	}
	rt.goroutines = g
}

// leave takes g out of the list. Under rt.mu.
func (rt *Runtime) leave(g *goroutine) {
	if *g.prev = g.next; g.next != nil {
		g.next.prev = g.prev
	}
	g.next, g.prev = nil, nil
}

// here returns the innermost entry of the calling goroutine, or nil. Under rt.mu.
func (rt *Runtime) here() *goroutine {
	number := probe.Goroutine()
	for g := rt.goroutines; g != nil; g = g.next {
		if g.number.Load() == number {
			return g
		}
	}
	return nil
}

// wipe removes the profile labels of the calling goroutine.
func wipe(m probe.Marks) {
	if m.Labelled() {
		pprof.SetGoroutineLabels(context.Background())
	}
}

// wipeAll undoes what the function of a task has changed on the calling goroutine, and
// reports whether another task may run on it. A runtime.LockOSThread is not undone: the
// thread may have got another user, namespace or priority. So the goroutine has to end, and
// the thread ends with it.
func wipeAll(m probe.Marks) (usable bool) {
	wipe(m)
	debug.SetPanicOnFault(false)
	return !m.Locked()
}

// unlabelled calls f, which starts long-lived goroutines, without profile labels: they would
// inherit those of the caller, and keep them.
func unlabelled(f func()) {
	if m := probe.Here(); m.Known() && !m.Labelled() {
		f()
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		pprof.SetGoroutineLabels(context.Background())
		f()
	}()
	<-done
}
