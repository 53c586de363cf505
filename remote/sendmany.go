package remote

import (
	"context"
	"errors"

	"github.com/handoff-go/handoff/future"
)

// SendManyFuture is a send of several values, made by [Sender.SendMany]. It has one
// owner and must not be copied.
type SendManyFuture[T any] struct {
	s      *Sender[T]
	values []T
	bad    error // why the value behind those of the job cannot be sent
	phase  phase
	j      *job
}

var _ future.Future[int] = (*SendManyFuture[int])(nil)

// Await sends the values in order and returns how many are stored, which are the first n:
// what it reports is there, once. On an error the rest is not sent, except that with
// [ErrUncertain] some of it may be. Otherwise it is like [SendFuture.Await]; the error
// carries no value, for values[n:] are at hand.
func (f *SendManyFuture[T]) Await(ctx context.Context) (int, error) {
	n, err := future.Await(ctx, future.Future[int](f))
	if err == nil || f.j == nil || errors.Is(err, future.ErrConsumed) {
		return n, err
	}
	stored, done, err := f.s.l.out.outcome(f.j, err)
	if done && err == nil {
		err = f.bad
	}
	return stored, err
}

// Poll implements [future.Future].
func (f *SendManyFuture[T]) Poll(cx *future.Context) (n int, ready bool, err error) {
	if err := f.phase.over(); err != nil {
		return 0, true, err
	}
	if f.j == nil {
		if f.s.dropped.Load() {
			f.phase = consumed
			return 0, true, ErrDropped
		}
		f.j = &job{msgs: make([]message, 0, len(f.values))}
		for _, v := range f.values {
			m, err := f.s.encode(f.s.nextID(), v)
			if err != nil {
				f.bad = err
				break
			}
			f.j.msgs = append(f.j.msgs, m)
		}
		f.s.l.out.add(f.j)
	}
	done, n, err := f.s.l.out.poll(f.j, cx.Waker())
	if !done {
		return 0, false, nil
	}
	f.phase = consumed
	if err == nil {
		err = f.bad
	}
	return n, true, err
}

// Drop implements [future.Future].
func (f *SendManyFuture[T]) Drop() {
	if f.phase.drop() && f.j != nil {
		f.s.l.out.withdraw(f.j)
	}
}
