package once

import (
	_ "sync" // its methods are inlined only where it is imported; see package sched

	"github.com/handoff-go/handoff/internal/sched"
)

// Waker passes one wake on for each [Waker.Set], from whichever of several sources it comes. The
// zero value passes none on.
type Waker struct {
	mu     sched.Mutex
	target interface{ Wake() } // until it is woken
}

// Set makes the next Wake wake target, which may be nil.
func (w *Waker) Set(target interface{ Wake() }) {
	w.mu.Lock()
	w.target = target
	w.mu.Unlock()
}

// Wake wakes the target, unless that was woken since it was set. It calls it without a lock.
func (w *Waker) Wake() {
	w.mu.Lock()
	target := w.target
	w.target = nil
	w.mu.Unlock()
	if target != nil {
		target.Wake()
	}
}
