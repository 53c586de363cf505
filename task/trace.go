package task

import (
	"context"
	"runtime/pprof"
	"runtime/trace"
)

// Support for the tools of Go's runtime. While an execution trace is taken, the run of each
// function is a trace task, and each poll a region. In goroutine profiles the function of a
// task with a name has a label. Otherwise the cost is one check of trace.IsEnabled.

func tracing() bool { return trace.IsEnabled() }

// label returns the name of t in traces.
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

// tracedCall calls the function of t within a trace task, while a trace is taken, and with the
// label of a named task.
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
