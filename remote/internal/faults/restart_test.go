package faults_test

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/remote"
	"github.com/handoff-go/handoff/remote/internal/harness"
)

// The only server is restarted under a durable channel, with its data. No call on
// the channel fails, and neither side takes the other for ended.
func TestARestartOfTheOnlyServerIsNoEnd(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	port, dir := harness.Ports(t, 1)[0], t.TempDir()
	here := func(o *server.Options) { o.Port, o.StoreDir = port, dir }
	s := harness.Server(t, here)
	opts := []remote.Option{remote.AckWait(2 * time.Second), remote.LeaseTTL(time.Second)}
	tx, unused, err := remote.Unbounded[Entry](ctx, connect(t, ctx, s.ClientURL()), "work", opts...)
	require.NoError(t, err)
	unused.Drop()
	unusedTx, rx, err := remote.Unbounded[Entry](ctx, connect(t, ctx, s.ClientURL()), "work", opts...)
	require.NoError(t, err)
	unusedTx.Drop()
	book := newLedger()
	take := func() {
		d, err := rx.Recv().Await(ctx)
		require.NoError(t, err)
		book.delivered(d.Value, d.Sequence())
		require.NoError(t, d.Confirm(ctx))
		book.confirmed(d.Value)
	}
	require.NoError(t, tx.Send(Entry{0, 0}).Await(ctx))
	take()
	for i := range 2 {
		waits, stop := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() { // a receive waits all the time, and longer than the lease
			_, err := rx.Recv().Await(waits)
			ended <- err
		}()
		harness.Stop(s)
		s = harness.Server(t, here)
		time.Sleep(2500 * time.Millisecond) // the clock is the server's
		stop()
		require.ErrorIs(t, <-ended, context.Canceled, "the sender is alive")
		require.NoError(t, tx.Send(Entry{0, 1 + 2*i}).Await(ctx))
		_, err := tx.SendMany([]Entry{{0, 2 + 2*i}}).Await(ctx)
		require.NoError(t, err)
		take()
		take()
	}
	book.check(t, 5)
	tx.Drop()
	_, err = rx.Recv().Await(ctx)
	require.ErrorIs(t, err, remote.ErrClosed, "leases work as before")
}
