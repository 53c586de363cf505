// Command event_loop handles events of several kinds in one loop: lines from standard
// input, signals, a ticker, and changes of the files under a directory.
//
//	go run ./examples/event_loop                 # type lines, touch files; "quit" or Ctrl-C ends it
//	go run ./examples/event_loop -dir /tmp -dir docs -tick 5s
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
	"strings"
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
	flags.SetOutput(io.Discard) // reported below, and help goes to stdout
	var o options
	flags.Func("dir", "watch the files under this `directory`; may be given several times (default \".\")", o.addDir)
	flags.DurationVar(&o.every, "every", time.Second, "how `often` to look at them")
	flags.DurationVar(&o.tick, "tick", 10*time.Second, "the `time` between two ticks")
	limit := flags.Duration("for", 0, "stop after this `time`; 0: run until \"quit\" or Ctrl-C")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		if _, err := io.WriteString(stdout, usage(flags)); err != nil {
			fmt.Fprintln(stderr, "event_loop:", err)
			return 1
		}
		return 0
	case err != nil: // said by the flag package
	case flags.NArg() > 0:
		err = fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case o.every <= 0:
		err = fmt.Errorf("-every %v: want a time above 0", o.every)
	case o.tick <= 0:
		err = fmt.Errorf("-tick %v: want a time above 0", o.tick)
	case *limit < 0:
		err = fmt.Errorf("-for %v: want 0 or more", *limit)
	}
	if err != nil {
		fmt.Fprintf(stderr, "event_loop: %v (-h explains the flags)\n", err)
		return 2
	}
	if len(o.dirs) == 0 {
		o.dirs = []string{"."}
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

// usage is the text that -h prints.
func usage(flags *flag.FlagSet) string {
	var b strings.Builder
	b.WriteString(`event_loop prints lines of standard input, signals, ticks and changes of files, as
they come.

usage: event_loop [flags]

The line "quit" and Ctrl-C end it.

Flags:
`)
	flags.SetOutput(&b)
	flags.PrintDefaults()
	b.WriteString(`
Exit code: 0 it was ended; 1 something failed, or the output could not be written;
2 wrong usage.
`)
	return b.String()
}
