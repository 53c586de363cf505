// Package park is the seam between waits and the scheduler of tasks: how a goroutine
// that has to wait finds the task that it runs, and releases that task's slot.
//
// It exists so that package future can wait inside a task without importing the
// runtime that runs the task.
package park

import (
	"context"
	"sync/atomic"
	"unsafe"
)

// Host is the task that the calling goroutine runs: the innermost one, if a task runs
// another one on its own goroutine. Only that goroutine calls Suspend, Listen and
// Explore, so a host serves one wait at a time and needs no reservation.
type Host interface {
	// Suspend releases the slot of the task and returns, with a slot again, after
	// Resume, after done is closed or, if own is set, after the end of the host's own
	// context. It may return early for no reason, and reports whether the end was it.
	// on is what the task waits for, for Dump and package observe.
	Suspend(own bool, done <-chan struct{}, on any) (ended bool)
	// Hears reports whether ctx is the host's own context, whose end Suspend notices
	// without ctx.Done, which costs a channel.
	Hears(ctx context.Context) bool
	// Listen has the end of the host's own context end Suspend from now on. It may call
	// user contexts, so it comes before there is anything to clean up.
	Listen()
	// Resume ends Suspend. It may be called from anywhere, any number of times, also
	// before Suspend, which then returns at once.
	Resume()
	// Explore may let other tasks run first, where a seed decides the order.
	Explore()
}

// Finder is what a context of a runtime answers under [Key].
type Finder interface {
	// Here returns the host that the calling goroutine is, or nil: a goroutine that runs
	// no task of that runtime, or that polls one, waits by itself. The answer depends on
	// the goroutine and not on the context, so a helper goroutine that waits under the
	// context of a task neither releases the slot of that task nor acquires one.
	Here() Host
}

type key struct{}

// Key is what a context of a runtime, and so the context of a task, answers with a
// Finder.
var Key any = key{}

// Of returns the host that waits on the calling goroutine under ctx use, or nil. Each
// wait comes here first, so here a nil context is refused in words, as package context
// does.
func Of(ctx context.Context) Host {
	if ctx == nil {
		panic("handoff: nil context")
	}
	if f, ok := ctx.Value(Key).(Finder); ok {
		return f.Here()
	}
	return nil
}

// Same compares contexts without the panic of == at types that cannot be compared.
// Equal words are the same value; equal values in different places, which are rare,
// count as different.
func Same(a, b context.Context) bool {
	return *(*[2]uintptr)(unsafe.Pointer(&a)) == *(*[2]uintptr)(unsafe.Pointer(&b))
}

// Exploring counts the runtimes that follow a seed. While it is 0, a call that does not
// wait needs no host, because Explore does nothing.
var Exploring atomic.Int32
