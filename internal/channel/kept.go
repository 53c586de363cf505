package channel

import (
	"sync/atomic"
	"unsafe"

	"github.com/handoff-go/handoff/internal/sched"
)

// kept is what a handle keeps for its next waits, so that a wait in steady state allocates
// nothing. It is made by the first wait and released by the Drop of the handle. Rejected: a
// process-wide pool, which would mix synctest bubbles, and keep memory after a burst.
type kept[T any] struct {
	sleepers sched.Pointer[sleeper[T]] // a stack; the tail lock is needed to take one
	waits    sched.Pointer[Wait[T]]    // a stack
	ready    sched.Pointer[Ready[T]]
}

// keptAndSleeper is the kept and the first sleeper of a handle, in one allocation.
type keptAndSleeper[T any] struct {
	kept[T]
	first sleeper[T]
}

const (
	// maxIdle and maxIdleBytes bound each stack of a handle, after many waits at once. A waiter
	// that is larger by itself, because its message is, is not kept.
	maxIdle      = 64
	maxIdleBytes = 16 << 10
)

// tooMany reports whether n things of that size are more than a handle keeps.
func tooMany(n int32, size uintptr) bool { return n > maxIdle || uintptr(n)*size > maxIdleBytes }

func (h *Handle[T]) keep() *kept[T] {
	if k := h.kept.Load(); k != nil {
		return k
	}
	// Several goroutines may use one sender, and its first waits may be at once.
	k := new(kept[T])
	if !h.kept.CompareAndSwap(nil, k) {
		if other := h.kept.Load(); other != nil {
			return other
		}
	}
	return k // if it is not the handle's, the handle was dropped
}

// Wait is the waiter of a future, with its channel and handle, which keeps it for reuse.
type Wait[T any] struct {
	Polled[T]

	C    *Chan[T]
	H    *Handle[T]
	Sent bool // the send was dropped after its value was taken

	next  *Wait[T]     // in the stack of idle ones
	depth atomic.Int32 // of the stack from here on; may be stale
}

// TakeWait returns an idle wait of h.
func (c *Chan[T]) TakeWait(h *Handle[T]) *Wait[T] {
	k := h.keep()
	// Polls hold no lock here, unlike takeSleeper, so a pop by compare-and-swap could mistake a
	// wait that was taken and put back for one that has stayed, and lose those that were below it
	// (ABA). So the whole stack is taken and the rest is put back.
	w := k.waits.Swap(nil)
	if w == nil {
		w = &Wait[T]{C: c, H: h}
		w.Init()
		return w
	}
	if rest := w.next; rest != nil {
		w.next = nil
		if !k.waits.CompareAndSwap(nil, rest) { // another wait was put back first: drop these
			for ; rest != nil; rest = rest.next {
				c.Forget(h, &rest.Polled)
			}
		}
	}
	return w
}

// PutWait returns a wait that has ended to its handle. If a Wake of it is still to come, it is
// left to the garbage collector instead.
func (c *Chan[T]) PutWait(w *Wait[T]) {
	h := w.H
	w.Clear()
	w.Sent = false
	k := h.kept.Load()
	if k == nil || !h.live() {
		return // its Drop has forgotten all waiters
	}
	// What is kept counts in bytes too: a message type may be large, and 64 of them would stay with
	// a handle that once had a burst.
	size := unsafe.Sizeof(*w)
	if w.Value.value != nil {
		size += unsafe.Sizeof(*w.Value.value)
	}
	for w.Idle() { // not while a Wake may still read its waker
		top := k.waits.Load()
		depth := int32(1)
		if top != nil {
			depth += top.depth.Load()
		}
		if tooMany(depth, size) {
			break
		}
		w.next = top
		if w.depth.Load() != depth { // usually it is the only one
			w.depth.Store(depth)
		}
		if k.waits.CompareAndSwap(top, w) {
			return
		}
	}
	w.next = nil
	c.Forget(h, &w.Polled)
}
