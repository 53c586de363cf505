package future

import "github.com/handoff-go/handoff/internal/errs"

var (
	// ErrConsumed is what Poll returns after it has returned a result: a future
	// completes once. Await of a future that was awaited returns it too.
	ErrConsumed = errs.ErrConsumed
	// ErrDropped is returned by a Poll after Drop, by the future of a [Promise] that was
	// dropped, and by the handle of a task after its Drop. It is the ErrDropped of packages
	// mpsc and async.
	ErrDropped = errs.ErrDropped
	// ErrTimeout is what [Timeout] returns when the time is up. It has a method Timeout
	// that returns true, as that of [net.Error]. It is mpsc.ErrTimeout.
	ErrTimeout = errs.ErrTimeout
	// ErrGoexit is the result that [Chan] sends for a future that ended its goroutine with
	// runtime.Goexit. It is task.ErrGoexit.
	ErrGoexit = errs.ErrGoexit
)
