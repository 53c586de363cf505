//go:build handoff_sched

package sched

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

// trace is what happened in a run, a line for each step.
type trace struct {
	lines  []string
	thread string
}

const traceDepth = 3

// add notes where thread t goes on.
func (tr *trace) add(_ *run, t *thread) {
	if t.Name != tr.thread {
		tr.thread = t.Name
		tr.lines = append(tr.lines, t.Name+":")
	}
	pcs := make([]uintptr, 16)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	var at []string
	for len(at) < traceDepth {
		f, more := frames.Next()
		name := f.Function[strings.LastIndexByte(f.Function, '/')+1:]
		if !strings.HasPrefix(name, "sched.") || strings.HasSuffix(f.File, "_test.go") {
			at = append(at, fmt.Sprintf("%s:%d %s", filepath.Base(f.File), f.Line, name[strings.IndexByte(name, '.')+1:]))
		}
		if !more {
			break
		}
	}
	tr.lines = append(tr.lines, "    "+strings.ReplaceAll(strings.Join(at, "  <  "), "[...]", ""))
}

func (tr *trace) String() string { return strings.Join(tr.lines, "\n") }
