package task_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

func TestPolledTasksThatSleepToTheSameMomentMakeFewGoroutines(t *testing.T) {
	ctx := start(t)
	const n, d = 20_000, 300 * time.Millisecond
	base := runtime.NumGoroutine()
	deadline := time.Now().Add(d)
	var most, early atomic.Int64
	handles := make([]*task.JoinHandle[struct{}], n)
	for i := range handles {
		handles[i] = task.SpawnFuture(ctx, future.Map(future.After(time.Until(deadline)), func(now time.Time) struct{} {
			if now.Before(deadline) {
				early.Add(1)
			}
			if i%100 == 0 {
				most.Store(max(most.Load(), int64(runtime.NumGoroutine())))
			}
			return struct{}{}
		}))
	}
	wait := within(t)
	for _, h := range handles {
		_, err := h.Await(wait)
		require.NoError(t, err)
	}
	assert.Zero(t, early.Load())
	assert.LessOrEqual(t, int(most.Load()), base+100)
}

func TestASleepIsNeverEarlyAndEndsWithItsContext(t *testing.T) {
	ctx := start(t)
	sleeps := task.Go(ctx, func(ctx context.Context) error {
		for d := range 20 * time.Millisecond / time.Microsecond {
			if d%500 == 0 {
				before := time.Now()
				assert.NoError(t, task.Sleep(ctx, d*time.Microsecond))
				assert.GreaterOrEqual(t, time.Since(before), d*time.Microsecond)
			}
		}
		return nil
	})
	_, err := sleeps.Await(within(t))
	require.NoError(t, err)

	long := task.Go(ctx, func(ctx context.Context) error { return task.Sleep(ctx, time.Hour) })
	time.Sleep(time.Millisecond)
	long.Cancel()
	_, err = long.Await(within(t))
	require.ErrorIs(t, err, context.Canceled)
}
