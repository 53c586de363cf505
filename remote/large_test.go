package remote

import (
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A server that takes more than usual gets it, alone and in a batch.
func TestALargeMessageGoesThroughWhereTheServerTakesIt(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t, Server(func(o *server.Options) { o.MaxPayload = 16 << 20 }))
	tx, rx, err := Unbounded[[]byte](ctx, c, "larger", WithCodec(Raw))
	require.NoError(t, err)
	large := make([]byte, 9<<20)
	require.NoError(t, tx.Send(large).Await(ctx))
	n, err := tx.SendMany([][]byte{large, {1}, large}).Await(ctx)
	require.NoError(t, err)
	assert.Equal(t, 3, n)
	for _, want := range []int{9 << 20, 9 << 20, 1, 9 << 20} {
		d, err := rx.Recv().Await(ctx)
		require.NoError(t, err)
		assert.Len(t, d.Value, want)
		require.NoError(t, d.Ack())
	}
}

// They fill the window before the server would answer to so many.
func TestABatchOfLargeMessagesGoesThrough(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	tx, _, err := Unbounded[[]byte](ctx, c, "heavy", WithCodec(Raw))
	require.NoError(t, err)
	for _, size := range []int{100 << 10, 1000 << 10} {
		vs := make([][]byte, 12<<20/size)
		for i := range vs {
			vs[i] = make([]byte, 1+i*size/len(vs))
		}
		vs[len(vs)-1] = make([]byte, size)
		n, err := tx.SendMany(append(vs, vs...)).Await(ctx)
		require.NoError(t, err)
		assert.Equal(t, 2*len(vs), n)
	}
}
