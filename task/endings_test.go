package task_test

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/testkit/stall"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/task"
)

// bad spawns a task that panics, or calls Goexit, in one of several places.
func bad(ctx context.Context, place int, exit bool) *task.JoinHandle[int] {
	end := func() (int, error) {
		if exit {
			runtime.Goexit()
		}
		panic(place)
	}
	switch place {
	case 0:
		return task.Spawn(ctx, func(context.Context) (int, error) { return end() })
	case 1: // after it gave its worker away and took one back
		return task.Spawn(ctx, func(ctx context.Context) (int, error) {
			if err := task.YieldNow(ctx); err != nil {
				return 0, err
			}
			return end()
		})
	case 2:
		return task.SpawnFuture(ctx, future.PollFunc(func(*future.Context) (int, bool, error) {
			v, err := end()
			return v, true, err
		}))
	case 3: // in the second poll
		polled := false
		return task.SpawnFuture(ctx, future.PollFunc(func(cx *future.Context) (int, bool, error) {
			if polled {
				v, err := end()
				return v, true, err
			}
			polled = true
			cx.Waker().Wake()
			return 0, false, nil
		}))
	case 4:
		return task.SpawnBlocking(ctx, func(context.Context) (int, error) { return end() })
	default: // during a wait of its own
		return task.Spawn(ctx, func(ctx context.Context) (int, error) {
			return future.Await(ctx, future.PollFunc(func(*future.Context) (int, bool, error) {
				v, err := end()
				return v, true, err
			}))
		})
	}
}

const badPlaces = 6

func TestAHundredThousandPanicsAndGoexitsHangAndLeakNothing(t *testing.T) {
	n := testsize.Scaled(100_000)
	for _, workers := range []int{1, 4} {
		unheard := new(atomic.Int64)
		rt, err := task.New(task.WithWorkers(workers), task.WithPanicHandler(func(*task.PanicError) { unheard.Add(1) }))
		require.NoError(t, err)
		ctx := rt.Context(context.Background())
		// From inside of a task and with many at a time.
		limit, step := stall.Context(t)
		_, err = task.Go(ctx, func(ctx context.Context) error { return spawnBad(t, ctx, n/2, step) }).Await(limit)
		require.NoError(t, err)

		v, err := task.Spawn(ctx, func(context.Context) (int, error) { return 7, nil }).Await(limit)
		require.NoError(t, err)
		require.Equal(t, 7, v, "and the workers are still there")
		s := rt.Stats()
		require.Zero(t, s.Waiting)
		require.Zero(t, s.Ready)
		require.EqualValues(t, n/2, s.Panicked)
		require.NoError(t, rt.Shutdown(limit))
		require.EqualValues(t, n/2/10/2, unheard.Load(), "those that were dropped, and no other")
	}
}

// spawnBad runs n bad tasks, a thousand at a time, drops each tenth and checks what
// the others come to.
func spawnBad(t *testing.T, ctx context.Context, n int, step func()) error {
	type running struct {
		h    *task.JoinHandle[int]
		exit bool
		at   int
	}
	batch := make([]running, 0, 1000)
	for i := range n {
		r := running{exit: i/10%2 == 0, at: i % badPlaces}
		r.h = bad(ctx, r.at, r.exit)
		batch = append(batch, r)
		if len(batch) < cap(batch) && i < n-1 {
			continue
		}
		for j, r := range batch {
			if j%10 == 0 {
				<-r.h.Done() // Await would receive its panic
				r.h.Drop()
				continue
			}
			_, err := r.h.Await(ctx)
			if r.exit {
				assert.ErrorIs(t, err, task.ErrGoexit)
				continue
			}
			p, ok := errors.AsType[*task.PanicError](err)
			if !ok || p.Value != r.at || len(p.Stack) == 0 {
				t.Errorf("task %d came to %v", r.at, err)
			}
		}
		batch = batch[:0]
		step()
	}
	return nil
}
