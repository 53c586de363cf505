// Command hello_channel is the smallest use of a channel: a goroutine sends
// one message and main receives it.
//
//	go run ./examples/hello_channel
//	go run ./examples/hello_channel -producers 3 -message "Good morning!" -bound 0
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

func run(w io.Writer) error {
	// Create a channel: what goes in at tx comes out at rx.
	tx, rx := mpsc.Channel[string]()
	defer rx.Drop()

	// Start a goroutine, and let it own the sender: it drops it when it is done.
	go func() {
		defer tx.Drop()
		// Send never panics. It fails only if the receiver was dropped, and then the
		// error carries the message back.
		if err := tx.Send("Hello from a goroutine!"); err != nil {
			fmt.Fprintln(os.Stderr, "hello_channel:", err)
		}
	}()

	// Recv waits until a message is there. If the goroutine had dropped its
	// sender without sending, Recv would return an error instead of waiting for
	// ever.
	received, err := rx.Recv()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, "Received:", received)
	return err
}
