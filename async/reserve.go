package async

import (
	"context"
	"fmt"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/park"
	"github.com/handoff-go/handoff/internal/waitq"
)

// Reserve returns a future of one slot, for a message that is made only when it can
// be sent. See [ReserveFuture.Await].
func (s *Sender[T]) Reserve() *ReserveFuture[T] {
	_ = s.c // as in Send
	return &ReserveFuture[T]{reservation[T]{tx: s, n: 1}}
}

// ReserveMany returns a future of n slots at once. See [ReserveFuture.Await]; in
// addition it fails with [ErrCapacity] at once if n exceeds the capacity, and on an
// unbounded channel if more than 1<<60 slots would be reserved in all. n == 0 is granted
// even if the channel is full. It panics if n is negative.
func (s *Sender[T]) ReserveMany(n int) *ReserveManyFuture[T] {
	mustCount(n)
	_ = s.c // as in Send
	return &ReserveManyFuture[T]{reservation[T]{tx: s, n: n}}
}

// TryReserve reserves a slot if one is free. It never blocks. It fails as
// [ReserveFuture.Await] does, or with [ErrFull] if no slot is free.
func (s *Sender[T]) TryReserve() (*Permit[T], error) {
	if err := s.tryReserve(1); err != nil {
		return nil, err
	}
	return newPermit(s), nil
}

// TryReserveMany reserves n slots if that many are free. It never blocks. It fails as
// [Sender.ReserveMany] does, or with [ErrFull] if fewer are free. It panics if n is negative.
func (s *Sender[T]) TryReserveMany(n int) (*Permits[T], error) {
	mustCount(n)
	if err := s.tryReserve(n); err != nil {
		return nil, err
	}
	return newPermits(s, n), nil
}

func mustCount(n int) {
	if n < 0 {
		panic(fmt.Sprintf("async: reservation of %d slots", n))
	}
}

func (s *Sender[T]) tryReserve(n int) error {
	if err := s.reservable(n); err != nil {
		return err
	}
	return s.c.TryReserve(&s.h, n)
}

// reservable returns why n slots can never be reserved, or nil.
func (s *Sender[T]) reservable(n int) error {
	if err := s.slotError(); err != nil {
		return err
	}
	if most, bounded := s.c.Cap(); bounded && n > most {
		return ErrCapacity
	}
	return nil
}

// reservation is what both futures have in common.
type reservation[T any] struct {
	noCopy noCopy
	tx     *Sender[T]
	w      *wait[T]
	n      int
	phase  phase
}

// await reserves the slots.
func (f *reservation[T]) await(ctx context.Context) error {
	if err := f.phase.OverOf(f.tx != nil); err != nil {
		return err
	}
	tx := f.tx
	f.phase, f.tx = consumed, nil
	if f.w != nil {
		g := &reservation[T]{tx: tx, w: f.w, n: f.n}
		f.w = nil
		_, err := future.Await(ctx, g)
		return err
	}
	if park.Exploring.Load() != 0 {
		explore(ctx)
	}
	if err := tx.reservable(f.n); err != nil {
		return err
	}
	limit := waitq.Within(ctx, tx)
	defer limit.Stop()
	return tx.c.Reserve(&tx.h, f.n, &limit)
}

// Poll implements [future.Future]. When it is ready without an error, the slots are the
// caller's.
func (f *reservation[T]) Poll(cx *future.Context) (none struct{}, ready bool, err error) {
	if err := f.phase.OverOf(f.tx != nil); err != nil {
		return none, true, err
	}
	tx := f.tx
	if f.w == nil {
		if err := tx.reservable(f.n); err != nil {
			f.end(consumed)
			return none, true, err
		}
		f.w = tx.c.TakeWait(&tx.h)
	}
	if ready, err = tx.c.PollReserve(&tx.h, &f.w.Polled, cx.Waker(), f.n); ready {
		f.end(consumed)
	}
	return none, ready, err
}

// Drop implements [future.Future]: it dequeues the reservation, or releases its slots if they
// were granted already.
func (f *reservation[T]) Drop() {
	if f.phase != pending {
		return
	}
	if f.w != nil {
		f.tx.c.EndReserve(&f.w.Polled)
	}
	f.end(dropped)
}

func (f *reservation[T]) end(p phase) {
	f.phase = p
	if f.w != nil {
		f.tx.c.PutWait(f.w)
	}
	f.tx, f.w = nil, nil
}

// ReserveFuture is a reservation of one slot, made by [Sender.Reserve]. It is a
// future.Future[*Permit[T]]. Dropping it removes it from the wait queue or, if the slot was
// granted already, releases the slot. A granted one that is abandoned, neither polled nor
// dropped, keeps its slot.
//
// It has one owner and must not be copied.
type ReserveFuture[T any] struct{ r reservation[T] }

var _ future.Future[*Permit[int]] = (*ReserveFuture[int])(nil)

// Await waits for a free slot, first come first served among sends and reservations,
// and returns it as a permit. The slot is taken: no other send gets it until the permit
// is used or dropped.
//
// It fails with [ErrClosed], [ErrDropped] or ctx's error as a send does, but without a
// value and so without a SendError; and with [errors.ErrUnsupported] on a rendezvous
// channel, which has no slots. On an unbounded channel it is ready at once, with
// [ErrCapacity] when 1<<60 slots are reserved. It tries once even if ctx has ended already.
func (f *ReserveFuture[T]) Await(ctx context.Context) (*Permit[T], error) {
	tx := f.r.tx
	if err := f.r.await(ctx); err != nil {
		return nil, err
	}
	return newPermit(tx), nil
}

// Poll implements [future.Future].
func (f *ReserveFuture[T]) Poll(cx *future.Context) (p *Permit[T], ready bool, err error) {
	tx := f.r.tx
	_, ready, err = f.r.Poll(cx)
	if ready && err == nil {
		p = newPermit(tx)
	}
	return p, ready, err
}

// Drop implements [future.Future].
func (f *ReserveFuture[T]) Drop() { f.r.Drop() }

// ReserveManyFuture is a reservation of several slots, made by [Sender.ReserveMany]. It
// is a future.Future[*Permits[T]], and otherwise like [ReserveFuture]. It is granted as
// a whole: while it is first in the wait queue, no other send or reservation gets a slot.
type ReserveManyFuture[T any] struct{ r reservation[T] }

var _ future.Future[*Permits[int]] = (*ReserveManyFuture[int])(nil)

// Await waits for the slots and returns them as permits. It fails as
// [ReserveFuture.Await] does, or with [ErrCapacity].
func (f *ReserveManyFuture[T]) Await(ctx context.Context) (*Permits[T], error) {
	tx := f.r.tx
	if err := f.r.await(ctx); err != nil {
		return nil, err
	}
	return newPermits(tx, f.r.n), nil
}

// Poll implements [future.Future].
func (f *ReserveManyFuture[T]) Poll(cx *future.Context) (p *Permits[T], ready bool, err error) {
	tx := f.r.tx
	_, ready, err = f.r.Poll(cx)
	if ready && err == nil {
		p = newPermits(tx, f.r.n)
	}
	return p, ready, err
}

// Drop implements [future.Future].
func (f *ReserveManyFuture[T]) Drop() { f.r.Drop() }
