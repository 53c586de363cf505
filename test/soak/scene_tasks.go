package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

// tasksRound has a set of tasks that end in every way. Each of them is returned by Next
// exactly once, with what became of it; none runs twice, and each that has begun ends.
func tasksRound(r *round) {
	opts := []task.Option{}
	if r.rng.IntN(4) == 0 {
		opts = append(opts, task.WithSeed(r.rng.Uint64()))
	}
	rt, ctx := r.runtime(opts...)
	n := 20 + r.rng.IntN(200)
	begun, ended := make([]atomic.Int32, n), make([]atomic.Int32, n)
	kinds, mayCancel := make([]string, n), make([]bool, n)
	index := make(map[*task.JoinHandle[int]]int, n)
	var set task.JoinSet[int]
	for i := range n {
		kind := pick(r.rng, "return", "return", "panic", "Goexit", "sleep", "blocking", "polled", "nested")
		kinds[i] = kind
		rng := r.random(uint64(1 + i))
		fn := func(ctx context.Context) (int, error) {
			begun[i].Add(1)
			defer ended[i].Add(1)
			return runTask(ctx, r, rng, kind, i)
		}
		var h *task.JoinHandle[int]
		switch kind {
		case "blocking":
			h = task.SpawnBlocking(ctx, fn)
			set.Add(h)
		case "polled":
			h = task.SpawnFuture(ctx, future.Map(future.After(moment(rng)), func(time.Time) int { return i }))
			set.Add(h)
		default:
			h = set.Spawn(ctx, fn, task.Named(kind))
		}
		index[h] = i
		if r.rng.IntN(8) == 0 {
			r.fault("task cancelled")
			mayCancel[i] = true
			h.Cancel()
		}
	}
	early := r.rng.IntN(4) == 0
	if early {
		r.fault("shutdown")
		r.spawn(1000, func(rng *rand.Rand) {
			time.Sleep(moment(rng))
			r.shutdown(rt)
		})
	}
	results := make([]int, n)
	for {
		h, err := set.NextHandle(context.Background())
		if h == nil {
			r.expect(err)
			break
		}
		i := index[h]
		results[i]++
		v, err := h.Await(context.Background())
		checkTask(r, kinds[i], i, v, err, early || mayCancel[i])
		if err == nil && kinds[i] != "polled" && begun[i].Load() == 0 {
			r.breach("lost", "task %d (%s) returned and never began", i, kinds[i])
		}
		r.messages.Add(1)
		r.moved()
	}
	for i := range n {
		if results[i] != 1 {
			r.breach("lost", "task %d (%s) was returned %d times", i, kinds[i], results[i])
		}
		if b, e := begun[i].Load(), ended[i].Load(); b > 1 || b != e {
			r.breach("duplicated", "task %d (%s) began %d times and ended %d times", i, kinds[i], b, e)
		}
	}
	r.all.Wait()
	r.shutdown(rt)
}

func runTask(ctx context.Context, r *round, rng *rand.Rand, kind string, i int) (int, error) {
	switch kind {
	case "panic":
		r.fault("panic")
		panic(injected{})
	case "Goexit":
		r.fault("Goexit")
		runtime.Goexit()
	case "sleep":
		if err := task.Sleep(ctx, moment(rng)); err != nil {
			return i, err
		}
	case "nested":
		v, err := task.Spawn(ctx, func(ctx context.Context) (int, error) {
			return i, task.YieldNow(ctx)
		}).Await(ctx)
		if err != nil {
			return i, err
		}
		return v, nil
	case "return":
		if err := task.YieldNow(ctx); err != nil {
			return i, err
		}
	}
	return i, nil
}

func checkTask(r *round, kind string, i, v int, err error, mayCancel bool) {
	var p *task.PanicError
	switch {
	case err == nil && v != i:
		r.breach("mixed up", "task %d returned %d", i, v)
	case err == nil && (kind == "panic" || kind == "Goexit"):
		r.breach("mixed up", "task %d (%s) returned", i, kind)
	case err == nil, mayCancel && errors.Is(err, context.Canceled): // ErrCancelled and ErrShutdown are too
	case errors.As(err, &p) && kind == "panic":
	case errors.Is(err, task.ErrGoexit) && kind == "Goexit":
	default:
		r.breach("unexpected error", "task %d (%s): %v", i, kind, err)
	}
}
