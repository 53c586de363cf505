package observe_test

import (
	"context"
	"expvar"
	"fmt"
	"strings"
	"time"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/observe"
	"github.com/handoff-go/handoff/task"
)

// A program that publishes its state as an expvar variable.
func ExampleVar() {
	expvar.Publish("handoff", observe.Var())

	fmt.Println(strings.Contains(expvar.Get("handoff").String(), `"level":"off"`))
	// Output: true
}

// Two tasks that wait for each other, and a look at them from outside.
func ExampleState_Cycles() {
	defer observe.Enable(observe.Options{})()
	rt, err := task.New()
	if err != nil {
		panic(err)
	}
	defer rt.Shutdown(context.Background())
	ctx := rt.Context(context.Background())

	p, second := future.NewPromise[*task.JoinHandle[int]]()
	first := task.Spawn(ctx, func(ctx context.Context) (int, error) {
		other, err := future.Await(ctx, second)
		if err != nil {
			return 0, err
		}
		return other.Await(ctx)
	}, task.Named("first"))
	p.Resolve(task.Spawn(ctx, first.Await, task.Named("second")))

	for len(observe.Snapshot().Cycles()) == 0 {
		task.Sleep(ctx, time.Millisecond) // until both wait
	}
	fmt.Println(len(observe.Snapshot().Cycles()[0].Actors), "tasks")
	fmt.Println(observe.Snapshot().Warnings()[0].Kind)
	// Output:
	// 2 tasks
	// deadlock
}
