package task_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/task"
)

type valueKey struct{}

// A context that only adds a value does not stand between a task and what it spawned.
func TestCancelReachesWhatWasSpawnedUnderAValueContext(t *testing.T) {
	wait := func(ctx context.Context) (int, error) {
		<-ctx.Done()
		return 0, ctx.Err()
	}
	spawns := map[string]func(context.Context) <-chan struct{}{
		"Spawn": func(ctx context.Context) <-chan struct{} { return task.Spawn(ctx, wait).Done() },
		"SpawnFuture": func(ctx context.Context) <-chan struct{} {
			return task.SpawnFuture(ctx, task.Spawn(ctx, wait).Future()).Done()
		},
		"SpawnBlocking": func(ctx context.Context) <-chan struct{} { return task.SpawnBlocking(ctx, wait).Done() },
		"Sleep": func(ctx context.Context) <-chan struct{} {
			return task.Go(ctx, func(ctx context.Context) error { return task.Sleep(ctx, time.Hour) }).Done()
		},
	}
	for name, spawn := range spawns {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rt, err := task.New(task.WithWorkers(2))
				require.NoError(t, err)
				base, stop := context.WithCancel(t.Context()) // a context that can end
				defer stop()
				child := make(chan (<-chan struct{}), 1)
				parent := task.Go(rt.Context(base), func(ctx context.Context) error {
					ctx = context.WithValue(context.WithValue(ctx, valueKey{}, 1), valueKey{}, 2)
					child <- spawn(ctx)
					return task.Sleep(ctx, time.Hour)
				})
				done := <-child
				time.Sleep(time.Second) // it has begun to wait, and so has heard of its contexts
				parent.Cancel()
				select {
				case <-done:
				case <-time.After(time.Minute):
					assert.Fail(t, "the child goes on")
				}
				require.NoError(t, rt.Shutdown(context.Background()))
			})
		})
	}
}
