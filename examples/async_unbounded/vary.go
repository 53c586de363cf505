package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/task"
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
	_, err := task.BlockOn(ctx, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, varied(ctx, opt, w)
	})
	return err
}

func varied(ctx context.Context, opt options, w io.Writer) error {
	tx, rx := async.Unbounded[message]()
	if opt.bound >= 0 {
		tx, rx = async.Bounded[message](opt.bound)
	}

	producers := make([]*task.JoinHandle[struct{}], opt.producers)
	for i := range producers {
		tx := tx.Clone() // each has a handle of its own
		produce := func(ctx context.Context) (struct{}, error) {
			defer tx.Drop()
			return struct{}{}, opt.produce(ctx, i+1, w, tx)
		}
		if opt.face == blocking {
			producers[i] = task.SpawnBlocking(ctx, produce)
		} else {
			producers[i] = task.Spawn(ctx, produce)
		}
	}
	// The first handle was only there to be cloned. As long as it lives, the loop
	// below does not end.
	tx.Drop()

	count := 0
	var err error
	for received := range rx.All(ctx) {
		if _, err = fmt.Fprintln(w, "Received:", received); err != nil {
			break
		}
		count++
	}
	// Without a receiver every Send fails, and there is nothing to wait for.
	rx.Drop()
	for _, h := range producers {
		// They end with ctx by themselves. That there is no receiver is not their news.
		_, failed := h.Await(context.WithoutCancel(ctx))
		if err == nil && !errors.Is(failed, async.ErrClosed) {
			err = failed
		}
	}
	if err != nil || count == opt.producers*opt.messages {
		return err
	}
	return ctx.Err()
}

// produce sends the messages of one producer. They count from 1.
func (opt options) produce(ctx context.Context, producer int, w io.Writer, tx *async.Sender[message]) error {
	if opt.producers == 1 {
		producer = 0
	}
	for i := range opt.messages {
		m := message{i + 1, producer}
		if err := opt.send(ctx, tx, m); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(w, "Sent:", m); err != nil {
			return err
		}
	}
	return nil
}

// send is the same channel from its two faces: a blocking send holds a goroutine,
// and a task that awaits releases its worker.
func (opt options) send(ctx context.Context, tx *async.Sender[message], m message) error {
	if opt.face == blocking {
		return tx.SendBlocking(m)
	}
	return tx.Send(m).Await(ctx)
}
