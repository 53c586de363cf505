// Package idle has the scenarios of consumers that wait: what they hold while nothing comes,
// what they burn, and how soon they run when something does.
package idle

import (
	"context"
	"errors"
	"time"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/benchmarks/bench"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

// Scenarios returns all of them.
func Scenarios() []bench.Scenario {
	return []bench.Scenario{
		memory(functionCrowd), memory(100_000), memory(1_000_000), sharedMemory(100_000), sharedMemory(1_000_000), promiseMemory(),
		processor(), wake(),
	}
}

var background = context.Background()

// crowd is a number of consumers that wait.
type crowd struct {
	waiting func() bool // all of them do by now
	poke    func(i int) // sends something to number i
	end     func() error
}

// inRuntime makes a crowd of tasks in a runtime of its own. spawn starts number i.
func inRuntime(n int, spawn func(ctx context.Context, i int)) (*task.Runtime, crowd) {
	rt := bench.Must(task.New())
	ctx := rt.Context(background)
	for i := range n {
		spawn(ctx, i)
	}
	return rt, crowd{
		waiting: func() bool { return rt.Stats().Waiting >= n },
		end:     func() error { return rt.Shutdown(background) },
	}
}

// until waits for a condition. It gives up rather than hang.
func until(what string, cond func() bool) error {
	for deadline := time.Now().Add(time.Minute); !cond(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			return errors.New(what + ": not after a minute")
		}
	}
	return nil
}

// promised is a polled task that waits for a promise, and the promise.
func promised(ctx context.Context) *future.Promise[int] {
	p, f := future.NewPromise[int]()
	task.SpawnFuture(ctx, f).Drop()
	return p
}

// forEach is a polled task that consumes a channel, and the sending end.
func forEach(ctx context.Context, capacity int, fn func(context.Context, int) error) *async.Sender[int] {
	tx, rx := open(capacity)
	task.SpawnFuture(ctx, async.ForEach(rx, fn)).Drop()
	return tx
}

const unbounded = -1

func open(capacity int) (*async.Sender[int], *async.Receiver[int]) {
	if capacity == unbounded {
		return async.Unbounded[int]()
	}
	return async.Bounded[int](capacity)
}
