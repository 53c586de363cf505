package async

import (
	"context"
	"iter"

	"github.com/handoff-go/handoff/internal/channel"
	"github.com/handoff-go/handoff/internal/leak"
	"github.com/handoff-go/handoff/internal/queue"
	"github.com/handoff-go/handoff/internal/waitq"
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
	_ = r.c // a nil handle panics here: what has none is a zero future
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
// It fails as [RecvFuture.Await] does; nothing but the end of the channel or the Drop
// of this handle ends the wait. It is for goroutines of your own: inside a task it
// holds a worker.
func (r *Receiver[T]) RecvBlocking() (v T, err error) {
	if r.h.State.Load() != channel.Live && !r.c.Uses(&r.h) {
		return v, ErrDropped
	}
	w, popped := r.c.Pop(&v)
	if popped == queue.Taken {
		r.c.Freed()
		return v, nil
	}
	v, s, err := r.c.RecvOrWait(&r.h, w, popped)
	if s != nil {
		s.Wait()
		return r.c.RecvAfter(&r.h, s)
	}
	return v, err
}

// TryRecv receives the next message if there is one. It never blocks. It returns
// [ErrEmpty] if there is nothing yet, also while the channel is closed but a permit is
// still out; otherwise it fails as [RecvFuture.Await] does. A message whose send is
// complete is always found.
func (r *Receiver[T]) TryRecv() (v T, err error) {
	if r.h.State.Load() != channel.Live && !r.c.Uses(&r.h) {
		return v, ErrDropped
	}
	w, popped := r.c.Pop(&v)
	if popped == queue.Taken {
		r.c.Freed()
		return v, nil
	}
	return r.c.Recv(&r.h, w, popped, nil, ErrEmpty)
}

// TryRecvMany receives what is ready, up to len(buf), together as [RecvManyFuture.Await]
// does. It never blocks. It returns (0, ErrEmpty) if that is nothing yet, and otherwise fails as
// [RecvFuture.Await] does. An empty buf gives (0, nil).
func (r *Receiver[T]) TryRecvMany(buf []T) (n int, err error) { return r.recvMany(buf, nil, ErrEmpty) }

func (r *Receiver[T]) recvMany(buf []T, limit *waitq.Limit, giveUp error) (n int, err error) {
	if len(buf) == 0 {
		return 0, nil
	}
	if r.h.State.Load() != channel.Live && !r.c.Uses(&r.h) {
		return 0, ErrDropped
	}
	return r.c.RecvMany(&r.h, buf, limit, giveUp)
}

// All returns an iterator over the messages, which awaits each and ends when the
// channel does and everything was received, when this handle is dropped, or with ctx.
// The loop does not say which: a TryRecv afterwards that reports [ErrClosed] means that
// everything was received. [ForEach] returns the reason instead.
//
//	for msg := range rx.All(ctx) {
//	    ...
//	}
//
// Leaving the loop early drops nothing and loses nothing: a later receive goes on with
// the next message.
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

// Ready returns a channel that is readable while there is something to receive or the
// end is reached, for use in a select beside native channels. It starts no goroutine.
// Ask for it anew before each select, and then call TryRecv until it reports
// [ErrEmpty], or once:
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
// A message makes the channels of all receivers readable that wait for it in a select. Where
// there are many, [Select] or [Receiver.Recv] wakes one of them.
//
// What it returns belongs to one goroutine at a time: of two goroutines that call Ready on
// one handle, one may take the token that the other waits for, so each needs a
// [Receiver.Clone]. It only tells, and receives that wait keep nothing from it; with several
// receivers another one may be faster, and then it may be readable with nothing left. On a
// rendezvous channel it becomes readable when a sender waits.
func (r *Receiver[T]) Ready() <-chan struct{} {
	if r.c == nil {
		return ended
	}
	return r.c.Ready(&r.h)
}

// Clone returns another handle to the channel, with a life of its own and a Drop of its
// own to be called. A handle made from a dropped one is dropped too. It costs one
// allocation and never blocks.
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

// Drop ends this handle: what waits through it, in other goroutines or as a future,
// fails with [ErrDropped]. The last receiver's Drop closes the channel: what is
// buffered is discarded at once, and sends fail with [ErrClosed], waiting ones
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
