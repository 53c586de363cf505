// Command before sends jobs from one goroutine to another. Its sibling after does it
// between processes; docs/remote.md shows the difference.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/handoff-go/handoff/async"
)

type job struct{ Number int }

func produce(ctx context.Context, tx *async.Sender[job]) error {
	defer tx.Drop()
	for n := range 5 {
		if err := tx.Send(job{n}).Await(ctx); err != nil {
			return err
		}
	}
	return nil
}

func consume(ctx context.Context, rx *async.Receiver[job]) error {
	defer rx.Drop()
	for {
		j, err := rx.Recv().Await(ctx)
		if errors.Is(err, async.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		fmt.Println("job", j.Number)
	}
}

func run(ctx context.Context) error {
	tx, rx := async.Bounded[job](100)
	sent := make(chan error, 1)
	go func() { sent <- produce(ctx, tx) }()
	return errors.Join(consume(ctx, rx), <-sent)
}

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
