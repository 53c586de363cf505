package task

import (
	"context"
	"fmt"

	"github.com/handoff-go/handoff/internal/errs"
)

// ended is an error that also is context.Canceled.
type ended string

func (e ended) Error() string      { return string(e) }
func (ended) Is(target error) bool { return target == context.Canceled }

var (
	// ErrCancelled is the result of a task that was cancelled before it could return:
	// by Cancel, or by the end of the context it was spawned under. It matches
	// context.Canceled.
	ErrCancelled error = ended("task: cancelled")
	// ErrShutdown is the result of a task that was not started before the Shutdown of its
	// runtime, or was spawned after it. It matches context.Canceled.
	ErrShutdown error = ended("task: runtime shut down")
	// ErrGoexit is the result of a task that ended by runtime.Goexit, as t.FailNow
	// does. It is future.ErrGoexit.
	ErrGoexit = errs.ErrGoexit
)

// PanicError is the result of a task that panicked. Await returns the *PanicError and does
// not panic itself.
type PanicError struct {
	Value any    // what the task panicked with
	Stack []byte // of the goroutine at the panic, as from debug.Stack
}

// Error returns a text with the value, but without the stack.
func (e *PanicError) Error() string { return fmt.Sprintf("task: panicked: %v", e.Value) }

// Unwrap returns the value if it is an error, and nil otherwise.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}
