package remote

import (
	"context"
	"errors"
	"net/netip"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

func TestForEachHandlesEverythingWithinItsLimit(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	tx, rx, err := Unbounded[int](ctx, c, "each")
	require.NoError(t, err)
	vs := make([]int, 200)
	for i := range vs {
		vs[i] = i
	}
	_, err = tx.SendMany(vs).Await(ctx)
	require.NoError(t, err)
	tx.Drop()
	var sum, running, most atomic.Int64
	require.NoError(t, ForEach(ctx, rx, 4, func(_ context.Context, d *Delivery[int]) error {
		most.Store(max(most.Load(), running.Add(1)))
		defer running.Add(-1)
		sum.Add(int64(d.Value))
		return nil
	}))
	assert.EqualValues(t, 199*200/2, sum.Load())
	assert.LessOrEqual(t, most.Load(), int64(4))
}

func TestForEachGivesBackWhatFailsAndKeepsWhatTakesLong(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	tx, rx, err := Unbounded[string](ctx, c, "fail", AckWait(time.Second))
	require.NoError(t, err)
	for _, v := range []string{"error", "panic", "slow", "exit"} {
		require.NoError(t, tx.Send(v).Await(ctx))
	}
	tx.Drop()
	var calls [4]atomic.Int64
	require.NoError(t, ForEach(ctx, rx, 4, func(_ context.Context, d *Delivery[string]) error {
		switch d.Value {
		case "error":
			if calls[0].Add(1) == 1 {
				return errors.New("not now")
			}
		case "panic":
			if calls[1].Add(1) == 1 {
				panic("not now")
			}
		case "exit":
			if calls[3].Add(1) == 1 {
				runtime.Goexit()
			}
		case "slow":
			calls[2].Add(1)
			time.Sleep(2500 * time.Millisecond) // more than two ack waits
		}
		return nil
	}))
	assert.EqualValues(t, 2, calls[0].Load())
	assert.EqualValues(t, 2, calls[1].Load())
	assert.EqualValues(t, 2, calls[3].Load())
	assert.EqualValues(t, 1, calls[2].Load(), "no other receiver got it while fn ran")
}

func TestForEachEndsWithItsContextAndWithACause(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	tx, rx, err := Unbounded[int](ctx, c, "ends")
	require.NoError(t, err)
	nothing := func(context.Context, *Delivery[int]) error { return nil }
	short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, ForEach(short, rx.Clone(), 1, nothing), context.DeadlineExceeded)
	require.ErrorIs(t, ForEach(ctx, rx.Clone(), 0, nothing), ErrOption)
	cause := errors.New("enough")
	require.NoError(t, tx.CloseCause(ctx, cause))
	require.ErrorIs(t, ForEach(ctx, rx, 1, nothing), cause)
}

type shape struct {
	Name  string
	Sides []int
	Inner *shape
}

func TestCodecsCarryTheirTypes(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	want := shape{"box", []int{1, 2}, &shape{Name: "in"}}
	assert.Equal(t, want, through(ctx, t, c, "json", want))
	assert.Equal(t, want, through(ctx, t, c, "gob", want, WithCodec(Gob)))
	assert.Equal(t, []byte{0, 255}, through(ctx, t, c, "raw", []byte{0, 255}, WithCodec(Raw)))
	assert.Equal(t, "text", through(ctx, t, c, "text", "text", WithCodec(Raw)))
	assert.Equal(t, "proto", through(ctx, t, c, "proto", wrapperspb.String("proto"), WithCodec(Protobuf)).Value)
	tx, _, err := Unbounded[int](ctx, c, "misfit", WithCodec(Raw))
	require.NoError(t, err)
	require.ErrorIs(t, tx.Send(1).Await(ctx), ErrCodec)
	bad, _, err := Unbounded[func()](ctx, c, "func")
	require.NoError(t, err)
	require.ErrorIs(t, bad.Send(func() {}).Await(ctx), ErrCodec)
}

func through[T any](ctx context.Context, t *testing.T, c *Conn, name string, v T, opts ...Option) T {
	t.Helper()
	tx, rx, err := Unbounded[T](ctx, c, name, opts...)
	require.NoError(t, err)
	require.NoError(t, tx.Send(v).Await(ctx))
	d, err := rx.Recv().Await(ctx)
	require.NoError(t, err)
	require.NoError(t, d.Ack())
	return d.Value
}

func TestFingerprintsTellTypesApart(t *testing.T) {
	type a struct{ X int }
	type b struct{ X int64 }
	type list struct {
		Next *list
		V    a
	}
	assert.Equal(t, fingerprint[a](), fingerprint[a]())
	assert.NotEqual(t, fingerprint[a](), fingerprint[b]())
	assert.NotEqual(t, fingerprint[[]a](), fingerprint[[2]a]())
	assert.NotEqual(t, fingerprint[map[string]a](), fingerprint[map[string]*a]())
	assert.NotEmpty(t, fingerprint[list]())
	assert.NotEqual(t, fingerprint[struct{ At time.Time }](), fingerprint[struct{ At netip.Addr }]())
	assert.NotContains(t, fingerprint[struct{ A, B int }](), " ")
}

// The last message comes back although its sender has gone and ForEach waits for it alone.
func TestForEachDoesNotEndBeforeItsLastCalls(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	tx, rx, err := Unbounded[int](ctx, c, "last", MaxDeliveries(2))
	require.NoError(t, err)
	require.NoError(t, tx.Send(1).Await(ctx))
	tx.Drop()
	var calls atomic.Int64
	require.NoError(t, ForEach(ctx, rx, 4, func(context.Context, *Delivery[int]) error {
		calls.Add(1)
		time.Sleep(5 * tick) // the others find nothing left but this one
		return errors.New("never")
	}))
	assert.EqualValues(t, 2, calls.Load())
	dead, err := DeadLetters(ctx, c, "last")
	require.NoError(t, err)
	_, err = dead.Recv().Await(ctx)
	require.NoError(t, err)
}
