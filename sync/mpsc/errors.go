package mpsc

import (
	"fmt"

	"github.com/handoff-go/handoff/internal/errs"
)

// The errors of this package. Compare with [errors.Is]: a failed send wraps them in a
// [SendError], and a channel with a name ([Named]) in an error that has the name in its text.
var (
	// ErrDisconnected: the other side was dropped. From a send: the receiver was dropped,
	// nothing will ever be received. From a receive: every sender was dropped and all
	// their messages have been received. Its text says that the channel is closed, as
	// Rust's does.
	ErrDisconnected = errs.ErrDisconnected

	// ErrFull is what TrySend reports when a send would have to wait. On a
	// rendezvous channel: no goroutine is waiting in a receive call.
	ErrFull = errs.ErrFull

	// ErrEmpty is what TryRecv reports when there is nothing to receive yet.
	ErrEmpty = errs.ErrEmpty

	// ErrTimeout is what an operation with a timeout or a deadline reports when that
	// passed first. It has a method Timeout() bool that returns true, as [net.Error]
	// wants it.
	ErrTimeout = errs.ErrTimeout

	// ErrDropped: this very handle was dropped, before the call or during it. The zero
	// value of a handle reports it too.
	ErrDropped = errs.ErrDropped
)

// SendError is the error of a send that failed. It carries the value back, which
// was not sent and never will be.
//
//	if failed, ok := errors.AsType[*mpsc.SendError[Order]](err); ok {
//	    retry(failed.Value)
//	}
type SendError[T any] struct {
	Value T     // what was to be sent
	Err   error // why it was not
}

// Error describes the reason. It does not print the value, which may be large
// or secret.
func (e *SendError[T]) Error() string { return fmt.Sprintf("send: %v", e.Err) }

// Unwrap returns Err.
func (e *SendError[T]) Unwrap() error { return e.Err }

// failed wraps the error of a send of v.
func failed[T any](v T, err error) error { return &SendError[T]{Value: v, Err: err} }
