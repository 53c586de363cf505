// Command async_unbounded sends and receives in tasks: a task sends four numbers into
// an unbounded channel, the main task receives them as they arrive, and the loop ends by
// itself when the sender is dropped. Whoever awaits gives its worker away meanwhile, so
// it would work with a single one.
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
	defer stop()
	if err := run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "async_unbounded:", err)
		os.Exit(1)
	}
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
		// The last sender to be dropped ends the channel. Nobody has to close it.
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
	// of filling a channel that nobody reads.
	rx.Drop()
	_, err := sender.Await(ctx)
	return err
}
