// Command sync_iter ranges over a channel: a goroutine sends four numbers, main
// receives them as they arrive, and the loop ends by itself when the goroutine
// drops its sender.
//
//	go run ./examples/sync_iter
//	go run ./examples/sync_iter -bound 0 -messages 10
//	go run ./examples/sync_iter -producers 3 -face awaitable
//
// The listing is run. What the flags change is in vary.go.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/handoff-go/handoff/sync/mpsc"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // the next Ctrl-C kills
	os.Exit(command(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run prints from two goroutines, so w has to be safe for concurrent use, as an
// *os.File is. How the two sides' lines mix is up to the scheduler: this
// channel has no bound, so the sender never waits for the receiver.
func run(w io.Writer) error {
	tx, rx := mpsc.Channel[int]()
	// Leaving the loop early does not drop the receiver. This does, and then the
	// goroutine's next Send fails at once instead of filling a channel that
	// has no reader.
	defer rx.Drop()

	go func() {
		// The last sender to be dropped ends the channel. It needs no Close.
		defer tx.Drop()
		for i := 1; i < 5; i++ {
			if tx.Send(i) != nil {
				return // the receiver was dropped
			}
			if _, err := fmt.Fprintln(w, "Sent:", i); err != nil {
				return // main writes to w as well, and reports what is wrong with it
			}
		}
	}()

	for received := range rx.All() {
		if _, err := fmt.Fprintln(w, "Received:", received); err != nil {
			return err
		}
	}
	return nil
}
