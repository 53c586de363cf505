package async_test

import (
	"context"
	"errors"
	"math"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/testkit/methods"
)

// Misuse of a channel. misuse_test.go has zero handles one by one;
// here every method of every type is called, so that none is forgotten.

// arguments are what methods may be called with.
func arguments(t *testing.T) []any {
	tx, rx := async.Bounded[int](1)
	t.Cleanup(tx.Drop)
	t.Cleanup(rx.Drop)
	return []any{context.Background(), []int{1}, errors.New("cause"), tx, rx}
}

func TestEveryMethodOfADeadHandleReturns(t *testing.T) {
	tx, rx := async.Bounded[int](1)
	dropped := tx.Clone()
	droppedRx := rx.Clone()
	permit, err := tx.TryReserve()
	require.NoError(t, err)
	permit.Drop()
	permits, err := tx.TryReserveMany(1)
	require.NoError(t, err)
	permits.Drop()
	weak := dropped.Downgrade()
	weakRx := droppedRx.Downgrade()
	dropped.Drop()
	droppedRx.Drop()
	for name, handle := range map[string]any{
		"dropped Sender": dropped, "dropped Receiver": droppedRx,
		"dropped Permit": permit, "dropped Permits": permits,
		"zero Sender": new(async.Sender[int]), "zero Receiver": new(async.Receiver[int]),
		"zero Permit": new(async.Permit[int]), "zero Permits": new(async.Permits[int]),
		"zero WeakSender": new(async.WeakSender[int]), "zero WeakReceiver": new(async.WeakReceiver[int]),
	} {
		t.Run(name, func(t *testing.T) {
			for _, call := range methods.All(handle, arguments(t)...) {
				assert.Nil(t, call.Panic, call.Name)
				assert.Zero(t, call.Yielded, call.Name)
				for _, err := range call.Errs {
					if call.Name == "Cause" {
						assert.ErrorIs(t, err, async.ErrClosed)
					} else {
						assert.ErrorIs(t, err, async.ErrDropped, call.Name)
					}
				}
			}
		})
	}
	require.NoError(t, tx.TrySend(1), "the channel itself works on")
	up, ok := weak.Upgrade()
	require.True(t, ok)
	up.Drop()
	upRx, ok := weakRx.Upgrade()
	require.True(t, ok)
	upRx.Drop()
}

func TestTheZeroFutureIsADroppedOne(t *testing.T) {
	cx, _ := newCx()
	for name, f := range map[string]any{
		"SendFuture": new(async.SendFuture[int]), "SendManyFuture": new(async.SendManyFuture[int]),
		"RecvFuture": new(async.RecvFuture[int]), "RecvManyFuture": new(async.RecvManyFuture[int]),
		"ReserveFuture": new(async.ReserveFuture[int]), "ReserveManyFuture": new(async.ReserveManyFuture[int]),
		"NextFuture": new(async.NextFuture[int]),
	} {
		for _, call := range methods.All(f, context.Background(), cx) {
			assert.Nil(t, call.Panic, "%s.%s", name, call.Name)
			if call.Name == "Await" || call.Name == "Poll" {
				assert.Len(t, call.Errs, 1, "%s.%s", name, call.Name)
			}
			for _, err := range call.Errs {
				assert.ErrorIs(t, err, async.ErrDropped, "%s.%s", name, call.Name)
			}
		}
	}
	f := new(async.SendFuture[int])
	for range 2 {
		v, ok := f.Unsent()
		require.False(t, ok, "there was no value")
		require.Zero(t, v)
		f.Drop()
	}
}

// It is Go's own error, in the call itself or in the Await that follows in the same line.
func TestEveryMethodOfANilHandlePanics(t *testing.T) {
	for name, handle := range map[string]any{
		"Sender": (*async.Sender[int])(nil), "Receiver": (*async.Receiver[int])(nil),
		"Permit": (*async.Permit[int])(nil), "Permits": (*async.Permits[int])(nil),
		"WeakSender": (*async.WeakSender[int])(nil), "WeakReceiver": (*async.WeakReceiver[int])(nil),
		"Selector": (*async.Selector[int])(nil),
	} {
		for _, call := range methods.All(handle, arguments(t)...) {
			switch call.Name {
			case "Closed":
				continue // a future without an Await of its own
			case "Discarded":
				continue // the channel calls it, and a message need not carry a handle
			}
			_, ok := call.Panic.(runtime.Error)
			assert.True(t, ok, "%s.%s: %v", name, call.Name, call.Panic)
		}
	}
}

func TestAMissingFunctionOrContextPanicsInWords(t *testing.T) {
	tx, rx := async.Bounded[int](1)
	fn := func(context.Context, int) error { return nil }
	same := func(_ context.Context, v int) (int, error) { return v, nil }
	event := func(v int, _ error) int { return v }
	for want, mistakes := range map[string][]func(){
		"async: ForEach with a nil function": {func() { async.ForEach(rx, nil) }},
		"async: Pipe with a nil function":    {func() { async.Pipe[int, int](rx, tx, nil) }},
		"async: On with a nil function":      {func() { async.On[int, int](rx, nil) }},
		"async: ForEach of no receiver":      {func() { async.ForEach(nil, fn) }},
		"async: Pipe from no receiver":       {func() { async.Pipe(nil, tx, same) }},
		"async: Pipe to no sender":           {func() { async.Pipe(rx, nil, same) }},
		"async: On of no receiver":           {func() { async.On(nil, event) }},
		"async: no case at index 0":          {func() { async.Select[int](nil) }, func() { async.SelectBiased[int](nil, async.On(rx, event)) }},
		"async: no case at index 1":          {func() { async.Select(async.On(rx, event), nil) }},
		"async: reservation of -1 slots": {
			func() { tx.ReserveMany(-1) },
			func() { _, _ = tx.TryReserveMany(-1) },
		},
		"handoff: nil context": {
			func() { _, _ = rx.Recv().Await(nil) },                   //nolint:staticcheck // it is the mistake
			func() { _, _ = rx.RecvMany(make([]int, 1)).Await(nil) }, //nolint:staticcheck // likewise
			func() { _, _ = tx.SendMany([]int{1}).Await(nil) },       //nolint:staticcheck // likewise
			func() { _, _ = tx.Reserve().Await(nil) },                //nolint:staticcheck // likewise
			func() { _, _ = future.Await(nil, tx.Closed()) },         //nolint:staticcheck // likewise
			func() {
				for range rx.All(nil) { //nolint:staticcheck // likewise
				}
			},
		},
	} {
		for _, mistake := range mistakes {
			assert.PanicsWithValue(t, want, mistake)
		}
	}
	require.NoError(t, tx.TrySend(1), "nothing was left in a line")
	v, err := rx.TryRecv()
	require.NoError(t, err)
	require.Equal(t, 1, v)
}

func TestACallbackThatPanicsOrExitsEndsItsFutureAndItsHandles(t *testing.T) {
	for how, end := range map[string]func(){"panic": func() { panic("callback") }, "Goexit": runtime.Goexit} {
		for name, run := range map[string]func(rx *async.Receiver[int], out *async.Sender[int]){
			"ForEach": func(rx *async.Receiver[int], _ *async.Sender[int]) {
				future.Await(context.Background(), async.ForEach(rx, func(context.Context, int) error { end(); return nil }))
			},
			"Pipe": func(rx *async.Receiver[int], out *async.Sender[int]) {
				future.Await(context.Background(), async.Pipe(rx, out, func(context.Context, int) (int, error) { end(); return 0, nil }))
			},
			"All": func(rx *async.Receiver[int], _ *async.Sender[int]) {
				defer rx.Drop()
				for range rx.All(context.Background()) {
					end()
				}
			},
			"On": func(rx *async.Receiver[int], _ *async.Sender[int]) {
				defer rx.Drop()
				s := async.Select(async.On(rx, func(int, error) int { end(); return 0 }))
				s.Next().Await(context.Background())
			},
		} {
			t.Run(how+" in "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					tx, rx := async.Bounded[int](2)
					out, outRx := async.Bounded[int](1)
					var own sync.WaitGroup
					own.Go(func() {
						defer func() {
							if v := recover(); how == "panic" {
								assert.Equal(t, "callback", v)
							}
						}()
						run(rx, out)
					})
					synctest.Wait() // in the wait, and not before it
					require.NoError(t, tx.TrySend(1))
					own.Wait()
					require.ErrorIs(t, tx.TrySend(2), async.ErrClosed, "the receiver went with it")
					if name == "Pipe" {
						_, err := outRx.TryRecv()
						require.ErrorIs(t, err, async.ErrClosed, "and the sender")
					}
				})
			})
		}
	}
}

func TestASelectorWorksOnAfterAPanicInAnEvent(t *testing.T) {
	a, arx := async.Unbounded[int]()
	b, brx := async.Unbounded[int]()
	s := async.SelectBiased(
		async.On(arx, func(int, error) int { panic("event") }),
		async.On(brx, func(v int, _ error) int { return v }),
	)
	for range 2 {
		a.TrySend(1)
		require.PanicsWithValue(t, "event", func() { s.Next().Await(t.Context()) })
		b.TrySend(2)
		v, err := s.Next().Await(t.Context())
		require.NoError(t, err)
		require.Equal(t, 2, v)
		f := s.Next()
		assertPending(t, f)
		a.TrySend(3)
		cx, _ := newCx()
		require.PanicsWithValue(t, "event", func() { f.Poll(cx) })
	}
	b.TrySend(4)
	v, err := brx.TryRecv()
	require.NoError(t, err, "no case was left in a line")
	require.Equal(t, 4, v)
}

func TestALoopOverAllMayDoAnythingWithItsReceiver(t *testing.T) {
	ctx := t.Context()
	tx, rx := async.Unbounded[int]()
	send := func() { tx.SendMany([]int{1, 2, 3, 4}).Await(ctx) }
	send()
	all := rx.All(ctx)
	for v := range all {
		require.Equal(t, 1, v)
		break
	}
	for v := range all { // the same iterator, once more
		require.Equal(t, 2, v)
		for v := range all { // and inside of itself
			require.Equal(t, 3, v)
			break
		}
		break
	}
	require.Equal(t, 1, rx.Len())
	send()
	n := 0
	for range all {
		n++
		rx.Drop()
	}
	require.Equal(t, 1, n)
	require.ErrorIs(t, tx.TrySend(1), async.ErrClosed)
	for range all {
		require.Fail(t, "dropped")
	}
}

func TestACapacityAsLargeAsAnIntWorks(t *testing.T) {
	tx, rx := async.Bounded[struct{}](math.MaxInt)
	n, bounded := tx.Capacity()
	require.True(t, bounded)
	require.Equal(t, math.MaxInt, n)
	require.Equal(t, math.MaxInt, tx.Available())
	sent, err := tx.SendMany(make([]struct{}, 1<<20)).Await(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1<<20, sent)
	require.Equal(t, math.MaxInt-1<<20, tx.Available())
	got, err := rx.TryRecvMany(make([]struct{}, 1<<21))
	require.NoError(t, err)
	require.Equal(t, 1<<20, got)
	permits, err := tx.TryReserveMany(math.MaxInt / 16)
	require.NoError(t, err)
	require.Equal(t, math.MaxInt-math.MaxInt/16, rx.Available())
	permits.Drop()
	require.Equal(t, math.MaxInt, rx.Available())
}

func TestEverySecondAwaitOfAFutureIsRefused(t *testing.T) {
	ctx := t.Context()
	tx, rx := async.Bounded[int](3)
	send, recv, many := tx.Send(1), rx.Recv(), tx.SendMany([]int{1, 2})
	into, slot, slots := rx.RecvMany(make([]int, 1)), tx.Reserve(), tx.ReserveMany(1)
	next := async.Select(async.On(rx, func(v int, _ error) int { return v })).Next()
	for _, await := range []func() error{
		func() error { return send.Await(ctx) },
		func() error { _, err := recv.Await(ctx); return err },
		func() error { _, err := many.Await(ctx); return err },
		func() error { _, err := into.Await(ctx); return err },
		func() error { _, err := next.Await(ctx); return err },
		func() error {
			p, err := slot.Await(ctx)
			if err == nil {
				p.Drop()
			}
			return err
		},
		func() error {
			p, err := slots.Await(ctx)
			if err == nil {
				p.Drop()
			}
			return err
		},
	} {
		require.NoError(t, await())
		require.ErrorIs(t, await(), future.ErrConsumed)
		require.ErrorIs(t, await(), future.ErrConsumed)
	}
}
