package async

import (
	"context"
	"iter"

	"github.com/handoff-go/handoff/internal/channel"
	"github.com/handoff-go/handoff/internal/leak"
	"github.com/handoff-go/handoff/internal/once"
)

// Receiver receives from a channel made by [Bounded] or [Unbounded]. There may be
// several, each message goes to one of them, and each may be used by several
// goroutines at once. When the last one is dropped the channel ends for senders.
//
// A Receiver must not be copied; see [Receiver.Clone]. The zero value behaves like a
// dropped one.
type Receiver[T any] struct{ handle[T] }

// Recv returns a future of the next message. See [RecvFuture.Await].
//
//	v, err := rx.Recv().Await(ctx)
func (r *Receiver[T]) Recv() *RecvFuture[T] {
	_ = r.c // a nil handle panics here, not in the poll: rx == nil means a zero future there
	return &RecvFuture[T]{rx: r}
}

// RecvMany returns a future of the next messages, as many as are ready, up to
// len(buf) and at least one. The buffer belongs to the future until that is complete or
// dropped. See [RecvManyFuture.Await].
func (r *Receiver[T]) RecvMany(buf []T) *RecvManyFuture[T] {
	_ = r.c // as in Recv
	return &RecvManyFuture[T]{rx: r, buf: buf}
}

// RecvBlocking receives the next message and parks the goroutine until there is one.
// It fails as [RecvFuture.Await] does; only the close of the channel or the Drop of this
// handle cancels the wait. It is for goroutines outside of tasks: a task that calls it holds
// its worker while it waits.
func (r *Receiver[T]) RecvBlocking() (v T, err error) {
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

// TryRecv receives the next message if there is one. It never blocks. It returns
// [ErrEmpty] if no message is buffered yet, also while the channel is closed but a permit is
// outstanding; otherwise it fails as [RecvFuture.Await] does. A message whose send has
// returned is always found.
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

// TryRecvMany receives the messages that are ready, up to len(buf), together as
// [RecvManyFuture.Await] does. It never blocks. It returns (0, ErrEmpty) if there are none
// yet, and otherwise fails as [RecvFuture.Await] does. An empty buf returns (0, nil).
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

// All returns an iterator over the messages, which awaits each. It ends when the channel
// is closed and everything was received, when this handle is dropped, or when ctx ends.
// The loop does not report which: if a TryRecv afterwards returns [ErrClosed], everything
// was received. [ForEach] returns the reason instead.
//
//	for msg := range rx.All(ctx) {
//	    ...
//	}
//
// Leaving the loop early does not drop the handle and loses no message: a later receive
// goes on with the next one.
func (r *Receiver[T]) All(ctx context.Context) iter.Seq[T] {
	return func(yield func(T) bool) {
		for {
			v, err := r.Recv().Await(ctx)
			if err != nil || !yield(v) || ctx.Err() != nil {
				return
			}
		}
	}
}

// Ready returns a channel that is readable while a message is available or the channel is
// closed, for use in a select beside native channels. It never blocks and starts no
// goroutine. Call it again before each select, and afterwards call TryRecv once, or until
// it returns [ErrEmpty]:
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
// A message makes the Ready channels of all receivers readable. Where many goroutines wait,
// [Select] or [Receiver.Recv] wakes only one of them.
//
// The returned channel belongs to one goroutine at a time: of two goroutines that call Ready
// on one handle, one may take the token that the other waits for, so each needs a
// [Receiver.Clone]. A readable channel is a hint, not a message: another receiver may take
// the message first. Receivers that are parked in a call do not keep it from becoming
// readable. On a rendezvous channel it becomes readable when a sender waits.
func (r *Receiver[T]) Ready() <-chan struct{} {
	if r.c == nil {
		return once.Closed
	}
	return r.c.Ready(&r.h)
}

// Clone returns another handle to the channel, which needs a Drop of its own. The clone of a
// dropped handle is dropped too. It costs one allocation and never blocks.
func (r *Receiver[T]) Clone() *Receiver[T] {
	clone := new(Receiver[T])
	if r.c != nil {
		clone.c = r.c
		r.c.CloneReceiver(&r.h, &clone.h)
		if leak.On() {
			r.c.TrackReceiver(&clone.h, &r.h, "async.Receiver")
		}
	}
	return clone
}

// Drop ends this handle: receives that wait through it, in other goroutines or as futures,
// fail with [ErrDropped]. The last receiver's Drop closes the channel: buffered messages
// are discarded at once (see [Discarder]), and sends fail with [ErrClosed], waiting ones
// included.
//
// Drop may be called any number of times, from any goroutine, and never blocks.
func (r *Receiver[T]) Drop() {
	if r.c != nil {
		r.c.DropReceiver(&r.h)
	}
}

// SameChannel reports whether both handles receive from one channel. It is false if o
// is nil.
func (r *Receiver[T]) SameChannel(o *Receiver[T]) bool { return o != nil && r.c == o.c }

// String describes the channel as it is at the moment, for logs, such as
// "async.Receiver(buffered 3, capacity 8, senders 2, receivers 1)". The form may
// change.
func (r *Receiver[T]) String() string { return r.describe("async.Receiver") }
