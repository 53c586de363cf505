package main

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/sync/mpsc"
)

// vary is the listing with other numbers and another kind of channel. With the options
// of the listing it prints the same.
func vary(ctx context.Context, opt options, w io.Writer) error {
	switch {
	case opt.face == awaitable && opt.bound < 0:
		tx, rx := async.Unbounded[string]()
		return withAsync(ctx, opt, tx, rx, w)
	case opt.face == awaitable:
		tx, rx := async.Bounded[string](opt.bound)
		return withAsync(ctx, opt, tx, rx, w)
	case opt.bound < 0:
		tx, rx := mpsc.Channel[string]()
		return withMPSC(ctx, opt, tx, rx, w)
	default:
		tx, rx := mpsc.SyncChannel[string](opt.bound)
		return withMPSC(ctx, opt, tx, rx, w)
	}
}

// text is the message of one producer. They count from 1.
func (opt options) text(producer int) string {
	if opt.producers == 1 {
		return opt.message
	}
	return fmt.Sprintf("%s (producer %d)", opt.message, producer)
}

// complete returns nil if count messages are all. That the channel has ended would not
// tell: a producer that Ctrl-C kept from sending drops its handle too.
func (opt options) complete(ctx context.Context, count int) error {
	if count == opt.producers {
		return nil
	}
	return ctx.Err()
}

// sender is what *mpsc.Sender and *mpsc.SyncSender have in common. They are two types
// because only a bounded channel can make a sender wait. S is the sender's own type,
// which Clone returns.
type sender[S any] interface {
	Send(string) error
	Clone() S
	Drop()
}

func withMPSC[S sender[S]](ctx context.Context, opt options, tx S, rx *mpsc.Receiver[string], w io.Writer) error {
	var producers sync.WaitGroup
	// Deferred calls run in reverse order: without a receiver every Send fails, and
	// there is nothing to wait for.
	defer producers.Wait()
	defer rx.Drop()

	for i := range opt.producers {
		tx := tx.Clone() // each has a handle of its own
		producers.Go(func() {
			defer tx.Drop()
			_ = tx.Send(opt.text(i + 1)) // fails only if main wants no more
		})
	}
	// The first handle was only there to be cloned. As long as it lives, the loop
	// below does not end.
	tx.Drop()

	count := 0
	for received := range rx.AllContext(ctx) {
		if _, err := fmt.Fprintln(w, "Received:", received); err != nil {
			return err
		}
		count++
	}
	return opt.complete(ctx, count)
}

// withAsync differs in two points: a wait is a future, and one type of sender serves
// channels with and without a bound.
func withAsync(ctx context.Context, opt options, tx *async.Sender[string], rx *async.Receiver[string], w io.Writer) error {
	var producers sync.WaitGroup
	defer producers.Wait()
	defer rx.Drop()

	for i := range opt.producers {
		tx := tx.Clone()
		producers.Go(func() {
			defer tx.Drop()
			_ = tx.Send(opt.text(i + 1)).Await(ctx) // fails only if main wants no more, or after Ctrl-C
		})
	}
	tx.Drop()

	count := 0
	for received := range rx.All(ctx) {
		if _, err := fmt.Fprintln(w, "Received:", received); err != nil {
			return err
		}
		count++
	}
	return opt.complete(ctx, count)
}
