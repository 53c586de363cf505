package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

// wrapped is a message of another type.
type wrapped struct {
	m message
}

// arrival is what a selector makes of either type.
type arrival struct {
	from int
	m    message
	err  error
}

// selectsRound has consumers select over two channels of different types.
func selectsRound(r *round) {
	rt, ctx := r.runtime()
	tx, rx, _ := openAsync(r, 0)
	wtx, wrx := async.Bounded[wrapped](pick(r.rng, 0, 1, 7))
	r.watch(wtx, wrx)
	books := []*ledger{newLedger(r), newLedger(r)}

	for i := range 1 + r.rng.IntN(3) {
		tx, producer := tx.Clone(), books[0].producer()
		r.spawn(uint64(1+i), func(rng *rand.Rand) {
			defer tx.Drop()
			for range 20 + rng.IntN(150) {
				r.strike(rng)
				if !asyncSend(r, rng, books[0], producer, tx) {
					return
				}
			}
		})
		wtx, page := wtx.Clone(), books[1].producer()
		r.spawn(uint64(101+i), func(rng *rand.Rand) {
			defer wtx.Drop()
			for range 20 + rng.IntN(150) {
				r.strike(rng)
				m := books[1].next(page)
				err := wtx.Send(wrapped{m: m}).Await(context.Background())
				if err != nil {
					r.breach("unexpected error", "%v", err)
					books[1].note(m, returned)
					return
				}
				books[1].note(m, accepted)
			}
		})
	}
	tx.Drop()
	wtx.Drop()

	consume := func(ctx context.Context, rng *rand.Rand, reader int, rx *async.Receiver[message], wrx *async.Receiver[wrapped]) error {
		defer rx.Drop()
		defer wrx.Drop()
		make := pick(rng, async.Select[arrival], async.SelectBiased[arrival])
		events := make(
			async.On(rx, func(m message, err error) arrival { return arrival{0, m, err} }),
			async.On(wrx, func(w wrapped, err error) arrival { return arrival{1, w.m, err} }),
		)
		for {
			a, err := hear(ctx, r, rng, events)
			switch {
			case errors.Is(err, async.ErrClosed):
				return nil
			case r.asyncOver(err):
				return err
			case err == nil && a.err == nil:
				books[a.from].got(reader, a.m)
			}
		}
	}
	var handles []*task.JoinHandle[struct{}]
	for i := range 1 + r.rng.IntN(2) {
		rx1, wrx1, rng := rx.Clone(), wrx.Clone(), r.random(uint64(300+i))
		handles = append(handles, task.Go(ctx, func(ctx context.Context) error {
			return consume(ctx, rng, i, rx1, wrx1)
		}, task.Named("consumer")))
	}
	r.spawn(400, func(rng *rand.Rand) { r.expect(consume(context.Background(), rng, 9, rx, wrx)) })
	for _, h := range handles {
		_, err := h.Await(context.Background())
		r.expectTask(err)
	}
	r.all.Wait()
	books[0].settle(0)
	books[1].settle(0)
	r.shutdown(rt)
}

// hear waits for an event, in one of the ways.
func hear(ctx context.Context, r *round, rng *rand.Rand, events *async.Selector[arrival]) (arrival, error) {
	switch rng.IntN(5) {
	case 0:
		r.fault("timeout")
		return future.Await(ctx, future.Timeout(moment(rng), events.Next()))
	case 1:
		r.fault("lost race")
		won, err := future.Await(ctx, future.Race(
			events.Next(),
			future.Map(future.After(moment(rng)), func(time.Time) arrival { return arrival{} }),
		))
		if won.Index == 1 && err == nil {
			return arrival{}, future.ErrTimeout
		}
		return won.Value, err
	case 2:
		r.fault("future dropped")
		f := events.Next()
		if a, ready, err := once(f); ready {
			return a, err
		}
		f.Drop()
	}
	return events.Next().Await(ctx)
}
