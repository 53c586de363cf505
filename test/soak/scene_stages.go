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

var errStage = errors.New("a stage gave up")

// stagesRound is a pipeline of futures. Undisturbed it loses nothing; when it is shut
// down, or a stage fails, what is in flight is discarded with the channels, and nothing
// arrives twice or in another order.
func stagesRound(r *round) {
	opts := []task.Option{}
	if r.rng.IntN(4) == 0 {
		opts = append(opts, task.WithSeed(r.rng.Uint64()))
	}
	rt, ctx := r.runtime(opts...)
	book := newLedger(r)
	disturb := pick(r.rng, "", "", "shutdown", "stage failed", "stage cancelled")
	failAt := r.rng.IntN(100)

	first, in, _ := openAsync(r, 0)
	rx := in
	var handles []*task.JoinHandle[struct{}]
	for stage := range r.rng.IntN(4) {
		tx, next, _ := openAsync(r, 0)
		n := 0
		handles = append(handles, task.SpawnFuture(ctx, async.Pipe(rx, tx, func(_ context.Context, m message) (message, error) {
			if n++; disturb == "stage failed" && stage == 0 && n > failAt {
				return m, errStage
			}
			return m, nil
		}), task.Named("Pipe")))
		rx = next
	}
	handles = append(handles, task.SpawnFuture(ctx, async.ForEach(rx, func(_ context.Context, m message) error {
		book.got(0, m)
		return nil
	}), task.Named("ForEach")))

	for i := range 1 + r.rng.IntN(3) {
		tx, producer := first.Clone(), book.producer()
		if disturb != "" {
			book.mayEnd(producer, async.ErrClosed)
		}
		r.spawn(uint64(1+i), func(rng *rand.Rand) {
			defer tx.Drop()
			for range 20 + rng.IntN(200) {
				r.strike(rng)
				if !asyncSend(r, rng, book, producer, tx) {
					return
				}
			}
		})
	}
	first.Drop()
	if disturb != "" {
		r.fault(disturb)
		time.Sleep(2 * moment(r.rng))
	}
	switch disturb {
	case "shutdown":
		r.shutdown(rt)
	case "stage cancelled":
		handles[r.rng.IntN(len(handles))].Cancel()
	}
	most := 0
	if disturb != "" {
		most = anyNumber
	}
	for _, h := range handles {
		if _, err := h.Await(context.Background()); disturb == "" {
			r.expectTask(err)
		} else {
			r.expectTask(err, errStage, async.ErrClosed, task.ErrCancelled, task.ErrShutdown, future.ErrDropped)
		}
	}
	r.all.Wait()
	book.settle(most)
	r.shutdown(rt)
}
