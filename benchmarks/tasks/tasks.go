// Package tasks has the scenarios that start work and wait for it: goroutines, pools and the
// tasks of handoff.
package tasks

import (
	"context"

	"github.com/handoff-go/handoff/benchmarks/bench"
	"github.com/handoff-go/handoff/task"
)

// Scenarios returns all of them.
func Scenarios() []bench.Scenario {
	return []bench.Scenario{
		burst(), spawnOutside(), spawnInside(),
		yield(2), yield(100),
		pingPong(), fanOut(),
	}
}

var background = context.Background()

// inRuntime calls fn with the context of a runtime that is there for it alone, so that one
// measurement leaves nothing behind for the next.
func inRuntime(fn func(ctx context.Context) ([]float64, error)) ([]float64, error) {
	rt, err := task.New()
	if err != nil {
		return nil, err
	}
	vs, err := fn(rt.Context(background))
	if serr := rt.Shutdown(background); err == nil {
		err = serr
	}
	return vs, err
}

var one = func(context.Context) (int, error) { return 1, nil }
