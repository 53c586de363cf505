package task

import (
	"context"
	"sync"
)

// inner is a context of package context that implements a task's context from the first call
// of Done on. It is derived from the context above the task, so a cancel of that one has
// ended it by the time it returns. Contexts derived from the task's context, also through
// contexts that only add values, register with inner: package context finds it by its Done
// and Value, needs no goroutine to watch the task, and ends the derived contexts before the
// cancel returns.
//
// The alternative was a channel of the task's own and an AfterFunc method for package
// context. Then the end of a context above arrives on a goroutine, some time after Err
// could report it, a context derived through WithValue costs a goroutine, and all of them
// end in an order that no seed decides.
type inner struct {
	context.Context

	cancel context.CancelCauseFunc
	link   *link // if the context above is not one of package context
}

// inner returns the inner context of t, or nil.
func (t *core) inner() *inner {
	if side := t.side.Load(); side != nil {
		return side.inner.Load()
	}
	return nil
}

// err returns why the inner context of t has ended, or nil. Where the end of t is
// recorded but was not yet passed on, it does that: no order of reads shows a state with
// an end and an open Done.
func (in *inner) err(t *core) error {
	if err := in.Err(); err != nil {
		return err
	}
	if !t.has(ends) {
		return nil
	}
	t.endInner()
	return in.Err()
}

// endInner ends the inner context of t, for the reason in its state. It may be called any
// number of times. Called without a lock: the context above may be user code.
func (t *core) endInner() {
	in := t.inner()
	if in == nil {
		return
	}
	s := t.state.Load()
	if in.link != nil && s&byAbove != 0 {
		in.link.end()
	}
	in.cancel(causeOfEnd(s)) // does nothing where the end came from above
}

// makeInner gives t an inner context, unless its end was recorded first.
func (t *core) makeInner() {
	in := new(inner)
	above := t.base
	if !native(above) {
		in.link = &link{Context: above, t: t}
		above = in.link
	}
	in.Context, in.cancel = context.WithCancelCause(above)
	rt := t.rt
	rt.mu.Lock()
	t.ensureInTreeLocked()
	// A cancel and a return are recorded under the lock too. Otherwise Err could report
	// one of them, and then this context, made before, end by a deadline above. The end of
	// the context above may be recorded at any time: an inner one ends with it.
	published := !t.has(ends) && t.ensureSide().inner.CompareAndSwap(nil, in)
	rt.mu.Unlock()
	switch {
	case !published:
		in.cancel(nil)
	case in.link != nil:
		t.subscribe()
	}
}

// native reports whether package context ends what is derived from ctx before the cancel
// function of ctx returns. It asks as package context does.
func native(ctx context.Context) bool {
	done := ctx.Done()
	if done == nil {
		return true // never ends
	}
	c, ok := ctx.Value(cancelKey).(context.Context)
	return ok && c.Done() == done
}

// link stands between an inner context and a context above that has a Done of its own, not
// one of package context. Package context registers with the link instead of starting a
// goroutine for the context above: the runtime is registered there already, once for all
// tasks (see source), and ends the inner contexts itself, with the error of that context.
type link struct {
	context.Context // above

	t   *core
	end func() // by AfterFunc, before the inner context is published
}

// open is the Done of a link. No goroutine waits for it.
var open = make(chan struct{})

func (*link) Done() <-chan struct{} { return open }

// Err is asked when the inner context ends with the context above.
func (l *link) Err() error { return errOf(l.t.state.Load()) }

// AfterFunc is what package context calls to register.
func (l *link) AfterFunc(f func()) (stop func() bool) {
	l.end = f
	return func() bool { return false }
}

// cancelKey is the key by which package context finds its own context behind another one:
// how it registers there without a goroutine, and how context.Cause works. The key is not
// exported, so it is taken from the call of Value that Cause makes. If Cause did not make it,
// all contexts above would count as foreign, which would only cost goroutines.
var cancelKey any = unknownKey{}

type unknownKey struct{}

// returned, stoppedByCancel and stoppedByShutdown stand for tasks that ended without an
// inner context, where context.Cause asks for one.
var returned, stoppedByCancel, stoppedByShutdown context.Context

// findCancelKey is called by New and not by an init function, so that importing the package costs
// nothing.
var findCancelKey = sync.OnceFunc(func() {
	a := asked{Context: context.Background()}
	_ = context.Cause(&a)
	if a.key != nil {
		cancelKey = a.key
	}
	ended := func(cause error) context.Context {
		ctx, cancel := context.WithCancelCause(context.Background())
		cancel(cause)
		return ctx
	}
	returned, stoppedByCancel, stoppedByShutdown = ended(nil), ended(ErrCancelled), ended(ErrShutdown)
})

type asked struct {
	context.Context

	key any
}

func (*asked) Err() error { return context.Canceled }

func (a *asked) Value(key any) any {
	a.key = key
	return nil
}

// cancelCtx answers cancelKey.
func (t *core) cancelCtx() any {
	if in := t.inner(); in != nil {
		return in.Value(cancelKey)
	}
	s := t.state.Load()
	switch {
	case s&ends == 0 || s&byAbove != 0:
		return t.base.Value(cancelKey)
	case s&byCancel != 0:
		return stoppedByCancel
	case s&byShutdown != 0:
		return stoppedByShutdown
	}
	return returned
}
