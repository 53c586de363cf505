package async_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
)

type counted struct {
	n     *int
	moves int
}

func (v counted) Discarded() { *v.n++ }

func TestAConsumerMayBeDroppedByItsOwnFunction(t *testing.T) {
	for _, capacity := range []int{unbounded, 0, 2} {
		discarded := 0
		tx, rx := async.Unbounded[int]()
		ptx, out := open[counted](capacity)
		var pipe future.Future[struct{}]
		pipe = async.Pipe(rx.Clone(), ptx.Clone(), func(_ context.Context, v int) (counted, error) {
			pipe.Drop()
			return counted{&discarded, v}, nil
		})
		require.NoError(t, tx.TrySend(1))
		_, err := poll(t, pipe)
		require.ErrorIs(t, err, async.ErrDropped)
		assert.Equal(t, 1, discarded)
		assert.Zero(t, out.Len())
		if capacity > 0 {
			assert.Equal(t, capacity, ptx.Available())
		}
		assert.Equal(t, 1, ptx.SenderCount())
		assert.Equal(t, 1, rx.ReceiverCount())

		var each future.Future[struct{}]
		each = async.ForEach(rx.Clone(), func(context.Context, int) error {
			each.Drop()
			return nil
		})
		require.NoError(t, tx.TrySend(1))
		_, err = poll(t, each)
		require.ErrorIs(t, err, async.ErrDropped)
		assert.Equal(t, 1, rx.ReceiverCount())
	}
}

type angry struct{}

func (angry) Wake() { panic("boom") }

// pollAngrily leaves a receive queued whose waker panics.
func pollAngrily(t *testing.T, rx *async.Receiver[int]) {
	_, ready, err := rx.Recv().Poll(future.NewContext(t.Context(), angry{}))
	require.NoError(t, err)
	require.False(t, ready)
}

func TestAPanicOfAnotherWakerLeavesNothingOfAPipeOrASelect(t *testing.T) {
	tx, rx := async.Unbounded[int]()
	ptx, out := async.Bounded[int](1)
	require.NoError(t, ptx.TrySend(0))
	pipe := async.Pipe(rx.Clone(), ptx, same)
	assertPending(t, pipe)
	pollAngrily(t, rx)
	require.NoError(t, tx.TrySend(1))
	assert.PanicsWithValue(t, "boom", pipe.Drop)
	assert.True(t, out.IsClosed())
	assert.Equal(t, 1, rx.ReceiverCount())

	discarded := 0
	atx, arx := async.Unbounded[counted]()
	btx, brx := async.Unbounded[int]()
	s := async.SelectBiased(async.On(arx, func(counted, error) int { return 0 }), async.On(brx, func(int, error) int { return 1 }))
	round := s.Next()
	assertPending(t, round)
	pollAngrily(t, brx)
	require.NoError(t, atx.TrySend(counted{&discarded, 0}))
	require.NoError(t, btx.TrySend(1)) // the round is notified of it, and passes it on
	assert.PanicsWithValue(t, "boom", func() { _, _, _ = round.Poll(future.NewContext(t.Context(), deaf{})) })
	assert.Equal(t, 1, discarded)
	v, err := s.Next().Await(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, v)
}
