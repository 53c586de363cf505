package async_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
)

// endedContexts are contexts that have ended before the call, and why.
func endedContexts(t *testing.T, parent context.Context) map[error]context.Context {
	t.Helper()
	cancelled, cancel := context.WithCancel(parent)
	cancel()
	late, stop := context.WithDeadline(parent, time.Now().Add(-time.Second))
	t.Cleanup(stop)
	return map[error]context.Context{context.Canceled: cancelled, context.DeadlineExceeded: late}
}

// waitingCall is a call that waits. Each gets a channel of its own; what it owns, it is
// given a clone of.
type waitingCall struct {
	name     string
	capacity int
	call     func(ctx context.Context, tx *async.Sender[int], rx *async.Receiver[int]) error
	// ready makes it possible without a wait, stuck impossible; nil is what a new channel is.
	ready, stuck func(t *testing.T, tx *async.Sender[int], rx *async.Receiver[int])
}

var (
	isFull    = func(t *testing.T, tx *async.Sender[int], _ *async.Receiver[int]) { fill(t, tx) }
	hasOne    = func(t *testing.T, tx *async.Sender[int], _ *async.Receiver[int]) { require.NoError(t, tx.TrySend(1)) }
	isClosed  = func(_ *testing.T, tx *async.Sender[int], _ *async.Receiver[int]) { tx.Close() }
	isOffered = func(t *testing.T, tx *async.Sender[int], _ *async.Receiver[int]) { assertPending(t, tx.Send(1)) }
	isParked  = func(_ *testing.T, _ *async.Sender[int], rx *async.Receiver[int]) {
		go rx.RecvBlocking()
		synctest.Wait()
	}
)

var waitingCalls = []waitingCall{
	{"Send", 1, func(ctx context.Context, tx *async.Sender[int], _ *async.Receiver[int]) error {
		return tx.Send(1).Await(ctx)
	}, nil, isFull},
	{"Send, capacity 0", 0, func(ctx context.Context, tx *async.Sender[int], _ *async.Receiver[int]) error {
		return tx.Send(1).Await(ctx)
	}, isParked, nil},
	{"Send that was polled", 1, func(ctx context.Context, tx *async.Sender[int], rx *async.Receiver[int]) error {
		f := tx.Send(1)
		cx, _ := newCx()
		if _, ready, err := f.Poll(cx); ready {
			return err
		}
		return f.Await(ctx)
	}, nil, isFull},
	{"SendMany", 1, func(ctx context.Context, tx *async.Sender[int], _ *async.Receiver[int]) error {
		_, err := tx.SendMany([]int{1}).Await(ctx)
		return err
	}, nil, isFull},
	{"SendMany, capacity 0", 0, func(ctx context.Context, tx *async.Sender[int], _ *async.Receiver[int]) error {
		_, err := tx.SendMany([]int{1}).Await(ctx)
		return err
	}, isParked, nil},
	{"Reserve", 1, func(ctx context.Context, tx *async.Sender[int], _ *async.Receiver[int]) error {
		p, err := tx.Reserve().Await(ctx)
		if err == nil {
			p.Drop()
		}
		return err
	}, nil, isFull},
	{"ReserveMany", 2, func(ctx context.Context, tx *async.Sender[int], _ *async.Receiver[int]) error {
		p, err := tx.ReserveMany(2).Await(ctx)
		if err == nil {
			p.Drop()
		}
		return err
	}, nil, hasOne},
	{"Recv", 1, func(ctx context.Context, _ *async.Sender[int], rx *async.Receiver[int]) error {
		_, err := rx.Recv().Await(ctx)
		return err
	}, hasOne, nil},
	{"Recv, capacity 0", 0, func(ctx context.Context, _ *async.Sender[int], rx *async.Receiver[int]) error {
		_, err := rx.Recv().Await(ctx)
		return err
	}, isOffered, nil},
	{"Recv that was polled", 1, func(ctx context.Context, _ *async.Sender[int], rx *async.Receiver[int]) error {
		f := rx.Recv()
		cx, _ := newCx()
		if _, ready, err := f.Poll(cx); ready {
			return err
		}
		_, err := f.Await(ctx)
		return err
	}, hasOne, nil},
	{"RecvMany", 1, func(ctx context.Context, _ *async.Sender[int], rx *async.Receiver[int]) error {
		_, err := rx.RecvMany(make([]int, 2)).Await(ctx)
		return err
	}, hasOne, nil},
	{"All", 1, func(ctx context.Context, _ *async.Sender[int], rx *async.Receiver[int]) error {
		for range rx.All(ctx) {
			return nil
		}
		return ctx.Err() // a loop says nothing
	}, hasOne, nil},
	{"Next", 1, func(ctx context.Context, _ *async.Sender[int], rx *async.Receiver[int]) error {
		_, err := async.Select(async.On(rx, func(v int, _ error) int { return v })).Next().Await(ctx)
		return err
	}, hasOne, nil},
	{"Closed", 1, func(ctx context.Context, tx *async.Sender[int], _ *async.Receiver[int]) error {
		_, err := future.Await(ctx, tx.Closed())
		return err
	}, isClosed, nil},
	{"ForEach", 1, func(ctx context.Context, _ *async.Sender[int], rx *async.Receiver[int]) error {
		_, err := future.Await(ctx, async.ForEach(rx.Clone(), func(context.Context, int) error { return nil }))
		return err
	}, isClosed, nil},
	{"Pipe", 1, func(ctx context.Context, _ *async.Sender[int], rx *async.Receiver[int]) error {
		to, out := async.Bounded[int](1)
		defer out.Drop()
		_, err := future.Await(ctx, async.Pipe(rx.Clone(), to, func(_ context.Context, v int) (int, error) { return v, nil }))
		return err
	}, isClosed, nil},
}

// An ended context still gets one try. Then its error is the result, and nothing is left
// in a line.
func TestAContextThatEndedBeforeTheCallGetsOneTry(t *testing.T) {
	for _, c := range waitingCalls {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for why, ctx := range endedContexts(t, t.Context()) {
					tx, rx := async.Bounded[int](c.capacity)
					if c.ready != nil {
						c.ready(t, tx, rx)
					}
					assert.NoError(t, c.call(ctx, tx, rx), "it was possible")
					tx.Drop()
					rx.Drop()

					tx, rx = async.Bounded[int](c.capacity)
					if c.stuck != nil {
						c.stuck(t, tx, rx)
					}
					err := c.call(ctx, tx, rx)
					require.ErrorIs(t, err, why)
					if failed, ok := err.(*async.SendError[int]); ok { //nolint:errorlint // it is the outermost
						assert.Equal(t, 1, failed.Value)
						err = failed.Err
					}
					assert.Equal(t, why, err)
					for rx.TryRecv(); rx.Len() > 0; rx.TryRecv() {
					}
					if c.capacity > 0 {
						require.NoError(t, tx.TrySend(9), "no receive is queued before it")
						v, err := rx.TryRecv()
						require.NoError(t, err, "it was not taken")
						require.Equal(t, 9, v)
					} else {
						_, err := rx.TryRecv()
						require.ErrorIs(t, err, async.ErrEmpty, "no sender offers a message")
						assertRefused(t, 9, async.ErrFull, tx.TrySend(9))
					}
					tx.Drop()
					rx.Drop()
				}
			})
		})
	}
}
