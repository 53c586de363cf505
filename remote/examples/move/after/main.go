// Command after sends jobs through a server, which is in this process unless it is given a
// URL. Its sibling before does without; docs/remote.md shows the difference.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/handoff-go/handoff/remote"
)

type job struct{ Number int }

func produce(ctx context.Context, tx *remote.Sender[job]) error {
	defer tx.Drop()
	for n := range 5 {
		if err := tx.Send(job{n}).Await(ctx); err != nil {
			return err
		}
	}
	return nil
}

func consume(ctx context.Context, rx *remote.Receiver[job]) error {
	defer rx.Drop()
	for {
		d, err := rx.Recv().Await(ctx)
		if errors.Is(err, remote.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		fmt.Println("job", d.Value.Number)
		if err := d.Ack(); err != nil {
			return err
		}
	}
}

func run(ctx context.Context) error {
	conn, err := remote.Open(ctx, os.Getenv("NATS_URL")) // none: a server in this process
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // what it may report comes again
	tx, rx, err := remote.Bounded[job](ctx, conn, "jobs", 100)
	if err != nil {
		return err
	}
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
