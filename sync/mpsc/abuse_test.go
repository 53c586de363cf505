package mpsc_test

import (
	"context"
	"errors"
	"math"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/testkit/methods"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/sync/mpsc"
)

// Misuse of a channel, beside misuse_test.go and hostile_test.go: every
// method of every handle in every state, messages of odd types, loops that do odd things.

// arguments are what methods may be called with.
func arguments(t *testing.T) []any {
	tx, rx := mpsc.Channel[int]()
	stx, srx := mpsc.SyncChannel[int](1)
	t.Cleanup(func() { tx.Drop(); rx.Drop(); stx.Drop(); srx.Drop() })
	return []any{context.Background(), []int{1}, time.Hour, time.Now().Add(time.Hour), tx, stx}
}

func TestEveryMethodOfADeadHandleReturns(t *testing.T) {
	tx, rx := mpsc.Channel[int]()
	stx, srx := mpsc.SyncChannel[int](1)
	dead, sdead := tx.Clone(), stx.Clone()
	for _, drop := range []func(){dead.Drop, sdead.Drop, rx.Drop, srx.Drop} {
		drop()
	}
	for name, handle := range map[string]any{
		"dropped Sender": dead, "dropped SyncSender": sdead, "dropped Receiver": rx, "dropped sync Receiver": srx,
		"zero Sender": new(mpsc.Sender[int]), "zero SyncSender": new(mpsc.SyncSender[int]), "zero Receiver": new(mpsc.Receiver[int]),
	} {
		t.Run(name, func(t *testing.T) {
			for _, call := range methods.All(handle, arguments(t)...) {
				assert.Nil(t, call.Panic, call.Name)
				assert.Zero(t, call.Yielded, call.Name)
				for _, err := range call.Errs {
					assert.ErrorIs(t, err, mpsc.ErrDropped, call.Name)
				}
			}
		})
	}
	stx.Drop()
	tx.Drop()
}

// It is Go's own error, raised in the call itself.
func TestEveryMethodOfANilHandlePanics(t *testing.T) {
	for name, handle := range map[string]any{
		"Sender": (*mpsc.Sender[int])(nil), "SyncSender": (*mpsc.SyncSender[int])(nil), "Receiver": (*mpsc.Receiver[int])(nil),
	} {
		for _, call := range methods.All(handle, arguments(t)...) {
			if call.Name == "Discarded" {
				continue // the channel calls it, and a message need not carry a handle
			}
			_, ok := call.Panic.(runtime.Error)
			assert.True(t, ok, "%s.%s: %v", name, call.Name, call.Panic)
		}
	}
}

func TestANilContextPanicsInWordsBeforeAnythingWaits(t *testing.T) {
	tx, rx := mpsc.SyncChannel[int](1)
	const want = "handoff: nil context"
	for _, wait := range []func(){
		func() { rx.RecvContext(nil) },                     //nolint:staticcheck // it is the mistake
		func() { rx.RecvManyContext(nil, make([]int, 1)) }, //nolint:staticcheck // likewise
		func() { tx.SendManyContext(nil, []int{1}) },       //nolint:staticcheck // likewise
		func() {
			for range rx.AllContext(nil) { //nolint:staticcheck // likewise
			}
		},
	} {
		require.PanicsWithValue(t, want, wait)
	}
	require.NoError(t, tx.Send(1))
	require.PanicsWithValue(t, want, func() { tx.SendContext(nil, 2) }) //nolint:staticcheck // likewise
	v, err := rx.Recv()
	require.NoError(t, err)
	require.Equal(t, 1, v)
	_, err = rx.TryRecv()
	require.ErrorIs(t, err, mpsc.ErrEmpty)
}

// badContext panics in one of its methods.
type badContext struct {
	context.Context
	in string
}

func (c badContext) Done() <-chan struct{} { c.look("Done"); return c.Context.Done() }
func (c badContext) Err() error            { c.look("Err"); return c.Context.Err() }
func (c badContext) Value(key any) any     { c.look("Value"); return c.Context.Value(key) }

func (c badContext) look(method string) {
	if method == c.in {
		panic("context: " + method)
	}
}

func TestAContextThatPanicsLeavesTheChannelAsItWas(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		for _, in := range []string{"Done", "Err", "Value"} {
			ctx, cancel := context.WithCancel(t.Context())
			bad := badContext{ctx, in}
			tx, rx := f.open(t)
			want := "context: " + in
			assert.PanicsWithValue(t, want, func() { rx.RecvContext(bad) })
			assert.PanicsWithValue(t, want, func() { rx.RecvManyContext(bad, make([]int, 2)) })
			if f.bound != unbounded {
				for i := range f.bound {
					require.NoError(t, tx.TrySend(i))
				}
				assert.PanicsWithValue(t, want, func() { tx.SendContext(bad, -1) })
				assert.PanicsWithValue(t, want, func() { tx.SendManyContext(bad, []int{-1}) })
			}
			for i := range max(f.bound, 0) {
				v, err := rx.TryRecv()
				require.NoError(t, err)
				require.Equal(t, i, v)
			}
			_, err := rx.TryRecv()
			require.ErrorIs(t, err, mpsc.ErrEmpty)
			cancel()
		}
	})
}

// send and receive one message of any type, through a slot and by hand.
func pass[T any](t *testing.T, v T, check func(T)) {
	t.Helper()
	for _, bound := range []int{0, 1, 3} {
		tx, rx := mpsc.SyncChannel[T](bound)
		var wg sync.WaitGroup
		wg.Go(func() { assert.NoError(t, tx.Send(v)) })
		got, err := rx.Recv()
		require.NoError(t, err)
		check(got)
		wg.Wait()
		rx.Drop()
		failed, ok := errors.AsType[*mpsc.SendError[T]](tx.Send(v))
		require.True(t, ok)
		check(failed.Value)
	}
}

func TestMessagesOfOddTypesArriveAsTheyWere(t *testing.T) {
	var big [1 << 20]byte
	big[0], big[len(big)-1] = 1, 2
	pass(t, big, func(got [1 << 20]byte) { assert.True(t, got == big) })
	pass(t, struct{}{}, func(struct{}) {})
	pass(t, [0]func(){}, func([0]func()) {})
	called := 0
	pass(t, func() { called++ }, func(fn func()) { fn() })
	assert.Equal(t, 6, called)
	pass(t, func() (none func()) { return }(), func(fn func()) { assert.Nil(t, fn) })
	pass[any](t, nil, func(v any) { assert.Nil(t, v) })
	pass[error](t, mpsc.ErrFull, func(err error) { assert.ErrorIs(t, err, mpsc.ErrFull) })
	nan := map[float64]int{math.NaN(): 1, math.Inf(1): 2}
	pass(t, nan, func(got map[float64]int) { assert.Len(t, got, 2) })
	pass(t, [1]any{[]int{1}}, func(got [1]any) { assert.Equal(t, []int{1}, got[0]) }) // not comparable
}

func TestAChannelMayCarryItsOwnHandles(t *testing.T) {
	type message struct {
		tx *mpsc.Sender[any]
		rx *mpsc.Receiver[any]
	}
	tx, rx := mpsc.Channel[any]()
	own := tx.Clone()
	require.NoError(t, own.Send(message{own, rx}))
	v, err := rx.Recv()
	require.NoError(t, err)
	require.NoError(t, v.(message).tx.Send(1), "the handle that came through itself")
	v, err = v.(message).rx.Recv()
	require.NoError(t, err)
	require.Equal(t, 1, v)

	// A sender inside its own channel keeps it open until the receiver's Drop discards it,
	// and so drops it.
	require.NoError(t, tx.Send(own))
	tx.Drop()
	require.False(t, rx.IsDisconnected())
	rx.Drop()
	require.ErrorIs(t, own.Send(2), mpsc.ErrDropped)
}

func TestALoopOverAllMayDoAnythingWithItsReceiver(t *testing.T) {
	tx, rx := mpsc.Channel[int]()
	all, try := rx.All(), rx.TryAll()
	tx.SendMany([]int{1, 2, 3, 4, 5})
	for v := range all {
		require.Equal(t, 1, v)
		break
	}
	for v := range all { // the same iterator, once more
		require.Equal(t, 2, v)
		for v := range try { // and another inside of it: the receive has ended
			require.Equal(t, 3, v)
			break
		}
		break
	}
	require.PanicsWithValue(t, "loop", func() {
		for range all {
			panic("loop")
		}
	})
	n := 0
	for range all {
		n++
		rx.Drop()
	}
	require.Equal(t, 1, n)
	require.ErrorIs(t, tx.Send(1), mpsc.ErrDisconnected)
}

func TestAGoexitInALoopLeavesTheReceiverToOthers(t *testing.T) {
	tx, rx := mpsc.SyncChannel[int](2)
	tx.SendMany([]int{1, 2})
	over := make(chan struct{})
	go func() {
		defer close(over)
		for range rx.All() {
			runtime.Goexit()
		}
	}()
	<-over
	v, err := rx.Recv()
	require.NoError(t, err)
	require.Equal(t, 2, v)
}

func TestAHundredThousandClonesAreCountedAndGo(t *testing.T) {
	n := testsize.Scaled(100_000)
	tx, rx := mpsc.Channel[int]()
	clones := make([]*mpsc.Sender[int], 0, n)
	for range n {
		clones = append(clones, tx.Clone())
	}
	tx.Drop()
	for i, c := range clones {
		require.False(t, rx.IsDisconnected())
		if i%1000 == 0 {
			require.NoError(t, c.Send(i))
		}
		c.Drop()
	}
	require.True(t, rx.IsDisconnected())
	_, err := rx.Recv()
	require.NoError(t, err)
}

func TestAHugeBatchGoesThroughAnyFlavour(t *testing.T) {
	n := testsize.Scaled(1_000_000)
	forEachFlavour(t, func(t *testing.T, f flavour) {
		if f.slots == 1 {
			n = testsize.Scaled(20_000)
		}
		tx, rx := f.open(t)
		go func() {
			defer tx.Drop()
			sent, err := tx.SendMany(make([]int, n))
			assert.NoError(t, err)
			assert.Equal(t, n, sent)
		}()
		got, buf := 0, make([]int, n)
		for {
			k, err := rx.RecvMany(buf)
			if err != nil {
				break
			}
			got += k
		}
		require.Equal(t, n, got)
	})
}

// Drop of the handle that is used, at the same time as every one of its methods.
func TestADropMeetsEveryMethod(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		for range testsize.Scaled(100) {
			tx, rx := f.open(t)
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			var all sync.WaitGroup
			for _, use := range []func(){
				func() { tx.Send(1) }, func() { tx.TrySend(1) }, func() { tx.SendMany([]int{1, 2}) },
				func() { tx.SendContext(ctx, 1) }, func() { tx.SendTimeout(1, time.Millisecond) },
				func() { tx.CloneSender().Drop() }, func() { _ = tx.String() }, func() { tx.Done() },
				func() { rx.Recv() }, func() { _ = rx.Len() }, func() { _ = rx.String() },
				tx.Drop, rx.Drop,
			} {
				all.Go(use)
			}
			all.Wait()
			cancel()
			assertRefused(t, 1, mpsc.ErrDropped, tx.Send(1))
			_, err := rx.TryRecv()
			require.ErrorIs(t, err, mpsc.ErrDropped)
			require.Zero(t, rx.Len())
		}
	})
}
