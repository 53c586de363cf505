package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

// timersRound waits in every way for a time to come.
func timersRound(r *round) {
	rt, ctx := r.runtime()
	var set task.JoinSet[struct{}]
	for i := range 20 + r.rng.IntN(200) {
		rng := r.random(uint64(1 + i))
		set.Spawn(ctx, func(ctx context.Context) (struct{}, error) { return struct{}{}, waitOnce(ctx, r, rng) })
	}
	for {
		_, ok, err := set.Next(context.Background())
		if !ok {
			r.expect(err)
			break
		}
		r.expectTask(err)
		r.messages.Add(1)
		r.moved()
	}
	r.shutdown(rt)
}

func waitOnce(ctx context.Context, r *round, rng *rand.Rand) error {
	d, begun := 4*moment(rng), time.Now()
	early := func(what string) {
		if took := time.Since(begun); took < d {
			r.breach("early", "%s of %v took %v", what, d, took)
		}
	}
	switch rng.IntN(4) {
	case 0:
		err := task.Sleep(ctx, d)
		early("Sleep")
		return err
	case 1:
		_, err := future.Await(ctx, future.After(d))
		early("After")
		return err
	case 2:
		_, err := future.Await(ctx, future.Timeout(d, future.Pending[int]()))
		early("Timeout")
		if !errors.Is(err, future.ErrTimeout) {
			r.breach("unexpected error", "a Timeout came to %v", err)
		}
	case 3: // an alarm that is taken back
		r.fault("future dropped")
		f := future.After(d)
		_, _, err := once(f)
		f.Drop()
		return err
	}
	return nil
}
