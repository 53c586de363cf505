package remote

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/nats-io/nats.go"

	"github.com/handoff-go/handoff/future"
)

// Receiver is a handle to receive from a channel. Receivers of all processes compete for
// its messages. It is safe for concurrent use and must not be copied; Clone makes
// another.
type Receiver[T any] struct {
	l       *link
	decode  func(*nats.Msg) (T, error)
	dropped atomic.Bool
}

func newReceiver[T any](l *link, decode func(*nats.Msg) (T, error)) *Receiver[T] {
	l.mu.Lock()
	l.takers++
	l.mu.Unlock()
	return &Receiver[T]{l: l, decode: decode}
}

// Recv returns a future of the next message. See [RecvFuture].
func (r *Receiver[T]) Recv() *RecvFuture[T] {
	return &RecvFuture[T]{receive[T]{r: r, w: waiter{want: 1}}}
}

// RecvMany returns a future of up to limit messages: it waits for one and takes what has
// arrived with it. A limit below 1 gives none, at once. See [RecvManyFuture].
func (r *Receiver[T]) RecvMany(limit int) *RecvManyFuture[T] {
	return &RecvManyFuture[T]{receive[T]{r: r, w: waiter{want: limit}}}
}

// TryRecv returns a message if the stream has one to give, and [ErrEmpty] otherwise. To
// know that it asks the server, and waits for the answer until ctx ends. A message that is
// just coming to a call of this process that was given up is found a moment later.
func (r *Receiver[T]) TryRecv(ctx context.Context) (*Delivery[T], error) {
	f := r.Recv()
	f.w.probe = true
	return f.Await(ctx)
}

// Clone returns another handle. One that is made from a dropped handle is dropped too.
// The clones share what was fetched.
func (r *Receiver[T]) Clone() *Receiver[T] {
	c := newReceiver(r.l, r.decode)
	if r.dropped.Load() {
		c.Drop()
	}
	return c
}

// Drop ends this handle. With the last one of this process, receives that wait fail with
// [ErrDropped], and messages that were fetched and not seen go back to the stream.
// Deliveries in hand may still be acknowledged or returned. It does not wait, and may be called any
// number of times.
func (r *Receiver[T]) Drop() {
	if !r.dropped.Swap(true) {
		r.l.dropReceiver()
	}
}

// Close ends the channel for everybody, as [Sender.Close] does.
func (r *Receiver[T]) Close(ctx context.Context) error { return r.CloseCause(ctx, nil) }

// CloseCause is Close with a reason, as [Sender.CloseCause] is.
func (r *Receiver[T]) CloseCause(ctx context.Context, cause error) error {
	if r.dropped.Load() {
		return ErrDropped
	}
	return r.l.close(ctx, cause)
}

// Cause is like [Sender.Cause].
func (r *Receiver[T]) Cause() error { return r.l.closedErr() }

// String returns the name and what this process knows.
func (r *Receiver[T]) String() string { return "Receiver(" + r.l.describe() + ")" }

// receive is what all futures of receivers have in common.
type receive[T any] struct {
	r     *Receiver[T]
	w     waiter
	phase phase
}

func (f *receive[T]) poll(cx *future.Context) ([]*Delivery[T], error) {
	if err := f.phase.over(); err != nil {
		return nil, err
	}
	if f.r.dropped.Load() {
		f.phase = consumed
		f.r.l.pull.forget(&f.w)
		return nil, ErrDropped
	}
	for {
		got, err := f.r.l.pull.take(&f.w, cx.Waker())
		if err != nil {
			f.phase = consumed
			return nil, err
		}
		if got == nil {
			return nil, nil
		}
		var ds []*Delivery[T]
		for _, a := range got {
			if d := f.r.deliver(a); d != nil {
				ds = append(ds, d)
			}
		}
		if len(ds) > 0 {
			f.phase = consumed
			return ds, nil
		}
	}
}

// why adds to the error of a context what stood in the way when it ended.
func (f *receive[T]) why(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil || !errors.Is(err, ctx.Err()) {
		return err
	}
	if trouble := f.r.l.pull.trouble(); trouble != nil {
		return fmt.Errorf("%w: %w", err, trouble)
	}
	return err
}

func (f *receive[T]) drop() {
	if f.phase.drop() {
		f.r.l.pull.forget(&f.w)
	}
}

// deliver makes a delivery of what has arrived, or deals with it in another way: what was
// acknowledged before, does not decode, or was delivered too often is not delivered.
func (r *Receiver[T]) deliver(a *arrival) *Delivery[T] {
	l := r.l
	d := &Delivery[T]{l: l, m: a.m, seq: a.seq, stored: a.stored, count: a.delivered}
	if a.delivered > 1 && l.acks.knows(a.seq, a.stored) {
		d.settle()
		_ = l.acks.ack(a.m, a.seq, a.stored) // the connection is closed, or it is repeated
		return nil
	}
	if a.delivered > l.set.deliveries {
		d.settle()
		l.conn.bury.add(l, a.m, a.seq, a.delivered-1, fmt.Sprintf("delivered %d times and not acknowledged", a.delivered-1))
		return nil
	}
	if a.delivered > 1 {
		l.again.Add(1)
	}
	v, err := r.decode(a.m)
	if err != nil {
		d.settle()
		l.undecoded.Add(1)
		l.conn.bury.add(l, a.m, a.seq, a.delivered, err.Error())
		return nil
	}
	d.Value = v
	l.received.Add(1)
	return d
}
