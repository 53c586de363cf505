// Command event_loop handles events of several kinds in one loop: lines from standard
// input, signals, a ticker, and changes of the files under a directory.
//
//	go run ./examples/event_loop                 # type lines, touch files; "quit" or Ctrl-C ends it
//	go run ./examples/event_loop -dir /tmp -tick 5s
//
// loop.go holds the loop, sources.go where the events come from.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

func main() {
	sigs := make(chan os.Signal, 1)
	signal.Notify(sigs, os.Interrupt)
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, sigs, os.Stdout, os.Stderr))
}

// run returns the exit code: 1 if something failed, 2 for a mistake in args.
func run(ctx context.Context, args []string, stdin io.Reader, sigs <-chan os.Signal, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("event_loop", flag.ContinueOnError)
	flags.SetOutput(stderr)
	var o options
	flags.StringVar(&o.dir, "dir", ".", "watch the files under this `directory`")
	flags.DurationVar(&o.every, "every", time.Second, "how `often` to look at them")
	flags.DurationVar(&o.tick, "tick", 10*time.Second, "the `time` between two ticks")
	limit := flags.Duration("for", 0, "stop after this `time`; 0: run until \"quit\" or Ctrl-C")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	switch {
	case flags.NArg() > 0:
		fmt.Fprintf(stderr, "event_loop: unexpected argument %q\n", flags.Arg(0))
		return 2
	case o.every <= 0 || o.tick <= 0 || *limit < 0:
		fmt.Fprintln(stderr, "event_loop: -every and -tick want a time above 0, and -for none below")
		return 2
	}
	if *limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, *limit)
		defer cancel()
	}
	if err := serve(ctx, o, stdin, sigs, stdout); err != nil {
		fmt.Fprintln(stderr, "event_loop:", err)
		return 1
	}
	return 0
}
