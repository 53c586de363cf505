package task

import (
	"context"
	"runtime"
	"time"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/park"
	"github.com/handoff-go/handoff/internal/probe"
)

// Sleep waits for d, never less, and returns nil; or until ctx ends, whose error it
// then returns. A d of 0 or less is over at once, also if ctx has ended. A function
// task releases its slot, as in every await. It is one allocation; see
// [future.After] for the timer.
func Sleep(ctx context.Context, d time.Duration) error {
	if d > 0 && probe.Emitting() {
		e := probe.Event{Kind: probe.Blocked, Actor: probe.Self(), Op: probe.Sleep}
		probe.Emit(e)
		e.Kind = probe.Resumed
		defer probe.Emit(e)
	}
	_, err := future.Await(ctx, future.After(d))
	return err
}

// YieldNow lets what is ready go first, and returns ctx's error if it has ended. On the
// goroutine of a function task, or in a BlockOn, it goes to the tail of the run queue;
// elsewhere it is runtime.Gosched. It allocates nothing in steady state.
func YieldNow(ctx context.Context) error {
	t, _ := park.Of(ctx).(*core)
	if t == nil || !t.yield() {
		runtime.Gosched()
	}
	return ctx.Err()
}
