package async

import (
	"context"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/channel"
	"github.com/handoff-go/handoff/internal/park"
	"github.com/handoff-go/handoff/internal/waitq"
)

// SendFuture is a send, made by [Sender.Send]. Nothing happens before it is awaited or
// polled. It is a future.Future[struct{}], so it can be raced and timed out. From the first
// poll that is not ready until it is dropped it offers its value, which may be taken at any
// moment. Afterwards [SendFuture.Unsent] reports whether it was sent.
//
// It has one owner and must not be copied.
type SendFuture[T any] struct {
	noCopy noCopy
	tx     *Sender[T]
	value  T        // until it is offered, and again if it was not sent
	w      *wait[T] // while it is offered
	phase  phase
	unsent bool // it is complete or dropped, and value was not sent
}

var _ future.Future[struct{}] = (*SendFuture[int])(nil)

// Await sends the value and waits while the channel is full; on a rendezvous channel,
// until a receive has taken it.
//
// It fails with a [*SendError] that carries the value: [ErrClosed] when the channel is
// closed or the last receiver dropped, before or during the wait; [ErrDropped] when
// the sender handle is; and ctx's error when ctx ends first. It tries once even if ctx
// has ended already. If the value was taken before any of these took effect, Await
// succeeds.
//
// A goroutine parks; a function task of package task releases its worker while it waits.
// While there is room it costs two uncontended atomic operations. Neither that nor a wait
// allocates in steady state.
func (f *SendFuture[T]) Await(ctx context.Context) error {
	tx := f.tx
	if f.phase != pending || f.w != nil || tx == nil {
		return f.awaitPolled(ctx)
	}
	f.phase, f.tx = consumed, nil
	if park.Exploring.Load() != 0 {
		explore(ctx)
	}
	if tx.h.State.Load() != channel.Live {
		if err := tx.c.Use(&tx.h); err != nil {
			return f.refuse(err)
		}
	}
	if tx.c.Push(f.value) {
		var zero T
		f.value = zero
		return nil
	}
	var err error
	if isBackground(ctx) {
		// As SendBlocking does, and here because after a switch of goroutines every
		// frame between the sleep and the user costs time.
		s, failed := tx.c.SendOrWait(&tx.h, f.value)
		if s.Begun() {
			s.Wait()
			failed = tx.c.SendAfter(&tx.h, s)
		}
		err = failed
	} else if !tx.c.HandOver(f.value) {
		err = tx.wait(ctx, f.value)
	}
	if err != nil {
		return f.refuse(err)
	}
	var zero T
	f.value = zero
	return nil
}

// refuse ends f with an error, and its value.
func (f *SendFuture[T]) refuse(err error) error {
	f.unsent = true
	return failed(f.value, err)
}

// wait sends v and waits within ctx.
func (s *Sender[T]) wait(ctx context.Context, v T) error {
	limit := waitq.Within(ctx, s)
	if limit.OrNil() == nil {
		return s.sendBlocking(v)
	}
	defer limit.Stop()
	return s.c.Send(&s.h, v, &limit)
}

// awaitPolled is Await of a future that was polled before.
func (f *SendFuture[T]) awaitPolled(ctx context.Context) error {
	if err := f.phase.OverOf(f.tx != nil); err != nil {
		return err
	}
	w := f.w
	_, err := future.Await(ctx, (*sendWait[T])(w))
	if w.Sent {
		err = nil
	}
	f.w = nil
	f.phase = consumed
	if err != nil {
		f.value = w.Unsent()
	}
	f.tx.c.PutWait(w)
	f.tx = nil
	if err != nil {
		return f.refuse(err)
	}
	return nil
}

// Unsent returns the value and true if it was not sent: the send has failed, or was
// dropped before the value was taken. It returns (zero, false) while the send is pending
// and once it has succeeded.
func (f *SendFuture[T]) Unsent() (v T, ok bool) {
	if f.unsent {
		return f.value, true
	}
	return v, false
}

// sendWait is the future inside of a send.
type sendWait[T any] channel.Wait[T]

func (w *sendWait[T]) Poll(cx *future.Context) (none struct{}, ready bool, err error) {
	_, ready, err = w.C.PollSend(w.H, &w.Polled, cx.Waker())
	return none, ready, err
}

func (w *sendWait[T]) Drop() { _, w.Sent = w.C.EndSend(&w.Polled) }

// Poll implements [future.Future].
func (f *SendFuture[T]) Poll(cx *future.Context) (none struct{}, ready bool, err error) {
	if err := f.phase.OverOf(f.tx != nil); err != nil {
		return none, true, err
	}
	tx := f.tx
	var zero T
	if f.w == nil {
		if !tx.live() {
			f.phase, f.tx = consumed, nil
			return none, true, f.refuse(tx.c.Named(ErrDropped))
		}
		if tx.c.Push(f.value) || tx.c.HandOver(f.value) {
			f.phase, f.tx, f.value = consumed, nil, zero
			return none, true, nil
		}
		f.w = tx.c.TakeWait(&tx.h)
		f.w.Carry(f.value, nil)
		f.value = zero
	}
	if _, ready, err = tx.c.PollSend(&tx.h, &f.w.Polled, cx.Waker()); ready {
		f.end(consumed, err != nil)
		if err != nil {
			err = f.refuse(err)
		}
	}
	return none, ready, err
}

// Drop implements [future.Future]: it withdraws the offer. [SendFuture.Unsent] then reports
// whether the value was taken before.
func (f *SendFuture[T]) Drop() {
	if f.phase != pending {
		return
	}
	if f.w == nil {
		f.phase, f.unsent, f.tx = dropped, f.tx != nil, nil
		return
	}
	_, all := f.tx.c.EndSend(&f.w.Polled)
	f.unsent = !all
	f.end(dropped, !all)
}

// end returns the wait to the handle, and first takes the value out of it if it is unsent.
func (f *SendFuture[T]) end(p phase, unsent bool) {
	f.phase = p
	if unsent {
		f.value = f.w.Unsent()
	}
	f.tx.c.PutWait(f.w)
	f.tx, f.w = nil, nil
}
