package task

import (
	"fmt"
	"log/slog"
	"maps"
	"os"
	"runtime"
	"runtime/debug"
	"slices"

	"github.com/handoff-go/handoff/internal/probe"
)

// A panic that a task ended with is returned by Await of the task. Until then the runtime keeps
// it in a map by the number of the task, not in the task, so that it survives the handle. It is
// passed to the panic handler when the handle is dropped or garbage-collected, or when the
// runtime ends.

// panicLog has the panics that were neither returned nor reported, by the number of the task; nil
// once the runtime has ended. Under rt.mu.
type panicLog struct{ panics map[uint64]*PanicError }

// undeliver keeps p until it is delivered or reported. It reports false if the runtime has
// ended: then p is not kept, and the caller passes it to the handler.
func (rt *Runtime) undeliver(t *core, p *PanicError) bool {
	rt.mu.Lock()
	ended := rt.panics == nil
	if !ended {
		rt.panics[t.id] = p
	}
	rt.mu.Unlock()
	if !ended && rt.bubble == 0 { // a cleanup runs outside of every bubble, and so would the handler
		// On a goroutine of its own: all cleanups of the process share one goroutine.
		runtime.AddCleanup(t, func(id uint64) { go rt.handleCollected(id) }, t.id)
	}
	return !ended
}

// handleCollected reports the panic of a task whose handle was collected. It counts as a
// goroutine of the runtime, so that none is left when Shutdown has returned.
func (rt *Runtime) handleCollected(id uint64) {
	rt.mu.Lock()
	p := rt.panics[id]
	if p == nil || rt.quiet { // then it is left for reportAll
		rt.mu.Unlock()
		return
	}
	delete(rt.panics, id)
	rt.hosts++
	rt.mu.Unlock()
	defer func() {
		rt.mu.Lock()
		rt.hosts--
		if rt.closing {
			rt.advanceShutdown()
		}
		rt.mu.Unlock()
	}()
	rt.handle(p)
}

func (rt *Runtime) deliver(t *core) { _ = rt.take(t.id) }

func (rt *Runtime) take(id uint64) *PanicError {
	rt.mu.Lock()
	defer rt.mu.Unlock()
	p := rt.panics[id]
	delete(rt.panics, id)
	return p
}

// report passes t's panic to the handler, if there was one that was not delivered.
func (rt *Runtime) report(t *core) { rt.handle(rt.take(t.id)) }

func (rt *Runtime) reportAll() {
	rt.mu.Lock()
	var left []*PanicError
	for _, id := range slices.Sorted(maps.Keys(rt.panics)) { // under a seed, one order
		left = append(left, rt.panics[id])
	}
	rt.panics = nil
	rt.mu.Unlock()
	rt.handleAll(left)
}

func (rt *Runtime) handleAll(left []*PanicError) {
	defer func() {
		if len(left) > 0 {
			rt.handleAll(left) // the handler has called Goexit, which ends this goroutine
		}
	}()
	for len(left) > 0 {
		p := left[0]
		left = left[1:]
		rt.handle(p)
	}
}

// handle calls the panic handler. Shutdown waits for that where the handler runs on a
// goroutine of the runtime, so a handler that calls it must be recognised wherever it runs.
func (rt *Runtime) handle(p *PanicError) {
	if p == nil {
		return
	}
	g := &goroutine{handler: true}
	g.number.Store(probe.Goroutine())
	rt.mu.Lock()
	rt.enter(g)
	rt.mu.Unlock()
	defer func() {
		rt.mu.Lock()
		rt.leave(g)
		rt.mu.Unlock()
	}()
	defer rt.contain("the panic handler")
	if rt.handler != nil {
		rt.handler(p)
		return
	}
	rt.log("task: a task panicked and no Await returned the panic", "panic", fmt.Sprint(p.Value), "stack", string(p.Stack))
}

// contain is deferred around user code that runs on a worker but belongs to no task.
func (rt *Runtime) contain(who string) {
	if v := recover(); v != nil {
		rt.log("task: "+who+" panicked", "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
	}
}

// log logs an error. The logger is user code as well, and often called where a panic would
// end the process. If it panics, the message is not lost: it is written to standard error, as
// a crash would have done.
func (rt *Runtime) log(message string, attrs ...any) {
	defer func() {
		if v := recover(); v != nil {
			fmt.Fprintf(os.Stderr, "task: the logger panicked: %v\n%s; it was to log: %s %q\n", v, debug.Stack(), message, attrs)
		}
	}()
	l := rt.logger
	if l == nil {
		l = slog.Default()
	}
	l.Error(message, append([]any{"runtime", rt.name}, attrs...)...)
}
