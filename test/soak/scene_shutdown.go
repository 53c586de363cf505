package main

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/task"
)

// shutdownRound shuts a runtime down while its tasks are in the middle of everything.
// Messages in flight may be discarded, as many as the channel holds, and every goroutine
// and task has to end.
func shutdownRound(r *round) {
	rt, ctx := r.runtime()
	tx, rx, capacity := openAsync(r, 0)
	book := newLedger(r)
	var handles []*task.JoinHandle[struct{}]
	var senders []*async.Sender[message]
	var receivers []*async.Receiver[message]
	for i := range 2 + r.rng.IntN(20) {
		own, producer, rng := tx.Clone(), book.producer(), r.random(uint64(1+i))
		book.mayEnd(producer, async.ErrClosed)
		senders = append(senders, own)
		handles = append(handles, task.Go(ctx, func(ctx context.Context) error {
			defer own.Drop()
			for ctx.Err() == nil {
				r.strike(rng)
				r.moved()
				m := book.next(producer)
				if !book.answer(m, own.Send(m).Await(ctx)) {
					break
				}
			}
			return nil
		}, task.Named("producer")))
	}
	for i := range 1 + r.rng.IntN(3) {
		own, rng := rx.Clone(), r.random(uint64(101+i))
		receivers = append(receivers, own)
		handles = append(handles, task.Go(ctx, func(ctx context.Context) error {
			defer own.Drop()
			for m := range own.All(ctx) {
				book.got(i, m)
				r.strike(rng)
			}
			return nil
		}, task.Named("consumer")))
	}
	r.spawn(200, func(rng *rand.Rand) {
		time.Sleep(4 * moment(rng))
		r.fault("shutdown")
		r.shutdown(rt)
	})
	for _, h := range handles {
		_, err := h.Await(context.Background())
		r.expectTask(err, task.ErrShutdown)
	}
	r.all.Wait()
	// A task that never began has not dropped its handle.
	for _, own := range senders {
		own.Drop()
	}
	for _, own := range receivers {
		own.Drop()
	}
	tx.Drop()
	rx.Drop()
	book.settle(capacity) // -1, unbounded, is any number
}
