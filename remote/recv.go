package remote

import (
	"context"

	"github.com/handoff-go/handoff/future"
)

// RecvFuture is a receive, made by [Receiver.Recv]. It is a future, so it can be raced
// and timed out; dropping it loses no message. It has one owner and must not be copied.
type RecvFuture[T any] struct{ receive[T] }

// RecvManyFuture is a receive of several, made by [Receiver.RecvMany]. It has one owner
// and must not be copied.
type RecvManyFuture[T any] struct{ receive[T] }

var (
	_ future.Future[*Delivery[int]]   = (*RecvFuture[int])(nil)
	_ future.Future[[]*Delivery[int]] = (*RecvManyFuture[int])(nil)
)

// Await waits for a message, for as long as it takes: lost connections and changes of
// the leader do not end it.
//
// It fails with [ErrClosed] when the channel was closed, or the last process that has
// sent disconnected, and nothing is left but what this process holds itself; [ErrDropped];
// [ErrDeleted]; or ctx's error, which also matches [ErrUnavailable] when the stream was
// known to be out of reach then. A message that arrives while ctx ends is kept for the
// next receive. One that does not decode, or was delivered too often, goes to the dead
// letters, and Await goes on.
//
// A goroutine parks; inside a function task the task releases its worker while it waits.
func (f *RecvFuture[T]) Await(ctx context.Context) (*Delivery[T], error) {
	d, err := future.Await(ctx, future.Future[*Delivery[T]](f))
	return d, f.why(ctx, err)
}

// Poll implements [future.Future].
func (f *RecvFuture[T]) Poll(cx *future.Context) (d *Delivery[T], ready bool, err error) {
	ds, err := f.poll(cx)
	if err != nil {
		return nil, true, err
	}
	if len(ds) == 0 {
		return nil, false, nil
	}
	return ds[0], true, nil
}

// Drop implements [future.Future].
func (f *RecvFuture[T]) Drop() { f.drop() }

// Await waits for the first message, as [RecvFuture.Await] does.
func (f *RecvManyFuture[T]) Await(ctx context.Context) ([]*Delivery[T], error) {
	ds, err := future.Await(ctx, future.Future[[]*Delivery[T]](f))
	return ds, f.why(ctx, err)
}

// Poll implements [future.Future].
func (f *RecvManyFuture[T]) Poll(cx *future.Context) (ds []*Delivery[T], ready bool, err error) {
	if f.w.want < 1 && f.phase == pending {
		f.phase = consumed
		return nil, true, nil
	}
	ds, err = f.poll(cx)
	return ds, err != nil || len(ds) > 0, err
}

// Drop implements [future.Future].
func (f *RecvManyFuture[T]) Drop() { f.drop() }
