package async

import (
	"context"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/channel"
	"github.com/handoff-go/handoff/internal/park"
	"github.com/handoff-go/handoff/internal/waitq"
)

// RecvFuture is a receive, made by [Receiver.Recv]. Nothing happens before it is
// awaited or polled. It is a future.Future[T], so it can be raced, timed out, mapped
// and handed to a task. Dropping it loses no message and no notification.
//
// It has one owner and must not be copied.
type RecvFuture[T any] struct {
	noCopy noCopy
	rx     *Receiver[T]
	w      *wait[T] // from the first poll that found nothing
	phase  phase
}

var _ future.Future[int] = (*RecvFuture[int])(nil)

// Await waits for a message and returns it.
//
// It returns [ErrClosed], from then on always, when the channel is closed and every message
// was received; [ErrDropped] when the receiver handle was dropped, also during the wait;
// and ctx's error when ctx ends first. It tries once even if ctx has ended already. No
// message is lost in any of these cases.
//
// A goroutine parks; a function task of package task releases its worker while it waits.
// Receiving a buffered message costs two uncontended atomic operations. Neither that nor a
// wait allocates in steady state.
func (f *RecvFuture[T]) Await(ctx context.Context) (v T, err error) {
	rx := f.rx
	if f.phase != pending || f.w != nil || rx == nil {
		return f.awaitPolled(ctx)
	}
	f.phase, f.rx = consumed, nil
	if park.Exploring.Load() != 0 {
		explore(ctx)
	}
	if rx.h.State.Load() != channel.Live {
		if err := rx.c.Use(&rx.h); err != nil {
			return v, err
		}
	}
	if rx.c.Pop(&v) {
		rx.c.Freed()
		return v, nil
	}
	if isBackground(ctx) {
		// As RecvBlocking does, and here because after a switch of goroutines every
		// frame between the sleep and the user costs time.
		v, s, err := rx.c.RecvOrWait(&rx.h)
		if s.Begun() {
			s.Wait()
			return rx.c.RecvAfter(&rx.h, s)
		}
		return v, err
	}
	return rx.wait(ctx)
}

// awaitPolled is Await of a future that was polled before.
func (f *RecvFuture[T]) awaitPolled(ctx context.Context) (v T, err error) {
	if err = f.phase.OverOf(f.rx != nil); err != nil {
		return v, err
	}
	v, err = future.Await(ctx, (*recvWait[T])(f.w))
	f.end(consumed)
	return v, err
}

// wait receives a message and waits within ctx.
func (r *Receiver[T]) wait(ctx context.Context) (v T, err error) {
	limit := waitq.Within(ctx, r)
	if limit.OrNil() == nil {
		return r.RecvBlocking()
	}
	defer limit.Stop()
	return r.c.Recv(&r.h, &limit)
}

// recvWait is the future inside of a receive.
type recvWait[T any] channel.Wait[T]

func (w *recvWait[T]) Poll(cx *future.Context) (T, bool, error) {
	return w.C.PollRecv(w.H, &w.Polled, cx.Waker())
}

func (w *recvWait[T]) Drop() { w.C.EndRecv(&w.Polled) }

// Poll implements [future.Future].
func (f *RecvFuture[T]) Poll(cx *future.Context) (v T, ready bool, err error) {
	if err := f.phase.OverOf(f.rx != nil); err != nil {
		return v, true, err
	}
	rx := f.rx
	if f.w == nil {
		if !rx.live() {
			f.end(consumed)
			return v, true, rx.c.Named(ErrDropped)
		}
		if rx.c.Pop(&v) {
			f.end(consumed)
			rx.c.Freed()
			return v, true, nil
		}
		f.w = rx.c.TakeWait(&rx.h)
		v, ready, err = rx.c.PollRecvSlow(&rx.h, &f.w.Polled, cx.Waker())
	} else {
		v, ready, err = rx.c.PollRecv(&rx.h, &f.w.Polled, cx.Waker())
	}
	if ready {
		f.end(consumed)
	}
	return v, ready, err
}

// Drop implements [future.Future]: it cancels the receive and passes on a notification that
// it holds.
func (f *RecvFuture[T]) Drop() {
	if f.phase != pending {
		return
	}
	if f.w != nil {
		f.rx.c.EndRecv(&f.w.Polled)
	}
	f.end(dropped)
}

func (f *RecvFuture[T]) end(p phase) {
	f.phase = p
	if f.w != nil {
		f.rx.c.PutWait(f.w)
	}
	f.rx, f.w = nil, nil
}
