package remote

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// two connections to one server, as two processes have them.
func twoConns(t *testing.T) (a, b *Conn) {
	t.Helper()
	a = embeddedConn(t, Listen("127.0.0.1:0"), Name("a"))
	b, err := Open(within(t), a.URL(), Name("b"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	return a, b
}

func TestReceiversEndWhenTheLastSenderIsGoneAndNothingIsLeft(t *testing.T) {
	ctx := within(t)
	a, b := twoConns(t)
	tx, unused, err := Unbounded[int](ctx, a, "jobs")
	require.NoError(t, err)
	unused.Drop()
	untx, rx, err := Unbounded[int](ctx, b, "jobs")
	require.NoError(t, err)
	untx.Drop() // it has sent nothing, so it ends nothing
	second := tx.Clone()
	require.NoError(t, tx.Send(1).Await(ctx))
	require.NoError(t, second.Send(2).Await(ctx))
	tx.Drop()
	d1, err := rx.Recv().Await(ctx)
	require.NoError(t, err)
	require.NoError(t, d1.Ack())
	d2, err := rx.Recv().Await(ctx)
	require.NoError(t, err)
	short, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	defer cancel()
	_, err = rx.Recv().Await(short)
	require.ErrorIs(t, err, context.DeadlineExceeded, "a sender is left")
	second.Drop()
	_, err = rx.Recv().Await(ctx)
	require.ErrorIs(t, err, ErrClosed, "nothing is left but what the receiver holds itself")
	require.NoError(t, d2.Ack(), "a delivery in hand may still be acknowledged")
}

func TestAReceiverThatComesFirstWaitsForSenders(t *testing.T) {
	ctx := within(t)
	a, b := twoConns(t)
	_, rx, err := Unbounded[int](ctx, a, "early")
	require.NoError(t, err)
	got := make(chan error, 1)
	go func() {
		d, err := rx.Recv().Await(ctx)
		if err == nil {
			err = d.Ack()
		}
		got <- err
	}()
	time.Sleep(3 * tick) // several looks whether it waits in vain
	tx, _, err := Unbounded[int](ctx, b, "early")
	require.NoError(t, err)
	require.NoError(t, tx.Send(1).Await(ctx))
	require.NoError(t, <-got)
}

func TestAProcessThatDiesLosesItsLeases(t *testing.T) {
	ctx := within(t)
	const ttl = 4 * time.Second // a busy machine may stop a process that is alive for a second
	a, b := twoConns(t)
	tx, _, err := Unbounded[int](ctx, a, "crash", LeaseTTL(ttl))
	require.NoError(t, err)
	_, rx, err := Unbounded[int](ctx, b, "crash", LeaseTTL(ttl))
	require.NoError(t, err)
	require.NoError(t, tx.Send(1).Await(ctx))
	d, err := rx.Recv().Await(ctx)
	require.NoError(t, err)
	require.NoError(t, d.Ack())
	short, cancel := context.WithTimeout(ctx, ttl+ttl/2)
	defer cancel()
	_, err = rx.Recv().Await(short)
	require.ErrorIs(t, err, context.DeadlineExceeded, "a lease that is renewed does not expire")
	tx.l.mute.Store(true)
	_, err = rx.Recv().Await(ctx)
	require.ErrorIs(t, err, ErrClosed)
}

// The bucket keeps the latest entry of each key, so a watch that is late is never notified of a
// lease that was put and removed before. Here the whole life of the receiver comes before the
// watch of the sender.
func TestALeaseThatIsRemovedBeforeTheWatchSeesItWasThere(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	tx, rx, err := Unbounded[int](ctx, c, "brief", Transient())
	require.NoError(t, err)
	defer tx.Drop()
	defer rx.Drop()
	for _, test := range []struct {
		name   string
		joined bool // before the lease was put
	}{{"before the link joined", false}, {"after the link joined", true}} {
		mine, err := openLeases(ctx, tx.l)
		require.NoError(t, err)
		other := "brief.r." + newID()
		_, err = mine.kv.PutString(ctx, other, "another process")
		require.NoError(t, err)
		require.NoError(t, mine.kv.Delete(ctx, other))
		if !test.joined {
			mine, err = openLeases(ctx, tx.l)
			require.NoError(t, err)
		}
		watch, err := mine.kv.Watch(ctx, other)
		require.NoError(t, err)
		e := <-watch.Updates()
		require.NotNil(t, e)
		require.Equal(t, jetstream.KeyValueDelete, e.Operation(), "the entry that put it is not there any more")
		mine.note(e)
		assert.Equal(t, test.joined, mine.maybeLeft(asReceiver, false), test.name)
		require.NoError(t, watch.Stop())
	}
}

func TestSendersOfATransientChannelEndWithTheLastReceiver(t *testing.T) {
	ctx := within(t)
	a, b := twoConns(t)
	tx, own, err := Unbounded[int](ctx, a, "live", Transient())
	require.NoError(t, err)
	own.Drop() // unused
	_, rx, err := Unbounded[int](ctx, b, "live", Transient())
	require.NoError(t, err)
	require.NoError(t, tx.Send(1).Await(ctx), "no receiver was there yet, so none has disconnected")
	d, err := rx.Recv().Await(ctx)
	require.NoError(t, err)
	require.NoError(t, d.Ack())
	rx.Drop()
	select {
	case <-tx.Done():
	case <-ctx.Done():
		require.Fail(t, "Done was not closed")
	}
	err = tx.Send(2).Await(ctx)
	require.ErrorIs(t, err, ErrClosed)
	var failed *SendError[int]
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, 2, failed.Value)
	assert.NoError(t, tx.Cause(), "the channel itself is open")
}

func TestADurableChannelKeepsStoringWithoutReceivers(t *testing.T) {
	ctx := within(t)
	a, b := twoConns(t)
	tx, _, err := Unbounded[int](ctx, a, "store")
	require.NoError(t, err)
	_, rx, err := Unbounded[int](ctx, b, "store")
	require.NoError(t, err)
	_, err = rx.TryRecv(ctx)
	require.ErrorIs(t, err, ErrEmpty)
	rx.Drop()
	time.Sleep(3 * tick)
	require.NoError(t, tx.Send(1).Await(ctx))
	select {
	case <-tx.Done():
		require.Fail(t, "Done was closed")
	default:
	}
}

func TestMessagesOfAReceiverThatDiesGoToAnother(t *testing.T) {
	ctx := within(t)
	a, b := twoConns(t)
	tx, rx, err := Unbounded[int](ctx, a, "work", AckWait(2*time.Second))
	require.NoError(t, err)
	const all = 100
	n, err := tx.SendMany(make([]int, all)).Await(ctx)
	require.NoError(t, err)
	require.Equal(t, all, n)
	_, dying, err := Unbounded[int](ctx, b, "work", AckWait(2*time.Second))
	require.NoError(t, err)
	for held := 0; held < all; {
		ds, err := dying.RecvMany(all).Await(ctx)
		require.NoError(t, err)
		held += len(ds)
	}
	b.nc.Close() // as if the process were killed: no lease is given up
	tx.Drop()
	seen := map[uint64]bool{}
	for {
		d, err := rx.Recv().Await(ctx)
		if err != nil {
			require.ErrorIs(t, err, ErrClosed)
			break
		}
		require.False(t, seen[d.Sequence()])
		seen[d.Sequence()] = true
		assert.Greater(t, d.Deliveries(), 1)
		require.NoError(t, d.Ack())
	}
	assert.Len(t, seen, all)
}
