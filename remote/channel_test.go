package remote

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatIsSentIsReceivedInOrder(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	tx, rx, err := Unbounded[int](ctx, c, "numbers")
	require.NoError(t, err)
	for i := range 10 {
		require.NoError(t, tx.Send(i).Await(ctx))
	}
	many := make([]int, 5000)
	for i := range many {
		many[i] = 10 + i
	}
	n, err := tx.SendMany(many).Await(ctx)
	require.NoError(t, err)
	assert.Equal(t, len(many), n)
	tx.Drop()
	for i := range 10 + len(many) {
		d, err := rx.Recv().Await(ctx)
		require.NoError(t, err)
		require.Equal(t, i, d.Value)
		require.NoError(t, d.Ack())
	}
	_, err = rx.Recv().Await(ctx)
	assert.ErrorIs(t, err, ErrClosed)
}
