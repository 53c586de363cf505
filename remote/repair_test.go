package remote

import (
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestADeletedConsumerIsMadeAgain(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	tx, rx, err := Unbounded[int](ctx, c, "repair")
	require.NoError(t, err)
	got := make(chan error, 1)
	go func() {
		d, err := rx.Recv().Await(ctx)
		if err == nil {
			err = d.Ack()
		}
		got <- err
	}()
	require.Eventually(t, func() bool {
		rx.l.pull.mu.Lock()
		defer rx.l.pull.mu.Unlock()
		return rx.l.pull.asked > 0
	}, time.Minute, time.Millisecond)
	require.NoError(t, c.js.DeleteConsumer(ctx, rx.l.stream, consumerName))
	require.NoError(t, tx.Send(1).Await(ctx))
	require.NoError(t, <-got)
}

func TestADeadLetterThatIsGivenUpIsGone(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	_, err := DeadLetters(ctx, c, "none")
	require.ErrorIs(t, err, ErrDeleted)
	tx, rx, err := Unbounded[int](ctx, c, "twice")
	require.NoError(t, err)
	require.NoError(t, tx.Send(1).Await(ctx))
	d, err := rx.Recv().Await(ctx)
	require.NoError(t, err)
	require.NoError(t, d.Term("first"))
	require.ErrorIs(t, d.Nak(0), ErrSettled)
	dead, err := DeadLetters(ctx, c, "twice")
	require.NoError(t, err)
	l, err := dead.Recv().Await(ctx)
	require.NoError(t, err)
	assert.Equal(t, d.ID(), l.Value.ID)
	require.NoError(t, l.Term("second"))
	require.Eventually(t, func() bool {
		info, err := dead.l.inspect(ctx)
		return err == nil && info.State.Msgs == 0
	}, time.Minute, 10*time.Millisecond)
}

// A server that comes back with its data: connected clients go on without new
// handles, and wait until it is back.
func TestClientsGoOnWhenTheServerComesBack(t *testing.T) {
	ctx := within(t)
	dir := "embedded:" + t.TempDir()
	first, err := Open(ctx, dir, Listen("127.0.0.1:0"))
	require.NoError(t, err)
	_, port, err := net.SplitHostPort(first.srv.srv.Addr().String())
	require.NoError(t, err)
	worker, err := Open(ctx, first.URL())
	require.NoError(t, err)
	defer worker.Close()
	tx, rx, err := Unbounded[int](ctx, worker, "restart", AckWait(time.Second))
	require.NoError(t, err)
	for i := range 3 {
		require.NoError(t, tx.Send(i).Await(ctx))
	}
	d, err := rx.Recv().Await(ctx)
	require.NoError(t, err)
	require.NoError(t, first.Close())

	sent := make(chan error, 1)
	go func() { sent <- tx.Send(3).Await(ctx) }()
	require.NoError(t, d.Ack())
	second, err := Open(ctx, dir, Listen("127.0.0.1:"+port))
	require.NoError(t, err)
	defer second.Close()
	require.NoError(t, <-sent)
	seen := map[int]bool{d.Value: true}
	for len(seen) < 4 {
		d, err := rx.Recv().Await(ctx)
		require.NoError(t, err)
		require.False(t, seen[d.Value], "%v", d)
		seen[d.Value] = true
		require.NoError(t, d.Ack())
	}
	_, err = rx.TryRecv(ctx)
	require.ErrorIs(t, err, ErrEmpty)
}

func TestANakComesBackAfterItsDelayAndInProgressKeeps(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	tx, rx, err := Unbounded[int](ctx, c, "nak", AckWait(300*time.Millisecond))
	require.NoError(t, err)
	require.NoError(t, tx.Send(1).Await(ctx))
	d, err := rx.Recv().Await(ctx)
	require.NoError(t, err)
	for range 4 {
		time.Sleep(150 * time.Millisecond) // half of the ack wait
		require.NoError(t, d.InProgress())
	}
	_, err = rx.TryRecv(ctx)
	require.ErrorIs(t, err, ErrEmpty)
	start := time.Now()
	require.NoError(t, d.Nak(200*time.Millisecond))
	again, err := rx.Recv().Await(ctx)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, time.Since(start), 190*time.Millisecond)
	assert.Equal(t, 2, again.Deliveries())
	require.NoError(t, again.Ack())
}
