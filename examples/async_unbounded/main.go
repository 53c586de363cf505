// Command async_unbounded sends and receives in tasks: a task sends four numbers into
// an unbounded channel, the main task receives them as they arrive, and the loop ends by
// itself when the sender is dropped. A task releases its worker while it awaits, so
// one worker is enough.
//
//	go run ./examples/async_unbounded
//	go run ./examples/async_unbounded -producers 3 -bound 1
//	go run ./examples/async_unbounded -face blocking -messages 10
//
// The listing is counting. What the flags change is in vary.go.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/task"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // the next Ctrl-C kills
	os.Exit(command(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run prints from two tasks, so w has to be safe for concurrent use, as an *os.File
// is. How the two sides' lines mix is up to the scheduler.
func run(ctx context.Context, w io.Writer) error {
	_, err := task.BlockOn(ctx, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, counting(ctx, w)
	})
	return err
}

func counting(ctx context.Context, w io.Writer) error {
	tx, rx := async.Unbounded[int]()

	sender := task.Go(ctx, func(ctx context.Context) error {
		// The last sender to be dropped ends the channel. It needs no Close.
		defer tx.Drop()
		for i := 1; i < 5; i++ {
			if err := tx.Send(i).Await(ctx); err != nil {
				return err
			}
			if _, err := fmt.Fprintln(w, "Sent:", i); err != nil {
				return err
			}
		}
		return nil
	})

	for received := range rx.All(ctx) {
		if _, err := fmt.Fprintln(w, "Received:", received); err != nil {
			break // the sender writes to w as well, and reports what is wrong with it
		}
	}
	// Leaving the loop drops nothing. This does, and then a Send fails at once instead
	// of filling a channel without a reader.
	rx.Drop()
	_, err := sender.Await(ctx)
	return err
}
