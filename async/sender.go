package async

import (
	"errors"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/channel"
	"github.com/handoff-go/handoff/internal/leak"
	"github.com/handoff-go/handoff/internal/once"
)

// Sender sends into a channel made by [Bounded] or [Unbounded]. It may be used by
// several goroutines at once. The channel closes when the last sender is dropped, so a
// long-lived producer should have a [Sender.Clone] of its own and drop it when it is done.
//
// Sends and reservations that wait for room share one FIFO wait queue. A waiting send
// offers its value: the receive that frees a slot takes the oldest offer, and from that
// moment on it is sent, whatever happens to the sender.
//
// A Sender must not be copied. The zero value behaves like a dropped one.
type Sender[T any] struct{ handle[T] }

// Send returns a future that sends v. Nothing happens before it is awaited or polled.
// See [SendFuture.Await].
//
//	err := tx.Send(v).Await(ctx)
func (s *Sender[T]) Send(v T) *SendFuture[T] {
	_ = s.c // a nil handle panics here, not in the poll: tx == nil means a zero future there
	return &SendFuture[T]{tx: s, value: v}
}

// SendMany returns a future that sends vs in order. vs must not change until the future is
// complete or dropped. See [SendManyFuture.Await].
func (s *Sender[T]) SendMany(vs []T) *SendManyFuture[T] {
	_ = s.c // as in Send
	return &SendManyFuture[T]{tx: s, vs: vs}
}

// SendBlocking sends v and parks the goroutine while the channel is full. It fails as
// [SendFuture.Await] does; only the close of the channel or the Drop of this handle cancels
// the wait. It is for goroutines outside of tasks: a task that calls it holds its worker
// while it waits.
func (s *Sender[T]) SendBlocking(v T) error {
	if s.h.State.Load() != channel.Live {
		if err := s.c.Use(&s.h); err != nil {
			return failed(v, err)
		}
	}
	if err := s.sendBlocking(v); err != nil {
		return failed(v, err)
	}
	return nil
}

// sendBlocking is SendBlocking whose error has no value.
func (s *Sender[T]) sendBlocking(v T) error {
	if s.c.Push(v) {
		return nil
	}
	wait, err := s.c.SendOrWait(&s.h, v)
	if wait.Begun() {
		wait.Wait()
		err = s.c.SendAfter(&s.h, wait)
	}
	return err
}

// TrySend sends v if that is possible without waiting. It never blocks.
//
// It fails with a [*SendError] that carries v: [ErrClosed] or [ErrDropped] as a Send does,
// which take precedence, or [ErrFull]. A slot that is reserved, or that a waiting send will
// get, is not free. A goroutine that is parked in a receive call while nothing is buffered
// is handed the message without a slot. On a rendezvous channel TrySend succeeds only with
// such a goroutine: a polled receive is only notified, and cannot be handed a message.
func (s *Sender[T]) TrySend(v T) error {
	if s.h.State.Load() != channel.Live {
		if err := s.c.Use(&s.h); err != nil {
			return failed(v, err)
		}
	}
	if s.c.Push(v) {
		return nil
	}
	if err := s.c.TrySend(&s.h, v); err != nil {
		return failed(v, err)
	}
	return nil
}

// ForceSend sends v without waiting, ahead of sends and reservations that wait. If no slot
// is free, it evicts the oldest message and returns that as evicted, with replaced true.
// It never blocks.
//
// It fails with a [*SendError] that carries v: [ErrClosed] and [ErrDropped] as a Send
// does, then [errors.ErrUnsupported] on a rendezvous channel, and [ErrFull] if every
// slot is reserved.
func (s *Sender[T]) ForceSend(v T) (evicted T, replaced bool, err error) {
	if err = s.slotError(); err == nil {
		evicted, replaced, err = s.c.ForceSend(&s.h, v)
	}
	if err != nil {
		err = failed(v, err)
	}
	return evicted, replaced, err
}

// slotError returns the error of an operation that needs a slot, or nil if it may try.
func (s *Sender[T]) slotError() error {
	switch {
	case !s.live():
		return s.c.Named(ErrDropped)
	case s.c.Closed():
		return s.c.CloseError()
	}
	if n, bounded := s.c.Cap(); bounded && n == 0 {
		return errors.ErrUnsupported
	}
	return nil
}

// Closed returns a future that is ready when the channel is closed: by Close, by the
// Drop of the last receiver or sender. It fails with [ErrDropped] if this handle is
// dropped first. It may be called any number of times: a closed channel stays closed.
func (s *Sender[T]) Closed() future.Future[struct{}] { return &closedFuture[T]{tx: s} }

// Done returns a channel that is closed when the channel is closed in any way, for use in a
// select: a producer that waits for something else is notified that its sends would fail.
// All calls on all handles of a channel return the same one, which the first call makes.
func (s *Sender[T]) Done() <-chan struct{} {
	s.live() // notes the caller, if the handle is watched
	if s.c == nil {
		return once.Closed
	}
	return s.c.Done()
}

// Clone returns another handle to the channel, which needs a Drop of its own. The clone of a
// dropped handle is dropped too. It costs one allocation and never blocks.
func (s *Sender[T]) Clone() *Sender[T] {
	clone := new(Sender[T])
	if s.c != nil {
		clone.c = s.c
		s.c.CloneSender(&s.h, &clone.h)
		if leak.On() {
			s.c.TrackSender(&clone.h, &s.h, "async.Sender")
		}
	}
	return clone
}

// Drop ends this handle: sends and reservations that wait through it, in other
// goroutines or as futures, fail with [ErrDropped]; a failed send returns its value. The
// last sender's Drop closes the channel: receivers still receive the messages sent before
// and those sent through outstanding permits.
//
// Drop may be called any number of times, from any goroutine, and never blocks. Every
// handle needs one; the usual place is a defer right where the goroutine that owns
// it begins.
func (s *Sender[T]) Drop() {
	if s.c != nil {
		s.c.DropSender(&s.h)
	}
}

// SameChannel reports whether both handles send into one channel. It is false if o is
// nil.
func (s *Sender[T]) SameChannel(o *Sender[T]) bool { return o != nil && s.c == o.c }

// String describes the channel as it is at the moment, for logs, such as
// "async.Sender(buffered 3, capacity 8, senders 2, receivers 1)". The form may change.
func (s *Sender[T]) String() string { return s.describe("async.Sender") }
