package future_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
)

func TestABorrowedFutureOutlivesTheRoundsItLoses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p, stop := future.NewPromise[int]()
		defer stop.Drop()
		rounds := []struct {
			name string
			wait func() error
		}{
			{"a race", func() error {
				won, err := future.Await(ctx, future.RaceBiased(future.Borrow(stop), future.Ready(1)))
				assert.Equal(t, 1, won.Index)
				return err
			}},
			{"a timeout", func() error {
				_, err := future.Await(ctx, future.Timeout(time.Second, future.Borrow(stop)))
				assert.ErrorIs(t, err, future.ErrTimeout)
				return nil
			}},
			{"a context", func() error {
				ctx, cancel := context.WithTimeout(ctx, time.Second)
				defer cancel()
				_, err := future.Await(ctx, future.Borrow(stop))
				assert.ErrorIs(t, err, context.DeadlineExceeded)
				return nil
			}},
		}
		for _, r := range rounds {
			require.NoError(t, r.wait(), r.name)
			select {
			case <-p.Done():
				require.Fail(t, "the promise was notified of a Drop", r.name)
			default:
			}
		}
		require.True(t, p.Resolve(7))
		won, err := future.Await(ctx, future.RaceBiased(future.Borrow(stop), future.Ready(1)))
		require.NoError(t, err)
		assert.Equal(t, future.Indexed[int]{Index: 0, Value: 7}, won)
		_, err = future.Await(ctx, future.Borrow(stop))
		assert.ErrorIs(t, err, future.ErrConsumed)
	})
}

// The round that is over is not woken, and the next one starts with a poll, so that it
// does not miss what happened in between.
func TestWhatABorrowedFutureBecomesBetweenTwoRoundsIsSeenByTheNext(t *testing.T) {
	p := new(probe)
	first := future.Borrow[int](p)
	cx, woken := newCx()
	assertNotReady(t, of(first), cx)
	first.Drop()
	p.complete(7, nil)
	assert.Zero(t, woken.count())
	assert.Equal(t, 1, p.polled())

	v, ready, err := future.Borrow[int](p).Poll(cx)
	require.True(t, ready)
	require.NoError(t, err)
	assert.Equal(t, 7, v)
	p.assertEnded(t)
}

func TestABorrowedFutureIsNotDropped(t *testing.T) {
	p := new(probe)
	for range 3 {
		f := future.Borrow[int](p)
		cx, _ := newCx()
		assertNotReady(t, of(f), cx)
		f.Drop()
	}
	assert.Zero(t, p.drops)
	assert.False(t, p.misused)
}
