package remote

import (
	"errors"
	"fmt"

	"github.com/handoff-go/handoff/async"
)

// The errors of package async, under the same conditions; they are the same values.
var (
	// ErrClosed: the channel was closed, or the other side disconnected and no message
	// is left.
	ErrClosed = async.ErrClosed
	// ErrFull is what TrySend reports when a bounded channel has no room.
	ErrFull = async.ErrFull
	// ErrEmpty is what TryRecv reports when there is nothing to receive yet.
	ErrEmpty = async.ErrEmpty
	// ErrDropped: this handle was dropped, or the connection it stands on was closed.
	ErrDropped = async.ErrDropped
)

// The errors that only a channel over a network has. Compare with [errors.Is]; the text
// says more, and often a cause is wrapped too.
var (
	// ErrUncertain: the call ended while the message was on its way, so that it may
	// have been stored. It comes together with the reason for the end.
	ErrUncertain = errors.New("remote: the message may have been stored")
	// ErrMismatch: this process and the one that made the channel disagree about it.
	ErrMismatch = errors.New("remote: the channel exists with other settings")
	// ErrName: this is no name for a channel.
	ErrName = errors.New("remote: invalid channel name")
	// ErrOption: an option or a capacity is out of its range.
	ErrOption = errors.New("remote: invalid option")
	// ErrTooLarge: the encoded message is larger than the server takes.
	ErrTooLarge = errors.New("remote: message too large")
	// ErrCodec: the value cannot be encoded, or the message not be decoded.
	ErrCodec = errors.New("remote: codec")
	// ErrDeleted: the stream under the channel was deleted, or there is none to join.
	ErrDeleted = errors.New("remote: the channel was deleted")
	// ErrStorage: the server cannot store: its disk is full, or a limit is reached.
	ErrStorage = errors.New("remote: the server cannot store the message")
	// ErrUnavailable: no server answers for the stream. It has lost its leader, or its
	// quorum, or the connection is down. Operations try again until their context ends,
	// and report it together with the context's error.
	ErrUnavailable = errors.New("remote: no answer from the stream: connection, leader or quorum lost")
	// ErrAuth: the server does not take these credentials, or not any more, or they do
	// not permit the operation.
	ErrAuth = errors.New("remote: not authorized")
	// ErrSettled: this delivery was acknowledged, returned or terminated before.
	ErrSettled = errors.New("remote: delivery settled already")
	// ErrConn: the connection was closed by [Conn.Close]. It matches ErrDropped.
	ErrConn = fmt.Errorf("remote: connection closed: %w", ErrDropped)
)

// SendError is the error of a send that failed, with the value in it: one type with
// that of packages mpsc and async.
type SendError[T any] = async.SendError[T]

func failed[T any](v T, err error) error { return &SendError[T]{Value: v, Err: err} }

// closedWith is the error of a channel that was closed with a cause.
type closedWith struct {
	cause error
	by    string
}

func (e *closedWith) Error() string {
	return fmt.Sprintf("%v by %s: %v", ErrClosed, e.by, e.cause)
}

func (e *closedWith) Unwrap() []error { return []error{ErrClosed, e.cause} }
