package async

import (
	"github.com/handoff-go/handoff/internal/errs"
	"github.com/handoff-go/handoff/sync/mpsc"
)

// The errors of this package. Compare with [errors.Is]: a failed send wraps them in a
// [SendError], a channel that was closed with a cause wraps [ErrClosed] together
// with it, and a channel with a name ([Named]) wraps them in an error that has the name in its text. Those that package mpsc has too are the same values.
var (
	// ErrClosed: the channel has ended. From a send: nothing can be sent any more,
	// because the channel was closed or the last receiver dropped. From a receive: it
	// was closed or the last sender dropped, and everything sent has been received. It
	// is mpsc.ErrDisconnected.
	ErrClosed = errs.ErrDisconnected

	// ErrFull is what TrySend reports when a send would have to wait. On a rendezvous
	// channel: no goroutine is waiting in a receive call.
	ErrFull = errs.ErrFull

	// ErrEmpty is what TryRecv reports when there is nothing to receive yet.
	ErrEmpty = errs.ErrEmpty

	// ErrDropped: this very handle was dropped, before the call or during it, or this
	// future or permit.
	ErrDropped = errs.ErrDropped

	// ErrCapacity is what a reservation of more slots than the channel has reports: it
	// would wait for ever. An unbounded channel has 1<<60 for all reservations together.
	ErrCapacity = errs.ErrCapacity
)

// SendError is the error of a send that failed. It carries the value back, which was
// not sent and never will be. It is one type with that of package mpsc.
//
//	if failed, ok := errors.AsType[*async.SendError[Order]](err); ok {
//	    retry(failed.Value)
//	}
type SendError[T any] = mpsc.SendError[T]

// failed wraps the error of a send of v.
func failed[T any](v T, err error) error { return &SendError[T]{Value: v, Err: err} }
