package remote

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

// ends are both ends of a channel on a server that others share.
type ends struct {
	c  *Conn
	tx *Sender[int]
	rx *Receiver[int]
}

// The rules of channels in memory that hold for remote ones too, over every kind.
func TestRules(t *testing.T) {
	kinds := []struct {
		name string
		open func(context.Context, *Conn, string) (*Sender[int], *Receiver[int], error)
	}{
		{"bounded", func(ctx context.Context, c *Conn, name string) (*Sender[int], *Receiver[int], error) {
			return Bounded[int](ctx, c, name, 8)
		}},
		{"unbounded", func(ctx context.Context, c *Conn, name string) (*Sender[int], *Receiver[int], error) {
			return Unbounded[int](ctx, c, name)
		}},
		{"transient", func(ctx context.Context, c *Conn, name string) (*Sender[int], *Receiver[int], error) {
			return Unbounded[int](ctx, c, name, Transient(), WithCodec(Gob))
		}},
	}
	rules := []struct {
		name string
		hold func(*testing.T, context.Context, ends)
	}{
		{"a failed send gives its value back", failedSendGivesValueBack},
		{"an operation after Drop says so", operationAfterDrop},
		{"a clone of a dropped handle is dropped", cloneOfDropped},
		{"a receive that is given up loses nothing", givenUpReceiveLosesNothing},
		{"a receive ends at its deadline", receiveEndsAtDeadline},
		{"data comes first, then the end", dataFirst},
		{"a wait ends when its handle is dropped", waitEndsWithDrop},
		{"a future is polled once", futureOnce},
		{"SendMany and RecvMany of nothing are nothing", nothing},
		{"futures compose", compose},
		{"an await releases its worker", awaitInTask},
	}
	c := embeddedConn(t)
	for _, k := range kinds {
		for _, r := range rules {
			t.Run(k.name+"/"+r.name, func(t *testing.T) {
				ctx := within(t)
				tx, rx, err := k.open(ctx, c, newID())
				require.NoError(t, err)
				defer tx.Drop()
				defer rx.Drop()
				r.hold(t, ctx, ends{c, tx, rx})
			})
		}
	}
}

func failedSendGivesValueBack(t *testing.T, ctx context.Context, e ends) {
	require.NoError(t, e.tx.Close(ctx))
	for _, err := range []error{e.tx.Send(7).Await(ctx), e.tx.TrySend(ctx, 7)} {
		require.ErrorIs(t, err, ErrClosed)
		var failed *SendError[int]
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, 7, failed.Value)
	}
	n, err := e.tx.SendMany([]int{1, 2}).Await(ctx)
	require.ErrorIs(t, err, ErrClosed)
	assert.Zero(t, n)
	assert.Equal(t, ErrClosed, e.tx.Cause())
}

func operationAfterDrop(t *testing.T, ctx context.Context, e ends) {
	e.tx.Drop()
	e.tx.Drop()
	e.rx.Drop()
	err := e.tx.Send(7).Await(ctx)
	require.ErrorIs(t, err, ErrDropped)
	var failed *SendError[int]
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, 7, failed.Value)
	_, err = e.tx.SendMany([]int{1}).Await(ctx)
	require.ErrorIs(t, err, ErrDropped)
	_, err = e.rx.Recv().Await(ctx)
	require.ErrorIs(t, err, ErrDropped)
	_, err = e.rx.TryRecv(ctx)
	require.ErrorIs(t, err, ErrDropped)
	_, err = e.rx.RecvMany(3).Await(ctx)
	require.ErrorIs(t, err, ErrDropped)
	require.ErrorIs(t, e.tx.Close(ctx), ErrDropped)
	require.ErrorIs(t, ForEach(ctx, e.rx, 1, func(context.Context, *Delivery[int]) error { return nil }), ErrDropped)
}

func cloneOfDropped(t *testing.T, ctx context.Context, e ends) {
	tx, rx := e.tx.Clone(), e.rx.Clone()
	e.tx.Drop()
	e.rx.Drop()
	require.ErrorIs(t, e.tx.Clone().Send(1).Await(ctx), ErrDropped)
	_, err := e.rx.Clone().Recv().Await(ctx)
	require.ErrorIs(t, err, ErrDropped)
	require.NoError(t, tx.Send(1).Await(ctx))
	d, err := rx.Recv().Await(ctx)
	require.NoError(t, err)
	require.NoError(t, d.Ack())
	tx.Drop()
	rx.Drop()
}

func givenUpReceiveLosesNothing(t *testing.T, ctx context.Context, e ends) {
	for range 5 {
		short, cancel := context.WithTimeout(ctx, 5*time.Millisecond)
		_, err := e.rx.Recv().Await(short)
		cancel()
		require.ErrorIs(t, err, context.DeadlineExceeded)
	}
	for i := range 5 {
		require.NoError(t, e.tx.Send(i).Await(ctx))
	}
	for i := range 5 {
		d, err := e.rx.Recv().Await(ctx)
		require.NoError(t, err)
		require.Equal(t, i, d.Value)
		require.NoError(t, d.Ack())
	}
}

func receiveEndsAtDeadline(t *testing.T, ctx context.Context, e ends) {
	start := time.Now()
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	_, err := e.rx.Recv().Await(short)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.GreaterOrEqual(t, time.Since(start), 50*time.Millisecond)
	over, cancel := context.WithCancel(ctx)
	cancel()
	_, err = e.rx.Recv().Await(over)
	require.ErrorIs(t, err, context.Canceled)
	err = e.tx.Send(7).Await(over)
	if err != nil { // the attempt is made, and its answer is not awaited
		require.ErrorIs(t, err, context.Canceled)
		var failed *SendError[int]
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, 7, failed.Value)
	}
}

func dataFirst(t *testing.T, ctx context.Context, e ends) {
	require.NoError(t, e.tx.Send(1).Await(ctx))
	require.NoError(t, e.tx.Close(ctx))
	d, err := e.rx.Recv().Await(ctx)
	require.NoError(t, err)
	require.NoError(t, d.Ack())
	for range 2 {
		_, err = e.rx.Recv().Await(ctx)
		require.ErrorIs(t, err, ErrClosed)
	}
	_, err = e.rx.TryRecv(ctx)
	require.ErrorIs(t, err, ErrClosed)
}

func waitEndsWithDrop(t *testing.T, ctx context.Context, e ends) {
	got := make(chan error, 1)
	go func() {
		_, err := e.rx.Recv().Await(ctx)
		got <- err
	}()
	require.Eventually(t, func() bool {
		p := e.rx.l.pull
		p.mu.Lock()
		defer p.mu.Unlock()
		return len(p.waiters) == 1
	}, time.Minute, time.Millisecond)
	e.rx.Drop()
	require.ErrorIs(t, <-got, ErrDropped)
}

func futureOnce(t *testing.T, ctx context.Context, e ends) {
	send := e.tx.Send(1)
	require.NoError(t, send.Await(ctx))
	require.ErrorIs(t, send.Await(ctx), future.ErrConsumed)
	recv := e.rx.Recv()
	d, err := recv.Await(ctx)
	require.NoError(t, err)
	require.NoError(t, d.Ack())
	_, err = recv.Await(ctx)
	require.ErrorIs(t, err, future.ErrConsumed)
	gone := e.rx.Recv()
	gone.Drop()
	_, err = gone.Await(ctx)
	require.ErrorIs(t, err, ErrDropped)
	never := e.tx.Send(2)
	never.Drop()
	require.ErrorIs(t, never.Await(ctx), ErrDropped)
}

func nothing(t *testing.T, ctx context.Context, e ends) {
	n, err := e.tx.SendMany(nil).Await(ctx)
	require.NoError(t, err)
	assert.Zero(t, n)
	ds, err := e.rx.RecvMany(0).Await(ctx)
	require.NoError(t, err)
	assert.Empty(t, ds)
}

func compose(t *testing.T, ctx context.Context, e ends) {
	both, err := future.Await(ctx, future.Join2[struct{}, *Delivery[int]](e.tx.Send(7), e.rx.Recv()))
	require.NoError(t, err)
	assert.Equal(t, 7, both.B.Value)
	require.NoError(t, both.B.Ack())
	_, err = future.Await(ctx, future.Timeout[*Delivery[int]](20*time.Millisecond, e.rx.Recv()))
	require.ErrorIs(t, err, future.ErrTimeout)
}

func awaitInTask(t *testing.T, ctx context.Context, e ends) {
	rt, err := task.New(task.WithWorkers(1), task.WithStallRelief(0))
	require.NoError(t, err)
	defer func() { require.NoError(t, rt.Shutdown(ctx)) }()
	ctx = rt.Context(ctx)
	sum := task.Spawn(ctx, func(ctx context.Context) (int, error) {
		all := 0
		for range 4 {
			d, err := e.rx.Recv().Await(ctx)
			if err != nil {
				return 0, err
			}
			all += d.Value
			if err := d.Ack(); err != nil {
				return 0, err
			}
		}
		return all, nil
	})
	feed := task.Go(ctx, func(ctx context.Context) error {
		for i := range 4 {
			if err := e.tx.Send(i).Await(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	_, err = feed.Await(ctx)
	require.NoError(t, err)
	got, err := sum.Await(ctx)
	require.NoError(t, err)
	assert.Equal(t, 6, got)
}
