package task

import (
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
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
	left := rt.panics
	rt.panics = nil
	rt.mu.Unlock()
	for _, p := range left {
		rt.handle(p)
	}
}

func (rt *Runtime) handle(p *PanicError) {
	if p == nil {
		return
	}
	defer rt.contain("the panic handler")
	if rt.handler != nil {
		rt.handler(p)
		return
	}
	rt.log().Error("handoff: a task panicked and nobody awaits it",
		"runtime", rt.name, "panic", fmt.Sprint(p.Value), "stack", string(p.Stack))
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
