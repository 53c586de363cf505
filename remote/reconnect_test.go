package remote

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCutConnectionsLoseNothingAndDoubleNothing(t *testing.T) {
	ctx := within(t)
	server := embeddedConn(t, Listen("127.0.0.1:0"))
	a, err := Open(ctx, server.URL())
	require.NoError(t, err)
	defer a.Close()
	b, err := Open(ctx, server.URL())
	require.NoError(t, err)
	defer b.Close()
	// What the server has sent into a connection that breaks comes after the ack wait, and
	// counts as delivered.
	tx, _, err := Bounded[int](ctx, a, "cut", 1000, AckWait(time.Second), MaxDeliveries(1000), LeaseTTL(time.Second))
	require.NoError(t, err)
	_, rx, err := Bounded[int](ctx, b, "cut", 1000, AckWait(time.Second), MaxDeliveries(1000), LeaseTTL(time.Second))
	require.NoError(t, err)

	const rounds, each = 20, 100
	stop := make(chan struct{})
	var work sync.WaitGroup
	work.Go(func() {
		for range 10 {
			select {
			case <-stop:
				return
			case <-time.After(40 * time.Millisecond):
			}
			_ = a.nc.ForceReconnect()
			_ = b.nc.ForceReconnect()
		}
	})
	work.Go(func() {
		defer tx.Drop()
		for r := range rounds {
			vs := make([]int, each)
			for i := range vs {
				vs[i] = r*(each+1) + i
			}
			n, err := tx.SendMany(vs).Await(ctx)
			assert.NoError(t, err)
			assert.Equal(t, each, n)
			assert.NoError(t, tx.Send(r*(each+1)+each).Await(ctx))
		}
	})
	seen := map[int]bool{}
	for {
		d, err := rx.Recv().Await(ctx)
		if err != nil {
			require.ErrorIs(t, err, ErrClosed)
			break
		}
		assert.False(t, seen[d.Value], "%v", d)
		seen[d.Value] = true
		assert.EqualValues(t, d.Value+1, d.Sequence(), "stored once and in order")
		require.NoError(t, d.Ack())
	}
	close(stop)
	work.Wait()
	assert.Equal(t, rounds*(each+1), len(seen))
	assert.Zero(t, rx.l.dead.Load())
}

func TestABatchThatIsSentAgainIsStoredOnce(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	tx, _, err := Unbounded[int](ctx, c, "again")
	require.NoError(t, err)
	require.NoError(t, tx.Send(0).Await(ctx))
	j := &job{}
	var items []item
	for n := range 300 {
		m, err := tx.encode(tx.nextID(), n)
		require.NoError(t, err)
		j.msgs = append(j.msgs, m)
	}
	for n := range j.msgs {
		items = append(items, item{j, n})
	}
	require.True(t, tx.l.fast)
	for _, part := range [][]item{items[:100], items, items[150:], items[299:], items} {
		n, err := tx.l.out.batches.publish(part)
		require.Equal(t, len(part), n, err)
	}
	info, err := tx.l.inspect(ctx)
	require.NoError(t, err)
	assert.EqualValues(t, 301, info.State.Msgs)
}

func TestASendThatCannotKnowSaysSo(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t, Listen("127.0.0.1:0"))
	b, err := Open(ctx, c.URL())
	require.NoError(t, err)
	defer b.Close()
	tx, _, err := Unbounded[int](ctx, b, "unsure")
	require.NoError(t, err)
	require.NoError(t, tx.Send(1).Await(ctx))
	f := tx.Send(2)
	over, cancel := context.WithCancel(ctx)
	cancel()
	err = f.Await(over)
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, tx.SendID(f.ID(), 2).Await(ctx), "the same id stores it exactly once")
	info, err := tx.l.inspect(ctx)
	require.NoError(t, err)
	assert.EqualValues(t, 2, info.State.Msgs)
}

func TestCloseOfAConnectionFailsWhatWaits(t *testing.T) {
	ctx := within(t)
	c, err := Open(ctx, "")
	require.NoError(t, err)
	tx, rx, err := Bounded[int](ctx, c, "wait", 1)
	require.NoError(t, err)
	require.NoError(t, tx.Send(1).Await(ctx))
	d, err := rx.Recv().Await(ctx)
	require.NoError(t, err)
	errs := make(chan error, 2)
	go func() { errs <- tx.Send(2).Await(ctx) }()
	go func() { _, err := rx.Recv().Await(ctx); errs <- err }()
	require.Eventually(t, func() bool {
		tx.l.out.mu.Lock()
		defer tx.l.out.mu.Unlock()
		rx.l.pull.mu.Lock()
		defer rx.l.pull.mu.Unlock()
		return tx.l.out.full && len(rx.l.pull.waiters) == 1
	}, time.Minute, time.Millisecond)
	dir := c.srv.dir
	require.NoError(t, c.Close())
	for range 2 {
		require.ErrorIs(t, <-errs, ErrDropped)
	}
	require.ErrorIs(t, d.Ack(), ErrConn)
	require.ErrorIs(t, tx.Send(3).Await(ctx), ErrConn)
	<-tx.Done()
	assert.NoDirExists(t, dir, "it was temporary")
}
