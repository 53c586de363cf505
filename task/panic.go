package task

import (
	"fmt"
	"log/slog"
)

// A panic that a task ended with belongs to whoever awaits the task. Until somebody
// does, the runtime keeps it, by the number of the task and not with the task.

func (rt *Runtime) undeliver(t *core, p *PanicError) {
	rt.mu.Lock()
	rt.panics[t.id] = p
	rt.mu.Unlock()
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
	log := rt.logger
	if log == nil {
		log = slog.Default()
	}
	defer func() {
		if v := recover(); v != nil {
			log.Error("handoff: the panic handler panicked", "runtime", rt.name, "panic", fmt.Sprint(v))
		}
	}()
	if rt.handler != nil {
		rt.handler(p)
		return
	}
	log.Error("handoff: a task panicked and nobody awaits it",
		"runtime", rt.name, "panic", fmt.Sprint(p.Value), "stack", string(p.Stack))
}
