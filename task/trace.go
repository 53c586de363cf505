package task

import (
	"context"
	"runtime/pprof"
	"runtime/trace"
)

// What the tools of the runtime show of tasks: while an execution trace is taken, a
// trace task for the run of each function and a region for each poll; and a label in
// goroutine profiles for the function of a task with a name. When there is neither,
// it costs the look whether there is.

func tracing() bool { return trace.IsEnabled() }

// label returns what t is called in traces.
func (t *core) label() string {
	if name := t.name(); name != "" {
		return name
	}
	return "handoff task"
}

// tracedPoll is a poll in a region.
func (t *core) tracedPoll() (ready bool, err error) {
	defer trace.StartRegion(t, t.label()).End()
	return t.body.poll(&t.cx)
}

// tracedCall is the call of a function that can be told from others.
func (t *core) tracedCall() error {
	ctx := context.Context(t)
	if tracing() {
		traced, traceTask := trace.NewTask(t, t.label())
		defer traceTask.End()
		ctx = traced
	}
	labelled := ctx
	if name := t.name(); name != "" {
		labelled = pprof.WithLabels(ctx, pprof.Labels("task", name))
	}
	pprof.SetGoroutineLabels(labelled)
	return t.body.call(ctx)
}
