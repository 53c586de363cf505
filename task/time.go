package task

import (
	"context"
	"runtime"
	"time"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/park"
	"github.com/handoff-go/handoff/internal/probe"
)

// Sleep waits for d, never less, and returns nil, or until ctx ends, and returns ctx's error.
// With a d of 0 or less it returns nil at once, also if ctx has ended. A function task
// releases its slot while it waits, as in every await. It costs one allocation; see
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

// YieldNow lets ready tasks run first, and returns ctx's error if it has ended. On the
// goroutine of a function task or a BlockOn that holds a slot it goes to the tail of the run
// queue; elsewhere it calls runtime.Gosched. It allocates nothing in steady state.
func YieldNow(ctx context.Context) error {
	t, _ := park.Of(ctx).(*core)
	if t == nil || !t.yield() {
		runtime.Gosched()
	}
	return ctx.Err()
}
