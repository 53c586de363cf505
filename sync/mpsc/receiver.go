package mpsc

import (
	"context"
	"time"

	"github.com/handoff-go/handoff/internal/channel"
	"github.com/handoff-go/handoff/internal/once"
	"github.com/handoff-go/handoff/internal/waitq"
)

// Receiver receives from a channel. There is one for each channel and it has one
// consumer at a time: it may move from goroutine to goroutine, but a call that
// finds another goroutine inside a receive call panics. Drop, Len, IsEmpty,
// IsDisconnected and String may be called from anywhere, at any time.
//
// Messages of one sender arrive in the order in which they were sent. A receive
// returns [ErrDisconnected] only after every message sent was delivered.
//
// A Receiver must not be copied. The zero value behaves like a dropped one.
type Receiver[T any] struct {
	noCopy noCopy
	c      *channel.Chan[T]
	h      channel.Handle[T]
}

// Recv receives the next message and waits until there is one.
//
// It returns [ErrDisconnected], from then on always, when every sender was dropped and
// all their messages have been received; and [ErrDropped] when this handle was dropped,
// also by another goroutine during the wait. Nothing else cancels the wait; use
// [Receiver.RecvContext] or [Receiver.RecvTimeout] for that.
//
// Receiving a buffered message costs two uncontended atomic operations. A wait parks
// the goroutine, without spinning, and in steady state allocates nothing.
func (r *Receiver[T]) Recv() (v T, err error) {
	if r.h.State.Load() != channel.Live {
		if err := r.c.Use(&r.h); err != nil {
			return v, err
		}
	}
	if r.c.Pop(&v) {
		r.c.Freed()
		return v, nil
	}
	v, s, err := r.c.RecvOrWait(&r.h)
	if s.Begun() {
		s.Wait()
		return r.c.RecvAfter(&r.h, s)
	}
	return v, err
}

// RecvTimeout is Recv with a limit on the wait: after d it gives up with [ErrTimeout],
// never earlier. It tries once before it checks the clock, so a d of 0 or less is one
// try; a d that overflows the clock never expires. A wait costs a timer.
func (r *Receiver[T]) RecvTimeout(d time.Duration) (T, error) {
	limit := waitq.For(d, ErrTimeout)
	defer limit.Stop()
	return r.recv(&limit)
}

// RecvDeadline is RecvTimeout with a point in time. A deadline in the past, the
// zero time among them, is one try.
func (r *Receiver[T]) RecvDeadline(t time.Time) (T, error) {
	limit := waitq.Until(t, ErrTimeout)
	defer limit.Stop()
	return r.recv(&limit)
}

// RecvContext is Recv with a wait that ends with ctx, whose Err is then returned.
// It tries once even if ctx has ended already. In a function task of package task,
// under a context of its runtime, it releases the worker while it waits; the forms of Recv without a
// context hold it.
func (r *Receiver[T]) RecvContext(ctx context.Context) (v T, err error) {
	if r.h.State.Load() != channel.Live {
		if err := r.c.Use(&r.h); err != nil {
			return v, err
		}
	}
	if r.c.Pop(&v) {
		r.c.Freed()
		return v, nil
	}
	limit := waitq.Within(ctx, r)
	defer limit.Stop()
	return r.c.Recv(&r.h, &limit)
}

// recv receives within limit.
func (r *Receiver[T]) recv(limit *waitq.Limit) (v T, err error) {
	if r.h.State.Load() != channel.Live {
		if err := r.c.Use(&r.h); err != nil {
			return v, err
		}
	}
	if r.c.Pop(&v) {
		r.c.Freed()
		return v, nil
	}
	return r.c.Recv(&r.h, limit)
}

// TryRecv receives the next message if there is one. It never blocks. It returns
// [ErrEmpty] if there is nothing yet, and otherwise fails as Recv does. A message
// whose send has returned is always found.
func (r *Receiver[T]) TryRecv() (v T, err error) {
	if r.h.State.Load() != channel.Live {
		if err := r.c.Use(&r.h); err != nil {
			return v, err
		}
	}
	if r.c.Pop(&v) {
		r.c.Freed()
		return v, nil
	}
	return r.c.TryRecv(&r.h)
}

// RecvMany waits for a message and receives it together with what else is ready,
// up to len(buf). It returns how many messages it put into buf: at
// least one, or 0 with an error as from Recv. An empty buf gives (0, nil) at once.
func (r *Receiver[T]) RecvMany(buf []T) (n int, err error) { return r.recvMany(buf, nil) }

// RecvManyContext is RecvMany with a wait as that of RecvContext.
func (r *Receiver[T]) RecvManyContext(ctx context.Context, buf []T) (n int, err error) {
	limit := waitq.Within(ctx, r)
	defer limit.Stop()
	return r.recvMany(buf, &limit)
}

func (r *Receiver[T]) recvMany(buf []T, limit *waitq.Limit) (n int, err error) {
	if len(buf) == 0 {
		return 0, nil
	}
	if r.h.State.Load() != channel.Live {
		if err := r.c.Use(&r.h); err != nil {
			return 0, err
		}
	}
	return r.c.RecvMany(&r.h, buf, limit)
}

// TryRecvMany receives the messages that are ready, up to len(buf). It never blocks.
// It returns (0, ErrEmpty) if there are none yet, and otherwise fails as Recv does. An
// empty buf returns (0, nil).
func (r *Receiver[T]) TryRecvMany(buf []T) (n int, err error) {
	if len(buf) == 0 {
		return 0, nil
	}
	if r.h.State.Load() != channel.Live {
		if err := r.c.Use(&r.h); err != nil {
			return 0, err
		}
	}
	return r.c.TryRecvMany(&r.h, buf)
}

// Ready returns a channel that is readable while a message is available or the channel
// is disconnected, for use in a select beside native channels. It never blocks and starts
// no goroutine. Call it again before each select, and afterwards call TryRecv once, or
// until it returns [ErrEmpty]:
//
//	for {
//	    select {
//	    case <-rx.Ready():
//	        v, err := rx.TryRecv()
//	        ...
//	    case <-ctx.Done():
//	        return ctx.Err()
//	    }
//	}
//
// Ready belongs to the consumer like Recv. On a rendezvous channel it becomes
// readable when a sender waits; a TrySend does not find a receiver that waits in a
// select.
func (r *Receiver[T]) Ready() <-chan struct{} {
	if r.c == nil {
		return once.Closed
	}
	return r.c.Ready(&r.h)
}

// Len returns how many messages are buffered. While others send or receive it is a
// snapshot, but every send and receive that has returned is counted. It may wait briefly
// for an operation that holds a lock.
func (r *Receiver[T]) Len() int {
	if r.c == nil {
		return 0
	}
	return r.c.Len()
}

// IsEmpty reports whether Len is 0. On a rendezvous channel it always is.
func (r *Receiver[T]) IsEmpty() bool { return r.Len() == 0 }

// IsDisconnected reports whether no further message can be sent: every sender was dropped,
// or this receiver itself. It never blocks. True stays true; false may be outdated at once.
func (r *Receiver[T]) IsDisconnected() bool { return r.c == nil || r.c.Closed() }

// Drop ends the receiver. Buffered messages are discarded at once (see [Discarder]), sends
// that wait and later ones return [ErrDisconnected] with their value, and the senders' Done
// is closed. A receive that waits in another goroutine returns [ErrDropped].
//
// Drop may be called any number of times, from any goroutine, and never blocks.
func (r *Receiver[T]) Drop() {
	if r.c != nil {
		r.c.DropReceiver(&r.h)
	}
}

// String describes the channel as it is at the moment, for logs, such as
// "mpsc.Receiver(buffered 3, unbounded, senders 2, receivers 1)". The form may change.
func (r *Receiver[T]) String() string { return describe("mpsc.Receiver", r.c, &r.h) }
