package async_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/sync/mpsc"
)

func TestZeroHandlesBehaveLikeDroppedOnes(t *testing.T) {
	var tx async.Sender[int]
	var rx async.Receiver[int]
	assertRefused(t, 1, async.ErrDropped, tx.Send(1).Await(t.Context()))
	assertRefused(t, 1, async.ErrDropped, tx.SendBlocking(1))
	assertRefused(t, 1, async.ErrDropped, tx.TrySend(1))
	_, _, err := tx.ForceSend(1)
	assertRefused(t, 1, async.ErrDropped, err)
	_, err = tx.SendMany([]int{1}).Await(t.Context())
	require.ErrorIs(t, err, async.ErrDropped)
	_, err = poll(t, tx.SendMany([]int{1}))
	require.ErrorIs(t, err, async.ErrDropped)
	_, err = poll(t, tx.Send(1))
	require.ErrorIs(t, err, async.ErrDropped)
	_, err = tx.Reserve().Await(t.Context())
	require.ErrorIs(t, err, async.ErrDropped)
	_, err = rx.Recv().Await(t.Context())
	require.ErrorIs(t, err, async.ErrDropped)
	_, err = poll(t, rx.Recv())
	require.ErrorIs(t, err, async.ErrDropped)
	_, err = rx.RecvMany(make([]int, 1)).Await(t.Context())
	require.ErrorIs(t, err, async.ErrDropped)
	_, err = rx.TryRecv()
	require.ErrorIs(t, err, async.ErrDropped)
	_, err = poll(t, tx.Closed())
	require.NoError(t, err)
	_, err = poll(t, async.ForEach(&rx, func(context.Context, int) error { return nil }))
	require.ErrorIs(t, err, async.ErrDropped)
	_, err = poll(t, async.Pipe(&rx, &tx, func(_ context.Context, v int) (int, error) { return v, nil }))
	require.ErrorIs(t, err, async.ErrDropped)
	<-rx.Ready()
	<-tx.Done()
	require.True(t, tx.IsClosed())
	require.Zero(t, tx.Len()+tx.Available()+tx.SenderCount())
	require.False(t, tx.Close())
	require.ErrorIs(t, rx.Cause(), async.ErrClosed)
	tx.Drop()
	rx.Drop()
	tx.Clone().Drop()
	rx.Clone().Drop()
	require.Equal(t, "async.Sender(zero value)", tx.String())
}

func TestHandlesPrintTheirChannel(t *testing.T) {
	tx, rx := async.Bounded[int](3)
	fill(t, tx)
	assert.Equal(t, "async.Sender(buffered 3, capacity 3, senders 1, receivers 1)", tx.String())
	rx.Clone()
	tx.Close()
	assert.Equal(t, "async.Receiver(buffered 3, capacity 3, senders 1, receivers 2, closed)", rx.String())
	tx.Drop()
	assert.Contains(t, tx.String(), "dropped")
	free, _ := async.Unbounded[struct{ _ func() }]() // no constraint on T
	assert.Equal(t, "async.WeakSender(buffered 0, unbounded, senders 1, receivers 1)", free.Downgrade().String())
}

func TestOneErrorsIsServesBothFaces(t *testing.T) {
	assert.Equal(t, mpsc.ErrDisconnected, async.ErrClosed)
	assert.Equal(t, mpsc.ErrFull, async.ErrFull)
	tx, rx := async.Bounded[int](0)
	rx.Drop()
	_, ok := errors.AsType[*mpsc.SendError[int]](tx.TrySend(1))
	assert.True(t, ok)
}

func TestANegativeCapacityPanics(t *testing.T) {
	assert.Panics(t, func() { async.Bounded[int](-1) })
}
