package future

import (
	"errors"

	"github.com/handoff-go/handoff/internal/errs"
)

var (
	// ErrConsumed is what Poll returns after it has returned a result: a future
	// completes once.
	ErrConsumed = errors.New("handoff: future used after completion")
	// ErrDropped is what Poll returns after Drop, and what a future returns whose
	// [Promise] was dropped.
	ErrDropped = errs.ErrDropped
	// ErrTimeout is what [Timeout] returns when the time is up. It has a method
	// Timeout that returns true, as net.Error wants it.
	ErrTimeout = errs.ErrTimeout
)
