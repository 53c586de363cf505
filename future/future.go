package future

import (
	"context"

	"github.com/handoff-go/handoff/internal/discard"
)

// Waker is told that a future which was not ready should be polled again.
type Waker interface {
	// Wake may be called from any goroutine, any number of times, before, during and
	// after a poll; it does not block and does not poll by itself.
	Wake()
}

// Context is what a poll gets: the context it happens under and whom to wake. It
// is a context.Context, so a callback can hand it on; after the poll it is still
// valid as one.
//
// It comes from [NewContext] or [Context.Init]; one that is put together in any other way
// has no waker, and a poll with it panics.
//
// It holds one word pair and not two, for every task has one: whoever is both the
// context and the waker, as a task is, needs nothing else, and for others a bound
// joins them.
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

// NewContext makes a Context for those who poll by themselves: executors,
// combinators and tests.
func NewContext(ctx context.Context, w Waker) *Context {
	if w == nil {
		panic("future: a Context needs a waker")
	}
	own := new(ownContext)
	own.init(ctx, w)
	return &own.Context
}

// ownContext is a Context with what it consists of, for those who are not a
// context themselves.
type ownContext struct {
	Context

	bound bound
}

func (o *ownContext) init(ctx context.Context, w Waker) {
	o.bound = bound{plain(ctx), w}
	o.Context.Context = &o.bound
}

// plain is ctx without a waker that was bound to it: nobody asks for that one any
// more, and each would be a step for every look at the context.
func plain(ctx context.Context) context.Context {
	if b, ok := ctx.(*bound); ok {
		return b.Context
	}
	return ctx
}

// Init makes cx a Context of c, which is both the context of the poll and whom to
// wake: a [NewContext] that allocates nothing, for executors. It comes before the
// first use and happens once: whoever got the Context may keep it.
func (cx *Context) Init(c interface {
	context.Context
	Waker
},
) {
	cx.Context = c
}

// Waker returns whom to wake. A future that keeps it keeps the one of its latest
// poll only.
func (cx *Context) Waker() Waker {
	if b, ok := cx.Context.(*bound); ok {
		return b.waker
	}
	return cx.Context.(Waker) //nolint:forcetypeassert // Init saw to it
}

// Future is a value that may not be there yet. Nothing happens between polls on
// the future's own account: who wants the value polls, or lets [Await] or a task
// do it.
//
// The rules for those who implement one:
//
//   - Poll never blocks. If there is no result yet it returns ready = false and
//     has seen to it that the waker of cx is called, at least once, when it makes
//     sense to poll again. Only the waker of the latest poll counts, and it is
//     called at most once until the next.
//   - ready = true comes with the result, a value or an error, once. Afterwards Poll
//     returns [ErrConsumed]; after Drop, [ErrDropped]; both with ready = true.
//   - Drop says that nobody is interested any more: the future leaves every line it
//     stands in, passes on what it was promised, and drops the futures it is made
//     of. It may be called any number of times; after completion it does nothing.
//   - Poll and Drop are not called at the same time, and a future has one owner,
//     who may hand it on. To whoever it is passed, a combinator or [Await], owns it
//     from then on.
type Future[T any] interface {
	// Poll returns the result with ready = true, or has cx's waker called when there is
	// more to say.
	Poll(cx *Context) (v T, ready bool, err error)

	// Drop gives the future up. It may be called again, and never blocks.
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

// need panics where a mistake is made, and not where the future is polled, which is
// elsewhere and later.
func need(ok bool, mistake string) {
	if !ok {
		panic("future: " + mistake)
	}
}

// phase is where a combinator or a leaf stands.
type phase uint8

const (
	pending phase = iota
	consumed
	dropped
)

// over returns the error of a poll that comes too late, or nil.
func (p phase) over() error {
	switch p {
	case consumed:
		return ErrConsumed
	case dropped:
		return ErrDropped
	}
	return nil
}

// drop reports whether this is the Drop that counts.
func (p *phase) drop() bool {
	if *p != pending {
		return false
	}
	*p = dropped
	return true
}
