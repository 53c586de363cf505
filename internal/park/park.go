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
	// context. It may return spuriously. It reports whether done was closed or that context
	// has ended. on is what the task waits for, for Dump and package observe.
	Suspend(own bool, done <-chan struct{}, on any) (ended bool)
	// Hears reports whether ctx is the host's own context, whose end Suspend notices
	// without ctx.Done, which costs a channel.
	Hears(ctx context.Context) bool
	// Listen subscribes the task to the end of its own context, which then ends Suspend. It may
	// call methods of foreign contexts, so call it before acquiring anything that needs cleanup.
	Listen()
	// Resume ends Suspend. It may be called from anywhere, any number of times, also
	// before Suspend, which then returns at once.
	Resume()
	// Explore may let other tasks run first, where a seed decides the order.
	Explore()
}

// Finder is the value of a context of a runtime for [Key].
type Finder interface {
	// Here returns the task that the calling goroutine runs, or nil if it runs none of that
	// runtime or is in a poll: then it parks by itself. The result depends on the goroutine,
	// not on the context, so a helper goroutine that waits under the context of a task neither
	// releases the slot of that task nor acquires one.
	Here() Host
}

type key struct{}

// Key is the key for which a context of a runtime, and so that of a task, has a Finder as value.
var Key any = key{}

// Of returns the host for a wait of the calling goroutine under ctx, or nil. Every wait calls
// it first, so it is where a nil context panics with a message, as in package context.
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

// Exploring counts the runtimes that have a seed. While it is 0, a call that does not wait
// need not look up its host, because Explore would do nothing.
var Exploring atomic.Int32
