package mpsc

import (
	"github.com/handoff-go/handoff/internal/channel"
	"github.com/handoff-go/handoff/internal/leak"
)

// Sender sends into an unbounded channel made by [Channel]. It may be used by
// several goroutines at once, but a goroutine that sends for long should have a
// [Sender.Clone] of its own and drop it when it is done: the channel ends for the
// receiver when the last handle is dropped.
//
// A Sender must not be copied. The zero value behaves like a dropped one.
type Sender[T any] struct{ sender[T] }

// Send sends v. It never blocks.
//
// It fails with a [*SendError] that carries v: [ErrDisconnected] if the receiver
// was dropped, [ErrDropped] if this handle was. Success means that v is in the
// channel, not that it will be received: the receiver may be dropped later.
//
// Send synchronizes before the return of the receive that returns v, and is
// visible to Len and IsEmpty when it returns. It costs two uncontended atomic
// operations, and a wake-up if the receiver sleeps; amortized it allocates nothing.
func (s *Sender[T]) Send(v T) error {
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

// SendMany sends all of vs in order: no message of another sender comes between them. It
// never blocks. It returns len(vs), or 0 and an error as from Send, but without the
// values, which the caller still has. An empty vs returns (0, nil) at once.
//
// A long batch does not delay other calls: it is copied into blocks of its own without the
// lock, and these are linked under the lock.
func (s *Sender[T]) SendMany(vs []T) (n int, err error) {
	if len(vs) == 0 {
		return 0, nil
	}
	if s.h.State.Load() != channel.Live {
		if err := s.c.Use(&s.h); err != nil {
			return 0, err
		}
	}
	return s.c.SendMany(&s.h, vs, nil)
}

// Clone returns another handle to the channel, which needs a Drop of its own. The clone of a
// dropped handle is dropped too. It costs one allocation and never blocks.
func (s *Sender[T]) Clone() *Sender[T] {
	clone := new(Sender[T])
	if s.c != nil {
		clone.c = s.c
		s.c.CloneSender(&s.h, &clone.h)
		if leak.On() {
			s.c.TrackSender(&clone.h, &s.h, "mpsc.Sender")
		}
	}
	return clone
}

// SameChannel reports whether both handles send into one channel. It is false if o is
// nil.
func (s *Sender[T]) SameChannel(o *Sender[T]) bool { return o != nil && s.same(&o.sender) }

// String describes the channel as it is at the moment, for logs, such as
// "mpsc.Sender(buffered 3, unbounded, senders 2, receivers 1)". The form may change.
func (s *Sender[T]) String() string { return describe("mpsc.Sender", s.c, &s.h) }
