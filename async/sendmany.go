package async

import (
	"context"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/park"
	"github.com/handoff-go/handoff/internal/waitq"
)

// SendManyFuture is a send of several messages in order, made by [Sender.SendMany]. It
// is a future.Future[int]. Once polled it offers its messages until it is dropped, and they
// may be taken one after the other; [SendManyFuture.Sent] returns how many were.
//
// It has one owner and must not be copied.
type SendManyFuture[T any] struct {
	noCopy noCopy
	tx     *Sender[T]
	vs     []T
	w      *wait[T]
	n      int
	phase  phase
}

var _ future.Future[int] = (*SendManyFuture[int])(nil)

// Await sends the messages and waits while the channel is full. It returns how many
// were sent: all of them, or fewer with an error as from [SendFuture.Await], but
// without the values, which the caller still has.
//
// Messages for which there is room are sent together, and the others as slots become free,
// without waking the caller in between. If there is room for all of them, no message of
// another sender comes between. Without messages it returns (0, nil) at once.
//
// A long batch does not delay non-blocking calls: it is copied into blocks of its own
// without the lock, and these are linked under the lock. The slots that it will fill are
// reserved while it is copied, so a TrySend may return [ErrFull] before the messages are
// visible.
func (f *SendManyFuture[T]) Await(ctx context.Context) (n int, err error) {
	if err := f.phase.OverOf(f.tx != nil); err != nil {
		return f.n, err
	}
	tx := f.tx
	f.phase = consumed
	if f.w != nil {
		g := &SendManyFuture[T]{tx: tx, vs: f.vs, w: f.w}
		all := len(g.vs)
		f.tx, f.vs, f.w = nil, nil, nil
		_, err = future.Await(ctx, g)
		f.n = g.n // also if Await has dropped g: messages may have been taken after the last poll
		if g.n == all {
			err = nil
		}
		return g.n, err
	}
	if park.Exploring.Load() != 0 {
		explore(ctx)
	}
	if len(f.vs) == 0 {
		return 0, nil
	}
	if !tx.live() {
		return 0, tx.c.Named(ErrDropped)
	}
	limit := waitq.Within(ctx, tx)
	defer limit.Stop()
	vs := f.vs
	f.tx, f.vs = nil, nil
	f.n, err = tx.c.SendMany(&tx.h, vs, &limit)
	return f.n, err
}

// Sent returns how many messages were sent, once the future is complete or dropped; the
// others still belong to the caller.
func (f *SendManyFuture[T]) Sent() int { return f.n }

// Poll implements [future.Future].
func (f *SendManyFuture[T]) Poll(cx *future.Context) (n int, ready bool, err error) {
	if err := f.phase.OverOf(f.tx != nil); err != nil {
		return 0, true, err
	}
	tx := f.tx
	switch {
	case len(f.vs) == 0:
		f.end(consumed)
		return 0, true, nil
	case f.w == nil && !tx.live():
		f.end(consumed)
		return 0, true, tx.c.Named(ErrDropped)
	case f.w == nil:
		f.w = tx.c.TakeWait(&tx.h)
		f.w.Carry(f.vs[0], f.vs[1:])
	}
	if f.n, ready, err = tx.c.PollSend(&tx.h, &f.w.Polled, cx.Waker()); ready {
		f.end(consumed)
		return f.n, true, err
	}
	return 0, false, nil
}

// Drop implements [future.Future].
func (f *SendManyFuture[T]) Drop() {
	if f.phase != pending {
		return
	}
	if f.w != nil {
		f.n, _ = f.tx.c.EndSend(&f.w.Polled)
	}
	f.end(dropped)
}

func (f *SendManyFuture[T]) end(p phase) {
	f.phase = p
	if f.w != nil {
		f.tx.c.PutWait(f.w)
	}
	f.tx, f.vs, f.w = nil, nil, nil
}
