package main

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/sync/mpsc"
)

// message is a number and, if there are several, the producer that sent it.
type message struct{ number, producer int }

func (m message) String() string {
	if m.producer == 0 {
		return fmt.Sprint(m.number)
	}
	return fmt.Sprintf("%d (producer %d)", m.number, m.producer)
}

// vary is the listing with other numbers and another kind of channel. With the options
// of the listing it prints the same. Like the listing it writes to w from several
// goroutines.
func vary(ctx context.Context, opt options, w io.Writer) error {
	switch {
	case opt.face == awaitable && opt.bound < 0:
		tx, rx := async.Unbounded[message]()
		return withAsync(ctx, opt, tx, rx, w)
	case opt.face == awaitable:
		tx, rx := async.Bounded[message](opt.bound)
		return withAsync(ctx, opt, tx, rx, w)
	case opt.bound < 0:
		tx, rx := mpsc.Channel[message]()
		return withMPSC(ctx, opt, tx, rx, w)
	default:
		tx, rx := mpsc.SyncChannel[message](opt.bound)
		return withMPSC(ctx, opt, tx, rx, w)
	}
}

// sender is what *mpsc.Sender and *mpsc.SyncSender have in common. They are two types
// because only a bounded channel can make a sender wait. S is the sender's own type,
// which Clone returns.
type sender[S any] interface {
	Send(message) error
	Clone() S
	Drop()
}

func withMPSC[S sender[S]](ctx context.Context, opt options, tx S, rx *mpsc.Receiver[message], w io.Writer) error {
	var producers sync.WaitGroup
	// Deferred calls run in reverse order: without a receiver every Send fails, and
	// there is nothing to wait for.
	defer producers.Wait()
	defer rx.Drop()

	for i := range opt.producers {
		tx := tx.Clone() // each has a handle of its own
		producers.Go(func() {
			defer tx.Drop()
			opt.produce(i+1, w, tx.Send)
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
func withAsync(ctx context.Context, opt options, tx *async.Sender[message], rx *async.Receiver[message], w io.Writer) error {
	var producers sync.WaitGroup
	defer producers.Wait()
	defer rx.Drop()

	for i := range opt.producers {
		tx := tx.Clone()
		producers.Go(func() {
			defer tx.Drop()
			opt.produce(i+1, w, func(m message) error { return tx.Send(m).Await(ctx) })
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

// produce sends the messages of one producer. They count from 1.
func (opt options) produce(producer int, w io.Writer, send func(message) error) {
	if opt.producers == 1 {
		producer = 0
	}
	for i := range opt.messages {
		m := message{i + 1, producer}
		if send(m) != nil {
			return // main wants no more
		}
		if _, err := fmt.Fprintln(w, "Sent:", m); err != nil {
			return // main writes to w as well, and reports what is wrong with it
		}
	}
}

// complete returns nil if count messages are all. That the channel has ended would not
// tell: a producer that Ctrl-C kept from sending drops its handle too.
func (opt options) complete(ctx context.Context, count int) error {
	if count == opt.producers*opt.messages {
		return nil
	}
	return ctx.Err()
}
