// Command console runs a busy program, with the page of package observe/console about it.
//
//	go run ./examples/console                  # prints an address; open it in a browser
//	go run ./examples/console -deadlock        # with two tasks that wait for each other
//	go run ./examples/console -for 10s -addr 127.0.0.1:6070
//
// shop.go holds the program, and trouble.go what goes wrong in it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/handoff-go/handoff/observe"
	"github.com/handoff-go/handoff/observe/console"
	"github.com/handoff-go/handoff/task"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the next Ctrl-C kills
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// options is the parsed command line.
type options struct {
	addr     string
	limit    time.Duration
	deadlock bool
	labels   bool
	idle     int
}

const maxIdle = 1_000_000 // keeps a mistyped number from taking the machine down

// run is the whole program. It returns the exit code: 0 when it was ended, 1 if something
// failed, 2 for a mistake in args.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var o options
	flags := newFlags(&o)
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		if _, err := io.WriteString(stdout, usage(flags)); err != nil {
			fmt.Fprintln(stderr, "console:", err)
			return 1
		}
		return 0
	case err != nil: // said by the flag package
	case flags.NArg() > 0:
		err = fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case o.limit < 0:
		err = fmt.Errorf("-for %v: want 0 or more", o.limit)
	case o.idle < 0 || o.idle > maxIdle:
		err = fmt.Errorf("-idle %d: want a number from 0 to %d", o.idle, maxIdle)
	}
	if err != nil {
		fmt.Fprintf(stderr, "console: %v (-h explains the flags)\n", err)
		return 2
	}
	if o.limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.limit)
		defer cancel()
	}
	if err := show(ctx, o, stdout); err != nil {
		fmt.Fprintln(stderr, "console:", err)
		return 1
	}
	return 0
}

func newFlags(o *options) *flag.FlagSet {
	flags := flag.NewFlagSet("console", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // run reports errors itself, and help goes to stdout
	flags.StringVar(&o.addr, "addr", "127.0.0.1:0", "the `address` to listen at; port 0 is any that is free")
	flags.DurationVar(&o.limit, "for", 0, "stop after this `time`; 0: run until Ctrl-C")
	flags.BoolVar(&o.deadlock, "deadlock", false, "add two tasks that wait for each other")
	flags.BoolVar(&o.labels, "labels", false, "show what is in the messages, too")
	flags.IntVar(&o.idle, "idle", 0, "add `N` channels that nothing happens on")
	return flags
}

// usage is the text that -h prints.
func usage(flags *flag.FlagSet) string {
	var b strings.Builder
	b.WriteString(`console runs a shop: customers order, clerks price the orders, a packer packs them.
It prints the address of a page that shows its channels and tasks while it runs. Now and
then the packer takes a break, and the clerks have to wait.

usage: console [flags]

Every client that can reach the address sees the page.

Flags:
`)
	flags.SetOutput(&b)
	flags.PrintDefaults()
	b.WriteString(`
Exit code: 0 it was ended, by Ctrl-C or by -for; 1 something failed, or the output could
not be written; 2 wrong usage.
`)
	return b.String()
}

// show runs the shop and the server until ctx ends.
func show(ctx context.Context, o options, w io.Writer) (err error) {
	recording := observe.Options{Events: 20_000}
	if o.labels {
		recording.Label = func(message any) string { return fmt.Sprint(message) }
	}
	defer observe.Enable(recording)() // before the channels are made

	rt, err := task.New(task.WithName("shop"))
	if err != nil {
		return err
	}
	// With a context of its own: the runtime has to stop after ctx has ended too.
	defer func() { err = errors.Join(err, rt.Shutdown(context.Background())) }()

	var listening net.ListenConfig
	at, err := listening.Listen(ctx, "tcp", o.addr)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/debug/handoff/", console.Handler())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(at) }()
	defer func() {
		if e := server.Shutdown(context.Background()); e != nil {
			err = errors.Join(err, e)
		}
		if e := <-served; !errors.Is(e, http.ErrServerClosed) {
			err = errors.Join(err, e)
		}
	}()

	defer idle(o.idle)()
	open(rt.Context(ctx))
	if o.deadlock {
		quarrel(rt.Context(ctx))
	}
	if _, err := fmt.Fprintf(w, "http://%s/debug/handoff/\n", at.Addr()); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}
