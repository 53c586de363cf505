package task

import (
	"fmt"
	"log/slog"
	"maps"
	"runtime"
	"runtime/debug"
	"slices"

	"github.com/handoff-go/handoff/internal/probe"
)

// A panic that a task ended with belongs to whoever awaits the task. Until somebody
// does, the runtime keeps it, by the number of the task and not with the task. Nobody
// will any more when the handle was dropped, or the garbage collector finds that nobody
// has it, or the runtime ends.

func (rt *Runtime) undeliver(t *core, p *PanicError) {
	rt.mu.Lock()
	ended := rt.panics == nil
	if !ended {
		rt.panics[t.id] = p
	}
	rt.mu.Unlock()
	switch {
	case ended: // nobody would look again
		rt.handle(p)
	case !rt.bubbled: // a cleanup runs outside of every bubble, and so would the handler
		// On a goroutine of its own: that of the cleanups is one for the process.
		runtime.AddCleanup(t, func(id uint64) { go rt.handle(rt.take(id)) }, t.id)
	}
}

func (rt *Runtime) deliver(t *core) { _ = rt.take(t.id) }

func (rt *Runtime) take(id uint64) *PanicError {
	rt.mu.Lock()
	defer rt.mu.Unlock()
	p := rt.panics[id]
	delete(rt.panics, id)
	return p
}

// report tells the handler about t's panic, if there was one and nobody knows.
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
			rt.handleAll(left) // a Goexit takes this goroutine
		}
	}()
	for len(left) > 0 {
		p := left[0]
		left = left[1:]
		rt.handle(p)
	}
}

func (rt *Runtime) handle(p *PanicError) {
	if p == nil {
		return
	}
	g := probe.Goroutine()
	rt.handles(g, 1)
	defer rt.handles(g, -1)
	defer rt.contain("the panic handler")
	if rt.handler != nil {
		rt.handler(p)
		return
	}
	rt.log().Error("handoff: a task panicked and nobody awaits it",
		"runtime", rt.name, "panic", fmt.Sprint(p.Value), "stack", string(p.Stack))
}

// handles notes that goroutine g has entered the panic handler, or left it. Shutdown waits
// for that: a handler that calls it would wait for itself. It has no context by which it
// could be told, for it may run wherever a handle is dropped.
func (rt *Runtime) handles(g uint64, by int) {
	rt.mu.Lock()
	defer rt.mu.Unlock()
	if rt.handling == nil {
		rt.handling = make(map[uint64]int)
	}
	if rt.handling[g] += by; rt.handling[g] == 0 {
		delete(rt.handling, g)
	}
}

// inHandler reports whether the panic handler has called, directly. Under rt.mu.
func (rt *Runtime) inHandler() bool {
	return len(rt.handling) > 0 && rt.handling[probe.Goroutine()] > 0
}

// contain is deferred around code of others that runs on a worker but belongs to no
// task.
func (rt *Runtime) contain(who string) {
	if v := recover(); v != nil {
		rt.log().Error("handoff: "+who+" panicked", "runtime", rt.name, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
	}
}

func (rt *Runtime) log() *slog.Logger {
	if rt.logger != nil {
		return rt.logger
	}
	return slog.Default()
}
