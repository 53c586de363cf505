package task_test

import (
	"math/rand/v2"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/task"
)

// timers is how many wait at a time in a test at full length.
func timers() int {
	switch {
	case testsize.Race: // a bubble costs several times as much there
		return 30_000
	case !testsize.Long():
		return 100_000
	}
	return 1_000_000
}

func TestAMillionTimersNeedNoGoroutinesAndAreNotEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := start(t)
		idle := runtime.NumGoroutine()
		begin := time.Now()
		handles := make([]*task.JoinHandle[time.Duration], timers())
		for i := range handles {
			handles[i] = task.SpawnFuture(ctx, future.Map(future.After(wait(i)), func(at time.Time) time.Duration {
				return at.Sub(begin)
			}))
		}
		synctest.Wait()
		waiting := runtime.NumGoroutine()
		require.Less(t, waiting, idle+100, "while they all wait")
		for i, h := range handles {
			slept, err := h.Await(ctx)
			require.NoError(t, err)
			require.Equal(t, wait(i), slept, "by a clock that does not advance while a goroutine runs")
		}
	})
}

// wait is how long timer i waits: one of a thousand times, so that many ring together.
func wait(i int) time.Duration { return time.Duration(1+i*7919%1000) * time.Millisecond }

func TestTimersOfTheRealClockAreNotEarly(t *testing.T) {
	ctx := start(t)
	rng := rand.New(rand.NewPCG(1, 2))
	var set task.JoinSet[time.Duration]
	n := timers() / 50
	for range n {
		d := time.Duration(rng.Int64N(int64(50 * time.Millisecond)))
		begin := time.Now()
		set.Add(task.SpawnFuture(ctx, future.Map(future.After(d), func(time.Time) time.Duration {
			return time.Since(begin) - d
		})))
	}
	for range n {
		late, ok, err := set.Next(within(t))
		require.NoError(t, err)
		require.True(t, ok)
		require.GreaterOrEqual(t, late, time.Duration(0))
	}
}
