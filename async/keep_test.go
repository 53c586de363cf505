package async_test

import (
	"context"
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
)

// watched is what must be gone: the wakers and messages that something over had.
type watched struct {
	t    *testing.T
	gone []func() (name string, gone bool)
}

type blob struct{ _ [256]byte }

// aWaker is a waker on the heap.
type aWaker struct{ _ [64]byte }

func (*aWaker) Wake() {}

func (w *watched) waker(name string) *future.Context {
	v := new(aWaker)
	p := weak.Make(v)
	w.gone = append(w.gone, func() (string, bool) { return name, p.Value() == nil })
	return future.NewContext(context.Background(), v)
}

func (w *watched) message() *blob {
	v := new(blob)
	p := weak.Make(v)
	w.gone = append(w.gone, func() (string, bool) { return "a message", p.Value() == nil })
	return v
}

func (w *watched) handle(rx *async.Receiver[*blob]) {
	p := weak.Make(rx)
	w.gone = append(w.gone, func() (string, bool) { return "a receiver", p.Value() == nil })
}

func pollIt[T any](w *watched, f future.Future[T], ready bool) {
	_, got, _ := f.Poll(w.waker("a waker"))
	require.Equal(w.t, ready, got)
}

// What is over keeps neither its waker nor a message, although it is held itself, and so are
// its handles and the other side of the channel.
func TestWhatIsOverKeepsNothing(t *testing.T) {
	ctx := context.Background()
	type end = func(w *watched) (held any)
	full := func() (*async.Sender[*blob], *async.Receiver[*blob]) {
		tx, rx := async.Bounded[*blob](1)
		require.NoError(t, tx.TrySend(nil))
		return tx, rx
	}
	pass := func(_ context.Context, v *blob) (*blob, error) { return v, nil }
	kinds := map[string]end{
		"Recv, completed": func(w *watched) any {
			tx, rx := async.Unbounded[*blob]()
			f := rx.Recv()
			pollIt(w, f, false)
			require.NoError(t, tx.TrySend(w.message()))
			pollIt(w, f, true)
			return []any{tx, rx, f}
		},
		"Recv, awaited": func(w *watched) any {
			tx, rx := async.Unbounded[*blob]()
			require.NoError(t, tx.TrySend(w.message()))
			own := rx.Clone()
			f := own.Recv()
			_, err := f.Await(ctx)
			require.NoError(t, err)
			own.Drop()
			w.handle(own)
			return []any{tx, rx, f}
		},
		"Recv, dropped": func(w *watched) any {
			tx, rx := async.Unbounded[*blob]()
			f := rx.Recv()
			pollIt(w, f, false)
			f.Drop()
			return []any{tx, rx, f}
		},
		"Recv, woken and forgotten": func(w *watched) any {
			tx, rx := async.Unbounded[*blob]()
			f := rx.Recv()
			pollIt(w, f, false)
			require.NoError(t, tx.TrySend(nil))
			return []any{tx, rx, f}
		},
		"Recv, its handle dropped": func(w *watched) any {
			tx, rx := async.Unbounded[*blob]()
			f := rx.Recv()
			pollIt(w, f, false)
			rx.Drop()
			pollIt(w, f, true)
			return []any{tx, rx, f}
		},
		"RecvMany": func(w *watched) any {
			tx, rx := async.Unbounded[*blob]()
			buf := make([]*blob, 3)
			f := rx.RecvMany(buf)
			pollIt(w, f, false)
			require.NoError(t, tx.TrySend(w.message()))
			pollIt(w, f, true)
			g := rx.RecvMany(make([]*blob, 3))
			require.NoError(t, tx.TrySend(w.message()))
			_, err := g.Await(ctx)
			require.NoError(t, err)
			clear(buf)
			return []any{tx, rx, f, g}
		},
		"Send, taken": func(w *watched) any {
			tx, rx := full()
			f := tx.Send(w.message())
			pollIt(w, f, false)
			_, _ = rx.TryRecv()
			_, _ = rx.TryRecv()
			pollIt(w, f, true)
			return []any{tx, rx, f}
		},
		"Send, awaited": func(w *watched) any {
			tx, rx := async.Unbounded[*blob]()
			f := tx.Send(w.message())
			require.NoError(t, f.Await(ctx))
			_, _ = rx.TryRecv()
			return []any{tx, rx, f}
		},
		"Send, dropped": func(w *watched) any {
			tx, rx := full()
			f := tx.Send(w.message())
			pollIt(w, f, false)
			f.Drop()
			_, unsent := f.Unsent()
			require.True(t, unsent)
			return []any{tx, rx} // the future has the message back
		},
		"SendMany": func(w *watched) any {
			tx, rx := async.Unbounded[*blob]()
			f, g := tx.SendMany([]*blob{w.message()}), tx.SendMany([]*blob{w.message()})
			pollIt(w, f, true)
			_, err := g.Await(ctx)
			require.NoError(t, err)
			_, _ = rx.TryRecv()
			_, _ = rx.TryRecv()
			return []any{tx, rx, f, g}
		},
		"SendMany, dropped": func(w *watched) any {
			tx, rx := full()
			f := tx.SendMany([]*blob{w.message(), w.message()})
			pollIt(w, f, false)
			f.Drop()
			return []any{tx, rx, f}
		},
		"Reserve": func(w *watched) any {
			tx, rx := full()
			f, g := tx.Reserve(), tx.ReserveMany(1)
			pollIt(w, f, false)
			pollIt(w, g, false)
			_, _ = rx.TryRecv()
			pollIt(w, f, true)
			g.Drop()
			return []any{tx, rx, f, g}
		},
		"Closed": func(w *watched) any {
			tx, rx := full()
			f, g := tx.Closed(), tx.Closed()
			pollIt(w, f, false)
			pollIt(w, g, false)
			g.Drop()
			rx.Close()
			pollIt(w, f, true)
			return []any{tx, rx, f, g}
		},
		"Permit": func(w *watched) any {
			tx, rx := async.Bounded[*blob](3)
			p, err := tx.TryReserve()
			require.NoError(t, err)
			ps, err := tx.TryReserveMany(2)
			require.NoError(t, err)
			require.NoError(t, p.Send(w.message()))
			require.NoError(t, ps.Send(w.message()))
			ps.Drop()
			w.handle(rx)
			return []any{p, ps} // the channel is in neither
		},
		"ForEach, ended": func(w *watched) any {
			tx, rx := async.Unbounded[*blob]()
			own := rx.Clone() // the first shares the channel's allocation
			f := async.ForEach(own, func(context.Context, *blob) error { return errBoom })
			pollIt(w, f, false)
			require.NoError(t, tx.TrySend(w.message()))
			pollIt(w, f, true)
			w.handle(own)
			return []any{tx, rx, f}
		},
		"ForEach, dropped": func(w *watched) any {
			tx, rx := async.Unbounded[*blob]()
			other := rx.Clone()
			f := async.ForEach(rx, func(context.Context, *blob) error { return nil })
			pollIt(w, f, false)
			f.Drop()
			return []any{tx, other, f}
		},
		"Pipe, dropped idle": func(w *watched) any {
			tx, rx := async.Unbounded[*blob]()
			out, outRx := full()
			f := async.Pipe(rx.Clone(), out.Clone(), pass)
			pollIt(w, f, false)
			f.Drop()
			return []any{tx, rx, out, outRx, f}
		},
		"Pipe, dropped while it waits for a slot": func(w *watched) any {
			tx, rx := async.Unbounded[*blob]()
			out, outRx := full()
			f := async.Pipe(rx.Clone(), out.Clone(), pass)
			require.NoError(t, tx.TrySend(nil))
			pollIt(w, f, false)
			f.Drop()
			return []any{tx, rx, out, outRx, f}
		},
		"Pipe, dropped with an offer": func(w *watched) any {
			tx, rx := async.Unbounded[*blob]()
			out, outRx := async.Bounded[*blob](0)
			f := async.Pipe(rx.Clone(), out.Clone(), pass)
			require.NoError(t, tx.TrySend(w.message()))
			pollIt(w, f, false)
			f.Drop()
			return []any{tx, rx, out, outRx, f}
		},
		"Select": func(w *watched) any {
			tx, rx := async.Unbounded[*blob]()
			_, idle := async.Unbounded[*blob]()
			event := func(*blob, error) int { return 0 }
			s := async.Select(async.On(rx, event), async.On(idle, event))
			f, g := s.Next(), s.Next()
			pollIt(w, f, false)
			require.NoError(t, tx.TrySend(w.message()))
			pollIt(w, f, true)
			pollIt(w, g, false)
			g.Drop()
			return []any{tx, rx, idle, s, f, g}
		},
		"Select, ended": func(w *watched) any {
			tx, rx := async.Unbounded[*blob]()
			own := rx.Clone()
			s := async.Select(async.On(own, func(*blob, error) int { return 0 }))
			tx.Drop()
			_, err := s.Next().Await(ctx)
			require.NoError(t, err)
			w.handle(own)
			return []any{tx, rx, s}
		},
		"a receiver, dropped": func(w *watched) any {
			tx, rx := async.Unbounded[*blob]()
			require.NoError(t, tx.TrySend(w.message()))
			rx.Ready()
			f := rx.Recv()
			pollIt(w, f, true)
			require.NoError(t, tx.TrySend(w.message()))
			rx.Drop()
			return []any{tx, rx, f}
		},
		"All": func(w *watched) any {
			tx, rx := async.Unbounded[*blob]()
			require.NoError(t, tx.TrySend(w.message()))
			all := rx.All(ctx)
			for range all {
				break
			}
			return []any{tx, rx, all}
		},
		"weak handles": func(w *watched) any {
			tx, rx := async.Unbounded[*blob]()
			weakTx, weakRx := tx.Downgrade(), rx.Downgrade()
			require.NoError(t, tx.TrySend(w.message()))
			rx.Drop()
			return []any{tx, weakTx, weakRx}
		},
	}
	for name, end := range kinds {
		t.Run(name, func(t *testing.T) {
			w := &watched{t: t}
			held := end(w)
			deadline := time.Now().Add(time.Minute)
			for _, gone := range w.gone {
				for {
					name, ok := gone()
					if ok {
						break
					}
					if time.Now().After(deadline) {
						assert.Fail(t, "it keeps "+name)
						break
					}
					runtime.GC()
				}
			}
			runtime.KeepAlive(held)
		})
	}
}

// After many have waited at once a handle keeps a bounded number of small waiters, and none of
// the size of a message.
func TestABurstOfWaitersLeavesLittle(t *testing.T) {
	type frame [32 << 10]byte
	heap := func() int64 {
		for range 3 {
			runtime.GC()
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	tx, rx := async.Bounded[frame](1)
	require.NoError(t, tx.TrySend(frame{}))
	before := heap()
	const n = 300
	var sends []*async.SendFuture[frame]
	var reserves []*async.ReserveFuture[frame]
	for range n {
		f, g := tx.Send(frame{}), tx.Reserve()
		_, _, err := f.Poll(future.NewContext(t.Context(), deaf{}))
		require.NoError(t, err)
		_, _, err = g.Poll(future.NewContext(t.Context(), deaf{}))
		require.NoError(t, err)
		sends, reserves = append(sends, f), append(reserves, g)
	}
	for i := range sends {
		sends[i].Drop()
		reserves[i].Drop()
	}
	sends, reserves = nil, nil
	consumers := make([]future.Future[struct{}], n)
	for i := range consumers {
		consumers[i] = async.ForEach(rx.Clone(), func(context.Context, frame) error { return nil })
	}
	assert.Less(t, heap()-before, int64(512<<10))
	for _, c := range consumers {
		c.Drop()
	}
	runtime.KeepAlive([]any{tx, rx, sends, reserves})
}
