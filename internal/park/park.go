// Package park is the seam between those who wait and those who schedule: how a
// goroutine that has to wait finds the task it runs in, and gives its turn away.
//
// It exists so that package future can wait inside a task without importing the
// runtime that runs the task.
package park

import (
	"context"
	"sync/atomic"
	"unsafe"
)

// Host is the function task a goroutine runs in. One wait at a time may use it.
type Host interface {
	// Claim reserves the host for one wait and reports whether it could. It
	// cannot when another goroutine already waits under the same context, or when
	// the task is over; then the goroutine waits by itself, like any other.
	Claim() bool
	// Suspend gives the turn away and returns, with a turn again, after Resume, after
	// done is closed or, if own is set, after the end of the host's own context. It
	// may return early for no reason, and reports whether the end was it. on is what
	// the task waits for, for those who look at it.
	Suspend(own bool, done <-chan struct{}, on any) (ended bool)
	// Hears reports whether ctx is the host's own context, whose end Suspend notices
	// without ctx.Done, which costs a channel.
	Hears(ctx context.Context) bool
	// Listen has the host hear of the end of its own context from now on. That may call
	// contexts of others, so it comes before there is anything to clean up.
	Listen()
	// Resume ends Suspend. It may be called from anywhere, any number of times, also
	// before Suspend, which then returns at once.
	Resume()
	// Unclaim ends what Claim began.
	Unclaim()
	// Explore may let others go first, where a seed decides the order of things.
	Explore()
}

type key struct{}

// Key is what a task's context answers with the Host, if it has one.
var Key any = key{}

// Of returns the host under ctx, or nil. Whoever is about to wait comes here, so here a
// nil context is refused in words, as package context does.
func Of(ctx context.Context) Host {
	if ctx == nil {
		panic("handoff: nil context")
	}
	h, _ := ctx.Value(Key).(Host)
	return h
}

// Same compares contexts without the panic of == at types that cannot be compared.
// Equal words are the same value; equal values in different places, which are rare,
// count as different.
func Same(a, b context.Context) bool {
	return *(*[2]uintptr)(unsafe.Pointer(&a)) == *(*[2]uintptr)(unsafe.Pointer(&b))
}

// Exploring counts the runtimes that follow a seed. While it is 0, nobody has to
// look for a host just to call Explore.
var Exploring atomic.Int32
