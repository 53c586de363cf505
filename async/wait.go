package async

import (
	"context"

	"github.com/handoff-go/handoff/internal/channel"
	"github.com/handoff-go/handoff/internal/once"
	"github.com/handoff-go/handoff/internal/park"
)

// A future of this package is a small struct: a handle and an operation. Made and awaited in
// one expression it does not escape, so it costs no allocation. Rejected: a pool of futures.
// A future that is used after completion could by then belong to another caller; so it
// returns ErrConsumed.
//
// How it waits depends on the caller of Await or Poll. A goroutine parks in the channel, as
// in package mpsc, and so does a function task, which releases its worker while it sleeps. A
// polled future takes a wait from its handle and returns it when nothing refers to it any
// more, so that in steady state polling does not allocate either.

// wait is what is queued in the channel for a future.
type wait[T any] = channel.Wait[T]

// phase is whether a future is pending, or why it is over.
type phase = once.Phase

const (
	pending  = once.Pending
	consumed = once.Consumed
	dropped  = once.Dropped
)

// need panics in the call that lacks an argument, not later in a poll.
func need(ok bool, mistake string) {
	if !ok {
		panic("async: " + mistake)
	}
}

// explore may run other tasks first, in a runtime with a seed (task.WithSeed).
func explore(ctx context.Context) {
	if host := park.Of(ctx); host != nil {
		host.Explore()
	}
}

var background = context.Background()

// isBackground reports whether ctx is context.Background, which never ends: no method of it
// has to be called, and so no lock to be released for that.
func isBackground(ctx context.Context) bool { return park.Same(ctx, background) }
