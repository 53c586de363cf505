// Package once has what may happen once only: a future is over, a waker is called, a native
// channel is closed.
package once

import "github.com/handoff-go/handoff/internal/errs"

// Phase is whether a future is pending, or why it is over.
type Phase uint8

// The phases of a future.
const (
	Pending Phase = iota
	Consumed
	Dropped
)

// Over returns the error of a poll after completion or Drop, or nil while pending.
func (p Phase) Over() error {
	switch p {
	case Consumed:
		return errs.ErrConsumed
	case Dropped:
		return errs.ErrDropped
	}
	return nil
}

// OverOf is Over for a future whose zero value a user can have: without a handle, and so not
// made, it counts as dropped. A phase of its own for that would be a store in each future
// that costs a third of a nanosecond; comparing the handle with nil costs a third of that.
func (p Phase) OverOf(made bool) error {
	if p == Pending && !made {
		return errs.ErrDropped
	}
	return p.Over()
}

// Drop marks p dropped and reports whether it was pending: later calls do nothing.
func (p *Phase) Drop() bool {
	if *p != Pending {
		return false
	}
	*p = Dropped
	return true
}
