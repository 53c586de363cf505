package mpsc

import (
	"context"
	"time"

	"github.com/handoff-go/handoff/internal/channel"
	"github.com/handoff-go/handoff/internal/leak"
	"github.com/handoff-go/handoff/internal/waitq"
)

// SyncSender sends into a bounded or rendezvous channel made by [SyncChannel].
// It may be used by several goroutines at once; see [Sender] for when to clone.
//
// Sends that wait for room are in one FIFO wait queue, and no other send overtakes them. A
// waiting send offers its value: the receive that frees a slot takes the oldest offer, and
// from that moment on it is sent, whatever happens to the sender.
//
// A SyncSender must not be copied. The zero value behaves like a dropped one.
type SyncSender[T any] struct{ sender[T] }

// Send sends v and waits while the channel is full; on a rendezvous channel,
// until a receive has taken v.
//
// It fails with a [*SendError] that carries v: [ErrDisconnected] if the receiver
// is dropped before or while it waits, [ErrDropped] if this handle is. Nothing
// else ends the wait; use [SyncSender.SendContext] or [SyncSender.SendTimeout] for
// that. Success means that v is in the channel; on a rendezvous channel, that it
// was received.
//
// Send synchronizes before the return of the receive that returns v; on a
// rendezvous channel the receive also synchronizes before the return of Send.
// Costs are those of [Sender.Send] while there is room; a wait parks the
// goroutine and, in steady state, allocates nothing.
func (s *SyncSender[T]) Send(v T) error {
	if s.h.State.Load() != channel.Live {
		if err := s.c.Use(&s.h); err != nil {
			return failed(v, err)
		}
	}
	if s.c.Push(v) {
		return nil
	}
	wait, err := s.c.SendOrWait(&s.h, v)
	if wait.Begun() {
		wait.Wait()
		err = s.c.SendAfter(&s.h, wait)
	}
	if err != nil {
		return failed(v, err)
	}
	return nil
}

// SendTimeout is Send with a limit on the wait: after d it gives up, never earlier, and
// the SendError holds [ErrTimeout]. It tries once before it looks at the clock, so a d
// of 0 or less is one try; a d that overflows the clock never expires. A wait costs a
// timer.
func (s *SyncSender[T]) SendTimeout(v T, d time.Duration) error {
	limit := waitq.For(d, ErrTimeout)
	defer limit.Stop()
	return s.send(v, &limit)
}

// SendDeadline is SendTimeout with a point in time. A deadline in the past, the
// zero time among them, is one try.
func (s *SyncSender[T]) SendDeadline(v T, t time.Time) error {
	limit := waitq.Until(t, ErrTimeout)
	defer limit.Stop()
	return s.send(v, &limit)
}

// SendContext is Send with a wait that ends with ctx, whose Err is then the
// reason. It tries once even if ctx has ended already. In a function task of package
// task, under a context of its runtime, it releases the worker while it waits; the forms of Send without
// a context hold it.
func (s *SyncSender[T]) SendContext(ctx context.Context, v T) error {
	if s.h.State.Load() != channel.Live {
		if err := s.c.Use(&s.h); err != nil {
			return failed(v, err)
		}
	}
	if s.c.Push(v) || s.c.HandOver(v) {
		return nil
	}
	limit := waitq.Within(ctx, s)
	defer limit.Stop()
	if err := s.c.Send(&s.h, v, &limit); err != nil {
		return failed(v, err)
	}
	return nil
}

func (s *SyncSender[T]) send(v T, limit *waitq.Limit) error {
	if s.h.State.Load() != channel.Live {
		if err := s.c.Use(&s.h); err != nil {
			return failed(v, err)
		}
	}
	if s.c.Push(v) || s.c.HandOver(v) {
		return nil
	}
	if err := s.c.Send(&s.h, v, limit); err != nil {
		return failed(v, err)
	}
	return nil
}

// TrySend sends v if that is possible without waiting. It never blocks.
//
// It fails with a [*SendError] that carries v: [ErrDisconnected] or [ErrDropped]
// as Send does, which take precedence, or [ErrFull], which on a rendezvous channel
// means that no goroutine is waiting in a receive call. While other sends wait, the
// channel is full.
func (s *SyncSender[T]) TrySend(v T) error {
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

// SendMany sends vs in order and waits while the channel is full. It returns how
// many were sent: all of them, or fewer with an error as from Send, but without
// the values, which the caller still has in vs[n:].
//
// Messages for which there is room are sent together, and the others as slots become free,
// without waking this goroutine in between. If there is room for all of vs, no message of
// another sender comes between. vs must not change before SendMany returns. An empty vs
// returns (0, nil) at once.
//
// A long batch does not delay non-blocking calls. The slots that it will fill are reserved
// while it is copied, so a TrySend may return [ErrFull] before the messages are visible.
func (s *SyncSender[T]) SendMany(vs []T) (n int, err error) { return s.sendMany(vs, nil) }

// SendManyContext is SendMany with a wait as that of SendContext.
func (s *SyncSender[T]) SendManyContext(ctx context.Context, vs []T) (n int, err error) {
	limit := waitq.Within(ctx, s)
	defer limit.Stop()
	return s.sendMany(vs, &limit)
}

func (s *SyncSender[T]) sendMany(vs []T, limit *waitq.Limit) (n int, err error) {
	if len(vs) == 0 {
		return 0, nil
	}
	if s.h.State.Load() != channel.Live {
		if err := s.c.Use(&s.h); err != nil {
			return 0, err
		}
	}
	return s.c.SendMany(&s.h, vs, limit)
}

// Clone returns another handle to the channel, which needs a Drop of its own. The clone of a
// dropped handle is dropped too. It costs one allocation and never blocks.
func (s *SyncSender[T]) Clone() *SyncSender[T] {
	clone := new(SyncSender[T])
	if s.c != nil {
		clone.c = s.c
		s.c.CloneSender(&s.h, &clone.h)
		if leak.On() {
			s.c.TrackSender(&clone.h, &s.h, "mpsc.SyncSender")
		}
	}
	return clone
}

// SameChannel reports whether both handles send into one channel. It is false if o is
// nil.
func (s *SyncSender[T]) SameChannel(o *SyncSender[T]) bool { return o != nil && s.same(&o.sender) }

// String describes the channel as it is at the moment, for logs, such as
// "mpsc.SyncSender(buffered 3, capacity 8, senders 2, receivers 1)". The form may
// change.
func (s *SyncSender[T]) String() string { return describe("mpsc.SyncSender", s.c, &s.h) }
