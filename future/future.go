package future

import (
	"context"

	"github.com/handoff-go/handoff/internal/discard"
	"github.com/handoff-go/handoff/internal/once"
)

// Waker is notified when a future that was not ready should be polled again.
type Waker interface {
	// Wake requests another poll. It may be called from any goroutine, any number of times,
	// before, during and after a poll. It must not block and must not poll.
	Wake()
}

// Context is the argument of a poll: its context.Context and its waker. It is itself a
// context.Context, so a callback can pass it on; as one it stays valid after the poll.
//
// It comes from [NewContext] or [Context.Init]; one that is made in any other way has no
// waker, and a poll with it panics.
//
// It holds one interface and not two, because every task has a Context: a task is both the
// context and the waker. For others a bound combines the two.
type Context struct {
	context.Context
}

// bound is a context that is also a waker.
type bound struct {
	context.Context

	waker Waker
}

// Wake implements [Waker].
func (b *bound) Wake() { b.waker.Wake() }

// NewContext returns a Context with ctx and waker w, for code that polls: executors,
// combinators and tests. It panics if w is nil.
func NewContext(ctx context.Context, w Waker) *Context {
	if w == nil {
		panic("future: a Context needs a waker")
	}
	own := new(ownContext)
	own.init(ctx, w)
	return &own.Context
}

// ownContext is a Context together with its bound, to be embedded without an allocation.
type ownContext struct {
	Context

	bound bound
}

func (o *ownContext) init(ctx context.Context, w Waker) {
	o.bound = bound{plain(ctx), w}
	o.Context.Context = &o.bound
}

// plain returns ctx without the waker that was bound to it, which is not used any more.
// Without plain each nested poll would add a level to every call of a method of ctx.
func plain(ctx context.Context) context.Context {
	if b, ok := ctx.(*bound); ok {
		return b.Context
	}
	return ctx
}

// Init makes cx a Context of c, which is both the context of the poll and its waker. It is a
// [NewContext] that allocates nothing, for executors. Call it once, before the first use,
// because a future that got cx may keep it.
func (cx *Context) Init(c interface {
	context.Context
	Waker
},
) {
	cx.Context = c
}

// Waker returns the waker of the poll. A future that is not ready keeps that of its latest
// poll only.
func (cx *Context) Waker() Waker {
	if b, ok := cx.Context.(*bound); ok {
		return b.waker
	}
	return cx.Context.(Waker) //nolint:forcetypeassert // Init accepts only a Waker
}

// Future is a value that may not be available yet. It makes progress only in a poll: its
// owner polls it, or passes it to [Await], a combinator or a task.
//
// The rules for implementations:
//
//   - Poll never blocks. If there is no result yet it returns ready = false and
//     arranges that the waker of cx is called once when another poll may make
//     progress. Only the waker of the latest poll has to be called.
//   - ready = true comes with the result, a value or an error, once. Afterwards Poll
//     returns [ErrConsumed]; after Drop, [ErrDropped]; both with ready = true.
//   - Drop cancels the future: it leaves every wait queue, passes on a notification
//     that it holds, and drops the futures it is made of. It may be called any number
//     of times; after completion it does nothing.
//   - Poll and Drop are not called concurrently, and a future has one owner at a time.
//     Passing it to a combinator or to [Await] transfers ownership.
//   - A value that a dropped future has received and not returned is discarded: its
//     Discarded is called if it is a Discarder (see package mpsc).
type Future[T any] interface {
	// Poll returns the result with ready = true or, with ready = false, arranges a call of
	// cx's waker. It never blocks.
	Poll(cx *Context) (v T, ready bool, err error)

	// Drop cancels the future. It may be called again, and never blocks.
	Drop()
}

// Result is the result of a future: what Await returns, in one value.
type Result[T any] struct {
	Value T     // the zero value beside most errors
	Err   error // nil if there is a value
}

// Discarded implements the Discarder of the channels' packages: it discards the value, if
// there is one.
func (r Result[T]) Discarded() {
	if r.Err == nil {
		discard.Value(r.Value)
	}
}

// need panics in the call that makes the mistake, not later where the future is polled.
func need(ok bool, mistake string) {
	if !ok {
		panic("future: " + mistake)
	}
}

// phase is whether a combinator or a leaf is pending, or why it is over.
type phase = once.Phase

const (
	pending  = once.Pending
	consumed = once.Consumed
	dropped  = once.Dropped
)
