// Tour runs the examples one after the other, each under a heading that says what
// it shows.
//
//	go run ./examples/tour            # all of them
//	go run ./examples/tour -list      # their names
//	go run ./examples/tour -run NAME  # one of them
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"time"
)

// stop is one example with the arguments of a small run. Each is a program of its
// own that can be read and copied as it stands, so the tour runs them with go run
// instead of importing them from a place that only the tour would need.
type stop struct {
	name, shows string
	args        []string
}

const module = "github.com/handoff-go/handoff"

var stops = []stop{
	{"hello_channel", "A goroutine sends one message, and main receives it.", nil},
	{"sync_iter", "A loop over the channel ends when the sender has dropped its handle.", nil},
	{"async_unbounded", "The same in tasks, which give their worker away while they wait.", nil},
	{
		"pipeline", "Four stages with several workers each. Here on the documentation and the examples.",
		[]string{"-top", "5", "docs", "examples"},
	},
	{
		"actors", "Actors that answer questions, and what each of them costs. A million of them without the flags.",
		[]string{"-actors", "10000"},
	},
	{
		"event_loop", "Lines, signals, ticks and changes of files, in one loop.",
		[]string{"-for", "500ms", "-tick", "200ms", "-dir", "docs"},
	},
	{
		"logstats", "Producer and consumer on real input: several readers, one that adds up. Here on the sources of this module.",
		[]string{"-top", "5", "."},
	},
	{
		"checksum", "Work distributed to tasks: a bounded number of them hash files, and results come in the order of completion. Here on package future, sorted by name.",
		[]string{"-sort", "future"},
	},
}

func main() {
	ctx, stopSignals := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stopSignals()
	os.Exit(tour(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// tour returns the exit code: 1 if an example failed, 2 for a mistake in args.
func tour(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("tour", flag.ContinueOnError)
	flags.SetOutput(stderr)
	list := flags.Bool("list", false, "print the names of the examples and stop")
	only := flags.String("run", "", "run only the example of this `name`")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "tour: unexpected argument %q\n", flags.Arg(0))
		return 2
	}
	chosen := stops
	if *only != "" {
		chosen = nil
		for _, s := range stops {
			if s.name == *only {
				chosen = []stop{s}
			}
		}
		if chosen == nil {
			fmt.Fprintf(stderr, "tour: no example is called %q; -list prints the names\n", *only)
			return 2
		}
	}
	if *list {
		for _, s := range chosen {
			fmt.Fprintf(stdout, "%-16s %s\n", s.name, s.shows)
		}
		return 0
	}

	root, err := moduleRoot(ctx)
	if err != nil {
		fmt.Fprintf(stderr, "tour: %v\n", err)
		return 1
	}
	code := 0
	for i, s := range chosen {
		if i > 0 {
			fmt.Fprintln(stdout)
		}
		command := append([]string{"run", "./examples/" + s.name}, s.args...)
		fmt.Fprintf(stdout, "== %s\n%s\n$ go %s\n\n", s.name, s.shows, strings.Join(command, " "))
		cmd := exec.CommandContext(ctx, "go", command...)
		cmd.Dir, cmd.Stdout, cmd.Stderr = root, stdout, stderr
		// Ctrl-C reaches the example too, which ends by itself: killing go run would
		// only take its parent away.
		cmd.Cancel = func() error { return nil }
		cmd.WaitDelay = 5 * time.Second
		if err := cmd.Run(); err != nil {
			if ctx.Err() != nil {
				return 130
			}
			fmt.Fprintf(stderr, "tour: %s: %v\n", s.name, err)
			code = 1
		}
	}
	return code
}

// moduleRoot lets the tour be started from any folder of the checkout.
func moduleRoot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		return "", fmt.Errorf("start me inside a checkout of %s: %w", module, err)
	}
	return strings.TrimSpace(string(out)), nil
}
