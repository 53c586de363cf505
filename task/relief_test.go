package task_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/task"
)

func TestReliefLendsAsManyWorkersAsThereAreIfThatIsWhatItTakes(t *testing.T) {
	for stuck := 1; stuck <= 7; stuck++ {
		rt, err := task.New(task.WithWorkers(4), task.WithStallRelief(2*time.Millisecond))
		require.NoError(t, err)
		ctx := rt.Context(context.Background())
		var mu sync.Mutex
		mu.Lock()
		for range stuck {
			task.Go(ctx, func(context.Context) error { mu.Lock(); defer mu.Unlock(); return nil })
		}
		last := task.Go(ctx, func(context.Context) error { mu.Unlock(); return nil })
		ends(t, last.Done())
		s := rt.Stats()
		require.GreaterOrEqual(t, int(s.Relieved), stuck-3)
		require.NoError(t, rt.Shutdown(within(t)))
		s = rt.Stats()
		require.Zero(t, s.Lent)
		require.Zero(t, s.Running)
	}
}

func TestWhatCannotBeRelievedLeavesNoTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt, err := task.New(task.WithWorkers(2))
		require.NoError(t, err)
		ctx := rt.Context(context.Background())
		stuck := make(chan struct{})
		var all []*task.JoinHandle[struct{}]
		for range 5 {
			all = append(all, task.Go(ctx, func(context.Context) error { <-stuck; return nil }))
		}
		time.Sleep(time.Hour)
		s := rt.Stats()
		require.Equal(t, 4, s.Running, "two workers and two lent")
		require.Equal(t, 2, s.Lent)
		require.EqualValues(t, 2, s.Relieved)
		require.Equal(t, 1, s.Ready)
		close(stuck)
		for _, h := range all {
			ends(t, h.Done())
		}
		synctest.Wait()
		s = rt.Stats()
		require.Zero(t, s.Lent)
		require.Zero(t, s.Running)
		require.NoError(t, rt.Shutdown(ctx))
	})
}

func TestTasksThatGoOnAreNotRelieved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt, err := task.New(task.WithWorkers(1))
		require.NoError(t, err)
		ctx := rt.Context(context.Background())
		now, most := 0, 0
		var all []*task.JoinHandle[struct{}]
		for range 4 {
			all = append(all, task.Go(ctx, func(ctx context.Context) error {
				for range 100 {
					now++
					most = max(most, now)
					time.Sleep(time.Millisecond) // computes: it keeps its worker
					now--
					_ = task.YieldNow(ctx)
				}
				return nil
			}))
		}
		for _, h := range all {
			ends(t, h.Done())
		}
		require.Equal(t, 1, most)
		require.Zero(t, rt.Stats().Relieved)
		require.NoError(t, rt.Shutdown(ctx))
	})
}
