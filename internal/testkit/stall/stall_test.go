package stall

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestAWatchCountsTicksWithoutAStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var steps atomic.Uint64
		ticks, over := make(chan time.Time), make(chan struct{})
		stalled := false
		go watch(&steps, ticks, over, func() { stalled = true })
		idle := func(n int) {
			for range n {
				ticks <- time.Time{}
			}
			synctest.Wait()
		}
		for range 100 { // however long it takes
			idle(patience - 1)
			steps.Add(1)
			idle(1)
			require.False(t, stalled, "a test that makes progress has not stalled")
		}
		time.Sleep(time.Hour) // without a tick
		synctest.Wait()
		require.False(t, stalled, "a process that did not run has not stalled")
		idle(patience - 1)
		require.False(t, stalled)
		idle(1)
		require.True(t, stalled)
	})
}

func TestAContextEndsWhenItsTestMakesNoProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, step := Context(t)
		for range 100 {
			time.Sleep(tick * patience / 2)
			step()
		}
		require.NoError(t, ctx.Err())
		began := time.Now()
		<-ctx.Done()
		assert.ErrorIs(t, context.Cause(ctx), ErrStalled)
		assert.LessOrEqual(t, time.Since(began), 2*tick*patience)
	})
}

func TestAWatchEndsWithItsTest(t *testing.T) {
	t.Run("watched", func(t *testing.T) { Watch(t)() })
	goleak.VerifyNone(t)
}
