// Package errs holds the error values that all packages of the module share,
// so that one errors.Is serves blocking channels, awaitable channels and
// futures alike. Each face re-exports what belongs to its vocabulary.
package errs

import "errors"

var (
	// ErrDisconnected: the other side disconnected, or the channel was closed. The text
	// serves both faces: a Rust channel whose other side disconnected is "closed" too.
	ErrDisconnected = errors.New("handoff: channel closed")
	// ErrFull: no free slot (capacity 0: no receiver is waiting in a call).
	ErrFull = errors.New("handoff: channel full")
	// ErrEmpty: nothing to receive now.
	ErrEmpty = errors.New("handoff: channel empty")
	// ErrTimeout: the deadline passed first.
	ErrTimeout error = timeoutError{}
	// ErrDropped: the handle itself was dropped.
	ErrDropped = errors.New("handoff: handle dropped")
	// ErrConsumed: a future was used after it has returned its result.
	ErrConsumed = errors.New("future: used after completion")
	// ErrCapacity: a reservation of slots that there will never be.
	ErrCapacity = errors.New("handoff: reservation of more slots than the channel has")
	// ErrGoexit: the code that should have returned a result called runtime.Goexit.
	ErrGoexit = errors.New("handoff: runtime.Goexit was called")
)

// timeoutError answers Timeout() like the errors of package net, so that code
// that sorts errors by that method needs no special case.
type timeoutError struct{}

func (timeoutError) Error() string   { return "handoff: timed out" }
func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return true }
