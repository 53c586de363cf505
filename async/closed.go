package async

import "github.com/handoff-go/handoff/future"

// closedFuture is what [Sender.Closed] returns.
type closedFuture[T any] struct {
	tx    *Sender[T]
	w     *wait[T]
	phase phase
}

func (f *closedFuture[T]) Poll(cx *future.Context) (none struct{}, ready bool, err error) {
	if err := f.phase.Over(); err != nil {
		return none, true, err
	}
	tx := f.tx
	switch {
	case tx.IsClosed():
		ready = true
	case !tx.live():
		ready, err = true, tx.c.Named(ErrDropped)
	default:
		if f.w == nil {
			f.w = tx.c.TakeWait(&tx.h)
		}
		ready, err = tx.c.PollClosed(&tx.h, &f.w.Polled, cx.Waker())
	}
	if ready {
		f.end(consumed)
	}
	return none, ready, err
}

func (f *closedFuture[T]) Drop() {
	if f.phase == pending {
		f.end(dropped)
	}
}

func (f *closedFuture[T]) end(p phase) {
	f.phase = p
	if f.w != nil {
		f.tx.c.EndClosed(&f.w.Polled)
		f.tx.c.PutWait(f.w)
	}
	f.tx, f.w = nil, nil
}
