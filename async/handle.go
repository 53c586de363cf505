package async

import (
	"fmt"
	"math"

	"github.com/handoff-go/handoff/internal/channel"
)

// handle is what senders and receivers share. The zero value is a dropped handle of
// no channel.
type handle[T any] struct {
	noCopy noCopy
	c      *channel.Chan[T]
	h      channel.Handle[T]
}

// live reports whether the handle was not dropped.
func (s *handle[T]) live() bool { return s.h.State.Load() == channel.Live || s.c.Uses(&s.h) }

// Close closes the channel for all handles: from now on every send fails, waiting ones
// included, and returns its value. Buffered messages can still be received, and so can
// messages sent through permits that were granted before; then receives fail with
// [ErrClosed]. It reports whether this call closed the channel, which the last Drop of
// either side does too; a dropped handle closes nothing. It never blocks.
//
// There is no need to close a channel: dropping the handles does it.
func (s *handle[T]) Close() bool { return s.CloseCause(nil) }

// CloseCause is [Sender.Close] with a reason: sends and receives then fail with errors
// that match both [ErrClosed] and cause under [errors.Is]. With a nil cause it is Close.
// If the channel was closed before, the earlier cause, or its absence, stands.
func (s *handle[T]) CloseCause(cause error) bool { return s.c != nil && s.c.Close(&s.h, cause) }

// Cause returns why the channel is closed: what was passed to CloseCause, as it is, or
// [ErrClosed] if there is no such reason. It is nil while the channel is open.
func (s *handle[T]) Cause() error {
	if s.c == nil {
		return ErrClosed
	}
	return s.c.Cause()
}

// IsClosed reports whether sends are over: the channel was closed, the last sender
// was dropped or the last receiver. There may be messages left to receive, and permits
// outstanding. False may be outdated at once; only a send is conclusive.
func (s *handle[T]) IsClosed() bool { return s.c == nil || s.c.Closed() }

// Len returns how many messages are buffered. While others send or receive it is a
// snapshot, but every send and receive that has returned is counted. It may wait briefly for
// an operation that holds a lock.
func (s *handle[T]) Len() int {
	if s.c == nil {
		return 0
	}
	return s.c.Len()
}

// IsEmpty reports whether Len is 0. On a rendezvous channel it always is.
func (s *handle[T]) IsEmpty() bool { return s.Len() == 0 }

// IsFull reports whether there is no free slot, so that a TrySend would fail unless a
// goroutine is parked in a receive: slots that are reserved, and those that waiting sends
// and reservations will get, are not free. A rendezvous channel is always full, an
// unbounded one never.
func (s *handle[T]) IsFull() bool { return s.Available() == 0 }

// Available returns how many slots are free in the sense of IsFull: how many TrySends
// would succeed now, parked receives aside. It is [math.MaxInt] for an unbounded channel. It takes the
// senders' lock for a moment.
func (s *handle[T]) Available() int {
	if s.c == nil {
		return 0
	}
	return s.c.Room()
}

// Capacity returns how many messages the channel can buffer, or (math.MaxInt, false)
// if there is no bound.
func (s *handle[T]) Capacity() (n int, bounded bool) {
	if s.c == nil {
		return 0, true
	}
	if n, bounded = s.c.Cap(); !bounded {
		n = math.MaxInt
	}
	return n, bounded
}

// SenderCount returns how many sender handles are live at this moment. Weak ones and
// permits do not count. It takes the senders' lock for a moment.
func (s *handle[T]) SenderCount() int {
	n, _ := s.counts()
	return n
}

// ReceiverCount returns how many receiver handles are live at this moment. Weak ones
// do not count. It takes the senders' lock for a moment.
func (s *handle[T]) ReceiverCount() int {
	_, n := s.counts()
	return n
}

func (s *handle[T]) counts() (senders, receivers int) {
	if s.c == nil {
		return 0, 0
	}
	return s.c.Counts()
}

// describe prints a handle.
func (s *handle[T]) describe(kind string) string {
	if s.c == nil {
		return kind + "(zero value)"
	}
	room := "unbounded"
	if n, bounded := s.c.Cap(); bounded {
		room = fmt.Sprintf("capacity %d", n)
	}
	senders, receivers := s.c.Counts()
	if name := s.c.Name(); name != "" {
		kind += fmt.Sprintf(" %q", name)
	}
	text := fmt.Sprintf("%s(buffered %d, %s, senders %d, receivers %d", kind, s.c.Len(), room, senders, receivers)
	if s.c.Closed() {
		text += ", closed"
	}
	if !s.live() {
		text += ", dropped"
	}
	return text + ")"
}

// noCopy makes go vet report copies of a handle. A copy would have to be dropped
// separately from its original.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}
