package async_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
)

// What races in the stress tests, and the books of it.

// ledger is what became of the messages of a world.
type ledger struct {
	issued atomic.Int64

	mu        sync.Mutex
	accepted  []int
	returned  []int
	received  []int
	evicted   []int
	discarded bool // all receivers were dropped on purpose
}

func (l *ledger) add(to *[]int, vs ...int) {
	l.mu.Lock()
	*to = append(*to, vs...)
	l.mu.Unlock()
}

// settle writes down how a send of v ended.
func (l *ledger) settle(t *testing.T, v int, err error) {
	if err == nil {
		l.add(&l.accepted, v)
		return
	}
	failed, ok := errors.AsType[*async.SendError[int]](err)
	if assert.True(t, ok, "%v", err) {
		assert.Equal(t, v, failed.Value)
	}
	l.add(&l.returned, v)
}

func (l *ledger) check(t *testing.T) {
	t.Helper()
	const accepted, returned, received = 1, 2, 4
	fate := make(map[int]int)
	mark := func(what int, vs []int) {
		for _, v := range vs {
			require.Zero(t, fate[v]&what, "message %d twice", v)
			fate[v] |= what
		}
	}
	mark(accepted, l.accepted)
	mark(returned, l.returned)
	mark(received, l.received)
	mark(received, l.evicted)
	require.Len(t, fate, int(l.issued.Load()))
	for v, f := range fate {
		if l.discarded && f == accepted {
			continue
		}
		require.Contains(t, []int{accepted | received, returned}, f, "message %d", v)
	}
}

// world is a channel on which operations race.
type world struct {
	t    *testing.T
	tx   *async.Sender[int]
	rx   *async.Receiver[int]
	book ledger

	spawn func(fn func(ctx context.Context))
	yield func()
}

func (w *world) next() int { return int(w.book.issued.Add(1)) }

func (w *world) send(ctx context.Context, tx *async.Sender[int], how int) {
	v := w.next()
	switch how % 4 {
	case 0:
		w.book.settle(w.t, v, tx.Send(v).Await(ctx))
	case 1: // polled
		f := tx.Send(v)
		_, err := future.Await(ctx, future.Future[struct{}](f))
		if _, ok := f.Unsent(); !ok {
			err = nil
		} else if _, ok := errors.AsType[*async.SendError[int]](err); !ok {
			err = &async.SendError[int]{Value: v, Err: err}
		}
		w.book.settle(w.t, v, err)
	case 2:
		w.book.settle(w.t, v, tx.TrySend(v))
	case 3:
		vs := []int{v, w.next(), w.next()}
		n, err := tx.SendMany(vs).Await(ctx)
		if n < len(vs) {
			assert.Error(w.t, err)
		}
		w.book.add(&w.book.accepted, vs[:n]...)
		w.book.add(&w.book.returned, vs[n:]...)
	}
}

// recv receives once and reports whether it makes sense to go on.
func (w *world) recv(ctx context.Context, rx *async.Receiver[int], how int) bool {
	var v [3]int
	n := 1
	var err error
	switch how % 4 {
	case 0:
		v[0], err = rx.Recv().Await(ctx)
	case 1:
		v[0], err = future.Await(ctx, future.Future[int](rx.Recv()))
	case 2:
		v[0], err = rx.TryRecv()
	case 3:
		n, err = rx.RecvMany(v[:]).Await(ctx)
	}
	if err != nil {
		return errors.Is(err, async.ErrEmpty)
	}
	w.book.add(&w.book.received, v[:n]...)
	return true
}

// operations that race. Each performs a few steps and ends whatever the
// others do, as long as a receiver drains the channel and the channel ends.
var operations = []struct {
	name string
	run  func(w *world, ctx context.Context, rng *rand.Rand)
}{
	{"send", func(w *world, ctx context.Context, rng *rand.Rand) {
		for range 6 {
			w.send(ctx, w.tx, rng.IntN(4))
		}
	}},
	{"recv", func(w *world, ctx context.Context, rng *rand.Rand) {
		for range 6 {
			if !w.recv(ctx, w.rx, rng.IntN(4)) {
				return
			}
		}
	}},
	{"close", func(w *world, _ context.Context, rng *rand.Rand) {
		for range rng.IntN(20) {
			w.yield()
		}
		if rng.IntN(2) == 0 {
			w.tx.Close()
		} else {
			w.rx.Close()
		}
	}},
	{"drop", func(w *world, ctx context.Context, rng *rand.Rand) {
		tx, rx := w.tx.Clone(), w.rx.Clone()
		for i := range 3 {
			w.spawn(func(ctx context.Context) { w.send(ctx, tx, i) })
			w.spawn(func(ctx context.Context) { w.recv(ctx, rx, i) })
		}
		for range rng.IntN(10) {
			w.yield()
		}
		tx.Drop()
		rx.Drop()
	}},
	{"drop receivers", func(w *world, _ context.Context, rng *rand.Rand) {
		for range rng.IntN(40) {
			w.yield()
		}
		w.book.mu.Lock()
		w.book.discarded = true
		w.book.mu.Unlock()
		w.rx.Drop()
	}},
	{"cancel", func(w *world, ctx context.Context, rng *rand.Rand) {
		for i := range 4 {
			ctx, cancel := context.WithCancel(ctx)
			w.spawn(func(context.Context) {
				if i%2 == 0 {
					w.send(ctx, w.tx, i/2)
				} else {
					w.recv(ctx, w.rx, i/2)
				}
			})
			for range rng.IntN(4) {
				w.yield()
			}
			cancel()
		}
	}},
	{"drop futures", func(w *world, _ context.Context, rng *rand.Rand) {
		for range 4 {
			v := w.next()
			cx, _ := newCx()
			send, recv, slot := w.tx.Send(v), w.rx.Recv(), w.tx.ReserveMany(1+rng.IntN(2))
			_, _, _ = send.Poll(cx)
			got, ready, err := recv.Poll(cx)
			if ready && err == nil {
				w.book.add(&w.book.received, got)
			}
			permits, ready, err := slot.Poll(cx)
			if ready && err == nil {
				permits.Drop()
			}
			w.yield()
			recv.Drop()
			send.Drop()
			slot.Drop()
			if _, ok := send.Unsent(); ok {
				w.book.add(&w.book.returned, v)
			} else {
				w.book.add(&w.book.accepted, v)
			}
		}
	}},
	{"reserve", func(w *world, ctx context.Context, rng *rand.Rand) {
		for range 4 {
			n := rng.IntN(4)
			permits, err := w.tx.ReserveMany(n).Await(ctx)
			if err != nil {
				continue
			}
			w.yield()
			permits.Drop()
		}
	}},
	{"permit send", func(w *world, ctx context.Context, rng *rand.Rand) {
		for i := range 4 {
			var p *async.Permit[int]
			var err error
			if i%2 == 0 {
				p, err = w.tx.Reserve().Await(ctx)
			} else {
				p, err = future.Await(ctx, future.Future[*async.Permit[int]](w.tx.Reserve()))
			}
			if err != nil {
				continue
			}
			for range rng.IntN(3) {
				w.yield()
			}
			v := w.next()
			w.book.settle(w.t, v, p.Send(v))
		}
	}},
	{"force send", func(w *world, _ context.Context, _ *rand.Rand) {
		for range 6 {
			v := w.next()
			old, replaced, err := w.tx.ForceSend(v)
			w.book.settle(w.t, v, err)
			if replaced {
				w.book.add(&w.book.evicted, old)
			}
			w.yield()
		}
	}},
	{"polls for no reason", (*world).pollForNoReason},
	{"consumers", (*world).consume},
}

// drain receives the remaining messages, if they were not discarded.
func (w *world) drain() {
	for {
		v, err := w.rx.TryRecv()
		if err != nil {
			return
		}
		w.book.add(&w.book.received, v)
	}
}
