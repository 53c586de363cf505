package async

import (
	"context"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/channel"
	"github.com/handoff-go/handoff/internal/park"
	"github.com/handoff-go/handoff/internal/waitq"
)

// RecvManyFuture is a receive of several messages, made by [Receiver.RecvMany]. It is a
// future.Future[int]. It fills the buffer only in the poll that completes it, so
// dropping it loses nothing.
//
// It has one owner and must not be copied.
type RecvManyFuture[T any] struct {
	noCopy noCopy
	rx     *Receiver[T]
	buf    []T
	w      *wait[T]
	phase  phase
}

var _ future.Future[int] = (*RecvManyFuture[int])(nil)

// Await waits for a message and receives it together with what else is ready, up to the
// length of the buffer. It returns how many messages it put there: at least one, or 0
// with an error as from [RecvFuture.Await]. An empty buffer gives (0, nil) at once.
//
// Messages that are ready are taken together: no other receive gets one in between. Two
// cases are exceptions. A batch of more than 512 blocks of messages (65,536 messages, fewer
// if one is larger than 512 bytes) is taken in parts of 512 blocks; on a rendezvous channel,
// which has no blocks, in parts of 512 messages that a SendMany offers. Between parts
// another receive may get some. And if Await has parked, it may be handed the first message
// and takes the others when it wakes: another receiver may have taken messages that were
// sent in between.
func (f *RecvManyFuture[T]) Await(ctx context.Context) (n int, err error) {
	if err := f.phase.OverOf(f.rx != nil); err != nil {
		return 0, err
	}
	rx := f.rx
	f.phase = consumed
	if f.w != nil {
		g := &RecvManyFuture[T]{rx: rx, buf: f.buf, w: f.w}
		f.rx, f.w, f.buf = nil, nil, nil
		return future.Await(ctx, g)
	}
	if park.Exploring.Load() != 0 {
		explore(ctx)
	}
	limit := waitq.Within(ctx, rx)
	defer limit.Stop()
	buf := f.buf
	f.rx, f.buf = nil, nil
	if len(buf) == 0 {
		return 0, nil
	}
	if rx.h.State.Load() != channel.Live {
		if err := rx.c.Use(&rx.h); err != nil {
			return 0, err
		}
	}
	return rx.c.RecvMany(&rx.h, buf, &limit)
}

// Poll implements [future.Future].
func (f *RecvManyFuture[T]) Poll(cx *future.Context) (n int, ready bool, err error) {
	if err := f.phase.OverOf(f.rx != nil); err != nil {
		return 0, true, err
	}
	rx := f.rx
	switch {
	case len(f.buf) == 0:
		ready = true
	case f.w == nil && !rx.live():
		ready, err = true, rx.c.Named(ErrDropped)
	default:
		if f.w == nil {
			f.w = rx.c.TakeWait(&rx.h)
		}
		n, ready, err = rx.c.PollRecvMany(&rx.h, &f.w.Polled, cx.Waker(), f.buf)
	}
	if ready {
		f.end(consumed)
	}
	return n, ready, err
}

// Drop implements [future.Future].
func (f *RecvManyFuture[T]) Drop() {
	if f.phase != pending {
		return
	}
	if f.w != nil {
		f.rx.c.EndRecv(&f.w.Polled)
	}
	f.end(dropped)
}

func (f *RecvManyFuture[T]) end(p phase) {
	f.phase, f.buf = p, nil
	if f.w != nil {
		f.rx.c.PutWait(f.w)
	}
	f.rx, f.w = nil, nil
}
