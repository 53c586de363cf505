package mpsc

import (
	"context"
	"iter"
)

// All returns an iterator over the messages, which waits for each and ends when
// the channel does: every sender was dropped and everything was received, or this
// handle was dropped.
//
//	for msg := range rx.All() {
//	    ...
//	}
//
// Leaving the loop early drops nothing and loses nothing: a later receive goes on
// with the next message.
func (r *Receiver[T]) All() iter.Seq[T] { return each(r.Recv) }

// AllContext is All that also ends with ctx, at the next message even if more are
// ready; like every receive it tries once before it looks at ctx. A TryRecv
// afterwards tells the two ends apart: [ErrDisconnected] means that everything was
// received.
func (r *Receiver[T]) AllContext(ctx context.Context) iter.Seq[T] {
	return func(yield func(T) bool) {
		for v := range each(func() (T, error) { return r.RecvContext(ctx) }) {
			if !yield(v) || ctx.Err() != nil {
				return
			}
		}
	}
}

// TryAll returns an iterator over the messages that are there: it ends at the first
// moment when there is none, or at the end of the channel. It never blocks.
func (r *Receiver[T]) TryAll() iter.Seq[T] { return each(r.TryRecv) }

// each yields what next returns until it fails.
func each[T any](next func() (T, error)) iter.Seq[T] {
	return func(yield func(T) bool) {
		for {
			v, err := next()
			if err != nil || !yield(v) {
				return
			}
		}
	}
}
