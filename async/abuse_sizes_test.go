package async_test

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
)

// Messages of no size, of 64 KiB and of a megabyte, through every flavour and each way to send and to
// receive.

type large [1 << 20]byte

func TestMessagesOfEverySizeComeThroughEveryWay(t *testing.T) {
	t.Run("0 bytes", func(t *testing.T) { passThrough(t, []struct{}{{}, {}, {}}) })
	t.Run("64 KiB", func(t *testing.T) { passThrough(t, [][64 << 10]byte{{1}, {2}, {3}}) })
	if testsize.Race || !testsize.Long() { // the race detector looks at each word of every copy
		return
	}
	t.Run("1 MiB", func(t *testing.T) {
		vs := make([]large, 3)
		for i := range vs {
			vs[i][0], vs[i][len(vs[i])-1] = byte(i), byte(i+1)
		}
		passThrough(t, vs)
	})
}

type wayToSend[T any] struct {
	name  string
	slots bool // it needs some
	try   bool // on a rendezvous it needs a receive that is parked
	send  func(ctx context.Context, tx *async.Sender[T], v T) error
}

func waysToSend[T any]() []wayToSend[T] {
	return []wayToSend[T]{
		{"TrySend", false, true, func(_ context.Context, tx *async.Sender[T], v T) (err error) {
			for err = tx.TrySend(v); errors.Is(err, async.ErrFull); err = tx.TrySend(v) {
				runtime.Gosched()
			}
			return err
		}},
		{"Send", false, false, func(ctx context.Context, tx *async.Sender[T], v T) error { return tx.Send(v).Await(ctx) }},
		{"Send, polled", false, false, func(ctx context.Context, tx *async.Sender[T], v T) error {
			_, err := future.Await(ctx, future.Future[struct{}](tx.Send(v)))
			return err
		}},
		{"SendBlocking", false, false, func(_ context.Context, tx *async.Sender[T], v T) error { return tx.SendBlocking(v) }},
		{"Permit", true, false, func(ctx context.Context, tx *async.Sender[T], v T) error {
			p, err := tx.Reserve().Await(ctx)
			if err != nil {
				return err
			}
			return p.Send(v)
		}},
		{"Permits", true, false, func(ctx context.Context, tx *async.Sender[T], v T) error {
			p, err := tx.ReserveMany(1).Await(ctx)
			if err != nil {
				return err
			}
			return p.Send(v)
		}},
		{"ForceSend", true, false, func(_ context.Context, tx *async.Sender[T], v T) error {
			for tx.IsFull() {
				runtime.Gosched()
			}
			_, _, err := tx.ForceSend(v)
			return err
		}},
	}
}

type wayToReceive[T any] struct {
	name   string
	parked bool // it waits in a call
	try    bool // it does not wait, so another goroutine has to
	recv   func(ctx context.Context, rx *async.Receiver[T]) (T, error)
}

func waysToReceive[T any]() []wayToReceive[T] {
	return []wayToReceive[T]{
		{"TryRecv", false, true, func(_ context.Context, rx *async.Receiver[T]) (v T, err error) {
			for v, err = rx.TryRecv(); errors.Is(err, async.ErrEmpty); v, err = rx.TryRecv() {
				runtime.Gosched()
			}
			return v, err
		}},
		{"TryRecvMany", false, true, func(_ context.Context, rx *async.Receiver[T]) (T, error) {
			buf := make([]T, 1)
			_, err := rx.TryRecvMany(buf)
			for ; errors.Is(err, async.ErrEmpty); _, err = rx.TryRecvMany(buf) {
				runtime.Gosched()
			}
			return buf[0], err
		}},
		{"Recv", true, false, func(ctx context.Context, rx *async.Receiver[T]) (T, error) { return rx.Recv().Await(ctx) }},
		{"Recv, polled", false, false, func(ctx context.Context, rx *async.Receiver[T]) (T, error) {
			return future.Await(ctx, future.Future[T](rx.Recv()))
		}},
		{"RecvBlocking", true, false, func(_ context.Context, rx *async.Receiver[T]) (T, error) { return rx.RecvBlocking() }},
		{"RecvMany", true, false, func(ctx context.Context, rx *async.Receiver[T]) (T, error) {
			buf := make([]T, 1)
			_, err := rx.RecvMany(buf).Await(ctx)
			return buf[0], err
		}},
		{"All", true, false, func(ctx context.Context, rx *async.Receiver[T]) (T, error) {
			for v := range rx.All(ctx) {
				return v, nil
			}
			var zero T
			return zero, async.ErrClosed
		}},
	}
}

func passThrough[T comparable](t *testing.T, vs []T) {
	ctx := t.Context()
	for _, capacity := range []int{unbounded, 2, 0} {
		for _, out := range waysToSend[T]() {
			for _, in := range waysToReceive[T]() {
				if capacity == 0 && (out.slots || out.try && !in.parked) {
					continue
				}
				tx, rx := open[T](capacity)
				sent := make(chan error, 1)
				go func() {
					var err error
					for _, v := range vs {
						err = errors.Join(err, out.send(ctx, tx, v))
					}
					tx.Drop()
					sent <- err
				}()
				for i := range vs {
					v, err := in.recv(ctx, rx)
					require.NoError(t, err, "%s, %s, %s", capacityName(capacity), out.name, in.name)
					require.True(t, v == vs[i], "%s, %s, %s: not message %d", capacityName(capacity), out.name, in.name, i)
				}
				require.NoError(t, <-sent)
				_, err := in.recv(ctx, rx)
				require.ErrorIs(t, err, async.ErrClosed)
				rx.Drop()
			}
		}
		batches(t, capacity, vs)
		if capacity > 0 {
			evicts(t, capacity, vs)
		}
	}
}

// batches sends all in one call, and takes what there is.
func batches[T comparable](t *testing.T, capacity int, vs []T) {
	t.Helper()
	tx, rx := open[T](capacity)
	defer rx.Drop()
	go func() {
		defer tx.Drop()
		n, err := tx.SendMany(vs).Await(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, len(vs), n)
	}()
	buf := make([]T, len(vs))
	for got := 0; got < len(vs); {
		n, err := rx.RecvMany(buf).Await(t.Context())
		require.NoError(t, err)
		for i := range n {
			require.True(t, buf[i] == vs[got+i])
		}
		got += n
	}
	_, err := rx.RecvBlocking()
	require.ErrorIs(t, err, async.ErrClosed)
}

// evicts overtakes in a channel that is full.
func evicts[T comparable](t *testing.T, capacity int, vs []T) {
	t.Helper()
	tx, rx := open[T](capacity)
	defer tx.Drop()
	defer rx.Drop()
	for _, v := range vs[:capacity] {
		require.NoError(t, tx.TrySend(v))
	}
	old, replaced, err := tx.ForceSend(vs[capacity])
	require.NoError(t, err)
	require.True(t, replaced)
	require.True(t, old == vs[0])
	for _, want := range vs[1 : capacity+1] {
		v, err := rx.TryRecv()
		require.NoError(t, err)
		require.True(t, v == want)
	}
}
