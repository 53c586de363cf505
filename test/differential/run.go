package differential

import (
	"fmt"
	"testing"
	"testing/synctest"
)

// Run runs a program here and returns its trace. A program with calls that may block or
// with timeouts runs in a bubble of its own, where a step is over when every goroutine sleeps.
func Run(t *testing.T, p Program) []Step {
	if !p.Waits() {
		return run(p, func() {})
	}
	var steps []Step
	synctest.Test(t, func(*testing.T) { steps = run(p, synctest.Wait) })
	return steps
}

func run(p Program, settle func()) (steps []Step) {
	defer func() {
		if r := recover(); r != nil {
			steps = append(steps, Step{Result: fmt.Sprintf("panic: %v", r)})
		}
	}()
	w := newWorld(p, new(books), settle)
	for _, op := range p.Ops {
		steps = append(steps, w.step(op))
	}
	if len(w.threads) > 0 {
		steps = append(steps, Step{Result: "stuck"})
		w.unblock()
	}
	return steps
}

// unblock ends the calls that never returned, so that their goroutines end with the run.
func (w *world) unblock() {
	for _, s := range w.tx {
		s.it.drop()
	}
	for _, r := range w.rx {
		r.it.drop()
	}
	w.settle()
}
