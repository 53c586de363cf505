package task_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

// inAnHour ends with its error if fn does not return in an hour of the bubble's time.
func inAnHour(t *testing.T, rt *task.Runtime, fn func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); fn() }()
	select {
	case <-done:
	case <-time.After(time.Hour):
		panic(t.Name() + ": it does not end: " + rt.String()) // a bubble that is stuck cannot be left
	}
}

func slotRuntime(t *testing.T, opts ...task.Option) (*task.Runtime, context.Context) {
	t.Helper()
	rt, err := task.New(opts...)
	require.NoError(t, err)
	return rt, rt.Context(context.Background())
}

func TestAWaitUnderTheContextOfAnOuterTaskEndsWithItsDeadline(t *testing.T) {
	for _, relief := range []time.Duration{0, 20 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			rt, ctx := slotRuntime(t, task.WithWorkers(1), task.WithStallRelief(relief))
			inAnHour(t, rt, func() {
				_, err := task.BlockOn(ctx, func(outer context.Context) (int, error) {
					return task.BlockOn(outer, func(context.Context) (int, error) {
						short, cancel := context.WithTimeout(outer, time.Millisecond)
						defer cancel()
						return future.Await(short, future.Pending[int]())
					})
				})
				assert.ErrorIs(t, err, context.DeadlineExceeded)
				assert.NoError(t, rt.Shutdown(context.Background()))
			})
		})
	}
}

func TestAShutdownEndsAWaitUnderTheContextOfAnOuterTask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt, ctx := slotRuntime(t, task.WithWorkers(1), task.WithStallRelief(0))
		h := task.Spawn(ctx, func(outer context.Context) (int, error) {
			return task.BlockOn(outer, func(context.Context) (int, error) {
				return future.Await(outer, future.Pending[int]())
			})
		})
		synctest.Wait()
		inAnHour(t, rt, func() { assert.NoError(t, rt.Shutdown(context.Background())) })
		_, err := h.Await(context.Background())
		assert.ErrorIs(t, err, context.Canceled)
	})
}

// A helper goroutine waits under the context of its task and ends first. The task waits for
// longer, and its slot is free for another one.
func TestAHelperThatWaitedLeavesTheSlotOfItsTaskFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt, ctx := slotRuntime(t, task.WithWorkers(1), task.WithStallRelief(0))
		h := task.Go(ctx, func(ctx context.Context) error {
			go func() { _ = task.Sleep(ctx, time.Second) }()
			time.Sleep(time.Millisecond) // the helper waits before the task does
			return task.Sleep(ctx, time.Minute)
		})
		time.Sleep(10 * time.Second)
		start := time.Now()
		inAnHour(t, rt, func() {
			_, err := task.Go(ctx, func(context.Context) error { return nil }).Await(context.Background())
			assert.NoError(t, err)
		})
		assert.Zero(t, time.Since(start), "a task waited for a slot that no task used")
		_, err := h.Await(context.Background())
		assert.NoError(t, err)
		assert.NoError(t, rt.Shutdown(context.Background()))
	})
}

// While a helper waits, the task computes: its slot is not for another one.
func TestAHelperThatWaitsDoesNotReleaseTheSlotOfItsTask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt, ctx := slotRuntime(t, task.WithWorkers(1), task.WithStallRelief(0))
		h := task.Go(ctx, func(ctx context.Context) error {
			go func() { _ = task.Sleep(ctx, time.Minute) }()
			time.Sleep(time.Minute) // computes
			return nil
		})
		time.Sleep(time.Second)
		other := task.Go(ctx, func(context.Context) error { return nil })
		time.Sleep(time.Second)
		assert.False(t, other.IsFinished(), "two tasks had the only slot")
		_, err := h.Await(context.Background())
		assert.NoError(t, err)
		_, err = other.Await(context.Background())
		assert.NoError(t, err)
		assert.NoError(t, rt.Shutdown(context.Background()))
	})
}

func TestBlockingWorkReleasesItsPlaceWhileItAwaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt, ctx := slotRuntime(t, task.WithBlockingLimit(2))
		seven := func(context.Context) (int, error) { return 7, nil }
		var hs []*task.JoinHandle[int]
		for i := range 4 {
			hs = append(hs, task.SpawnBlocking(ctx, func(ctx context.Context) (int, error) {
				if i%2 == 0 {
					return task.SpawnBlocking(ctx, seven).Await(ctx)
				}
				return task.BlockOn(ctx, func(inner context.Context) (int, error) {
					return task.SpawnBlocking(inner, seven).Await(inner)
				})
			}))
		}
		inAnHour(t, rt, func() {
			for _, h := range hs {
				v, err := h.Await(context.Background())
				assert.NoError(t, err)
				assert.Equal(t, 7, v)
			}
			assert.NoError(t, rt.Shutdown(context.Background()))
		})
	})
}

// A tick of a quarter of the relief is armed while all slots are taken. A task that becomes
// ready later, while a slot is free, does not wait for it.
func TestAReadyTaskStartsWhileASlotIsFreeWhateverTheReliefIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const relief = time.Hour
		rt, ctx := slotRuntime(t, task.WithWorkers(2), task.WithStallRelief(relief))
		block := make(chan struct{})
		var hs []*task.JoinHandle[struct{}]
		for range 3 {
			hs = append(hs, task.Go(ctx, func(context.Context) error { <-block; return nil }))
		}
		time.Sleep(100 * time.Millisecond)
		close(block)
		for _, h := range hs {
			_, _ = h.Await(context.Background())
		}
		time.Sleep(20 * time.Millisecond) // the workers rest
		polling := make(chan struct{})
		long := task.SpawnFuture(ctx, future.PollFunc(func(*future.Context) (int, bool, error) {
			close(polling)
			time.Sleep(relief / 8)
			return 0, true, nil
		}))
		<-polling
		start := time.Now()
		_, err := task.Go(ctx, func(context.Context) error { return nil }).Await(context.Background())
		assert.NoError(t, err)
		assert.Less(t, time.Since(start), relief/100)
		_, _ = long.Await(context.Background())
		assert.NoError(t, rt.Shutdown(context.Background()))
	})
}
