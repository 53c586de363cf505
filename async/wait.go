package async

import (
	"context"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/channel"
	"github.com/handoff-go/handoff/internal/park"
)

// A future of this package is a thin value: a handle and what is to be done. Made and
// awaited in one expression it never leaves the stack, so that costs no allocation and
// no pool, and a future that is used twice is its owner's mistake alone and is
// noticed.
//
// What it needs to wait depends on who waits. A goroutine parks in the channel, as in
// package mpsc, and so does a function task, whose sleep gives its worker away. Polled,
// it takes a wait from its handle and gives it back when nobody refers to it any more,
// so that in steady state these allocate nothing either.

// wait is what is queued in the channel for a future.
type wait[T any] = channel.Wait[T]

// phase is where a future stands.
type phase uint8

const (
	pending phase = iota
	consumed
	dropped
)

// overOf is over of a future that a user may have as a zero value, which has no handle and
// is as good as dropped. A phase of its own for that would be a store in each future, and
// cost a third of a nanosecond; a look at the handle costs a third of that.
func (p phase) overOf(made bool) error {
	if p == pending && !made {
		return ErrDropped
	}
	return p.over()
}

// over returns the error of a poll that comes too late, or nil.
func (p phase) over() error {
	switch p {
	case consumed:
		return future.ErrConsumed
	case dropped:
		return ErrDropped
	}
	return nil
}

// need panics where something is missing without which a future could only fail later.
func need(ok bool, mistake string) {
	if !ok {
		panic("async: " + mistake)
	}
}

// explore lets others go first where a seed decides the order of things.
func explore(ctx context.Context) {
	if host := park.Of(ctx); host != nil {
		host.Explore()
	}
}

var background = context.Background()

// isBackground reports whether ctx is the context that says nothing, which may be asked
// under a lock.
func isBackground(ctx context.Context) bool { return park.Same(ctx, background) }
