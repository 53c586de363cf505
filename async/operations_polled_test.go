package async_test

import (
	"context"
	"errors"
	"math/rand/v2"

	"github.com/stretchr/testify/assert"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
)

// pollForNoReason polls futures again and again, woken or not, as an executor may that
// polls everything it has, and drops what is not ready after a while.
func (w *world) pollForNoReason(_ context.Context, rng *rand.Rand) {
	cx, _ := newCx()
	count := func(v int, err error) int {
		if err == nil {
			w.book.add(&w.book.received, v)
		}
		return v
	}
	events := async.Select(async.On(w.rx, count), async.On(w.rx, count))
	for range 3 {
		v, many := w.next(), []int{w.next(), w.next(), w.next()}
		send, sends, slot := w.tx.Send(v), w.tx.SendMany(many), w.tx.Reserve()
		recv, next := w.rx.Recv(), events.Next()
		var sent, allSent, granted, received, selected bool
		for range 2 + rng.IntN(6) {
			if !sent {
				_, sent, _ = send.Poll(cx)
			}
			if !received {
				var got int
				var err error
				if got, received, err = recv.Poll(cx); received {
					count(got, err)
				}
			}
			if !allSent {
				_, allSent, _ = sends.Poll(cx)
			}
			if !selected {
				_, selected, _ = next.Poll(cx)
			}
			if !granted {
				var p *async.Permit[int]
				if p, granted, _ = slot.Poll(cx); p != nil {
					p.Drop()
				}
			}
			w.yield()
		}
		send.Drop()
		recv.Drop()
		slot.Drop()
		sends.Drop()
		next.Drop()
		if _, ok := send.Unsent(); ok {
			w.book.add(&w.book.returned, v)
		} else {
			w.book.add(&w.book.accepted, v)
		}
		w.book.add(&w.book.accepted, many[:sends.Sent()]...)
		w.book.add(&w.book.returned, many[sends.Sent():]...)
	}
}

// consume has a ForEach and a Pipe take messages, until the end or until the Drop of their
// handles.
func (w *world) consume(_ context.Context, rng *rand.Rand) {
	errEnough := errors.New("enough")
	enough := rng.IntN(8)
	input, stage := w.rx.Clone(), w.rx.Clone()
	each := async.ForEach(input, func(_ context.Context, v int) error {
		w.book.add(&w.book.received, v)
		if enough--; enough < 0 {
			return errEnough
		}
		return nil
	})
	capacity := rng.IntN(4) - 1
	tx, rx := open[int](capacity)
	pipe := async.Pipe(stage, tx, same)
	w.spawn(func(ctx context.Context) {
		for v := range rx.All(ctx) {
			w.book.add(&w.book.received, v)
			w.yield()
		}
		rx.Drop()
	})
	for _, f := range []future.Future[struct{}]{each, pipe} {
		w.spawn(func(ctx context.Context) {
			if _, err := future.Await(ctx, f); err != nil && !errors.Is(err, async.ErrDropped) {
				assert.ErrorIs(w.t, err, errEnough)
			}
		})
	}
	for range rng.IntN(20) {
		w.yield()
	}
	input.Drop()
	if capacity != 0 { // a message that it offers would go with it
		stage.Drop()
	}
}
