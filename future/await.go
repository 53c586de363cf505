package future

import (
	"context"

	"github.com/handoff-go/handoff/internal/bubble"
	"github.com/handoff-go/handoff/internal/park"
)

// Await waits for f and returns its result. It owns f. When ctx ends first, f is polled once
// more, because a result from before the end is still returned; then f is dropped, and Await
// returns ctx's error. Under a ctx that has ended already f is polled too. Nothing but f and
// ctx ends the wait.
//
// A goroutine parks. On the goroutine of a function task of package task, under any
// context of its runtime or one derived from it, the task releases its slot while it
// waits, and acquires one again before it goes on; so do a BlockOn and blocking work.
// Under another context a task holds its slot while it waits, and so does a worker that
// waits inside a poll. A goroutine that a task started is not the task: it parks, and the
// task keeps its slot.
//
// f is also dropped if a poll or a method of ctx panics or calls runtime.Goexit.
//
// A future that is ready at the first poll costs no lock and, in steady state, no allocation.
// A wait
// allocates only on a goroutine that runs no task, with a ctx that can end: one small
// channel. Inside a testing/synctest bubble a wait allocates a waker and polls once more.
func Await[T any](ctx context.Context, f Future[T]) (v T, err error) {
	polled := false
	defer func() { // costs half a nanosecond
		if !polled {
			dropQuietly(f)
		}
	}()
	if park.Exploring.Load() != 0 {
		explore(ctx)
	}
	a := takeAwaiter(ctx)
	v, ready, err := f.Poll(a.cx)
	polled = true
	if !ready {
		return await(ctx, f, a)
	}
	awaiters.Put(a)
	return v, err
}

func await[T any](ctx context.Context, f Future[T], a *awaiter) (v T, err error) {
	over := false
	defer func() {
		if !over {
			dropQuietly(f) // a poll has panicked, or ctx has
		}
	}()
	pooled := !bubble.InsideTest()
	if !pooled {
		a = newAwaiter(ctx) // see awaiter
		var ready bool
		if v, ready, err = f.Poll(a.cx); ready {
			over = true
			return v, err
		}
	}
	host := park.Of(ctx)
	var done <-chan struct{}
	own := host != nil && host.Hears(ctx)
	if !own {
		done = ctx.Done()
	}
	for err = nil; err == nil; {
		// The end of ctx is checked before the wait too: otherwise a future that wakes itself
		// in each poll would hide it. And before the poll, which then is the last one.
		if err = ended(ctx, done); err == nil {
			a.wait(own, done, host, f)
			err = ended(ctx, done)
		}
		v, ready, result := f.Poll(a.cx)
		if ready {
			over = true
			a.put(pooled)
			return v, result
		}
	}
	over = true
	f.Drop()
	a.put(pooled)
	return v, err
}

// ended returns why ctx has ended, or nil. A context whose Done is closed has ended
// whatever its Err says.
func ended(ctx context.Context, done <-chan struct{}) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-done:
		return context.Canceled
	default:
		return nil
	}
}

func explore(ctx context.Context) {
	if host := park.Of(ctx); host != nil {
		host.Explore()
	}
}
