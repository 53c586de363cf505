package remote

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A channel that was deleted and created again numbers its messages from 1:
// acknowledgements in the old channel must not hide messages of the new one.
func TestWhatWasAcknowledgedBeforeADeleteHidesNothing(t *testing.T) {
	ctx := within(t)
	a, b := twoConns(t)
	tx, rx, err := Unbounded[int](ctx, a, "again")
	require.NoError(t, err)
	require.NoError(t, tx.Send(1).Await(ctx))
	d, err := rx.Recv().Await(ctx)
	require.NoError(t, err)
	require.NoError(t, d.Confirm(ctx))
	require.NoError(t, tx.Send(2).Await(ctx))
	d, err = rx.Recv().Await(ctx)
	require.NoError(t, err)
	require.NoError(t, d.Ack())
	require.NoError(t, Delete(ctx, b, "again"))
	tx2, rx2, err := Unbounded[int](ctx, b, "again")
	require.NoError(t, err)
	for i := range 2 {
		require.NoError(t, tx2.Send(10+i).Await(ctx))
		d, err = rx2.Recv().Await(ctx)
		require.NoError(t, err)
		require.NoError(t, d.Nak(0))
		d, err = rx.Recv().Await(ctx) // has not noticed
		require.NoError(t, err)
		assert.Equal(t, 10+i, d.Value)
		assert.Equal(t, 2, d.Deliveries())
		require.NoError(t, d.Confirm(ctx))
	}
}

// What is acknowledged late is looked after like the rest.
func TestAnAckAfterDropIsConfirmedToo(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	tx, rx, err := Unbounded[int](ctx, c, "late")
	require.NoError(t, err)
	_, err = tx.SendMany([]int{1, 2}).Await(ctx)
	require.NoError(t, err)
	d1, err := rx.Recv().Await(ctx)
	require.NoError(t, err)
	d2, err := rx.Recv().Await(ctx)
	require.NoError(t, err)
	tx.Drop()
	rx.Drop()
	require.NoError(t, d1.Ack())
	require.NoError(t, d2.Ack())
	assert.Equal(t, 2, c.acks.pending())
	require.Eventually(t, func() bool {
		c.acks.mu.Lock()
		defer c.acks.mu.Unlock()
		return len(c.acks.all) == 0
	}, time.Minute, time.Millisecond, "and then nothing of the channel is kept")
}
