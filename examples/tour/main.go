// Tour runs the examples one after the other, each under a heading that says what
// it shows.
//
//	go run ./examples/tour                # all of them
//	go run ./examples/tour -list          # their names
//	go run ./examples/tour -run NAME,NAME # some of them
//	go run ./examples/tour -diagram       # the chapter's diagram, drawn from a run
//
// run.go holds how they are built and run, and diagram.go the last one.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// stop is one example with the arguments of a small run. Each is a program of its
// own that can be read and copied as it stands, so the tour builds and runs them instead
// of importing them from a place that only the tour would need.
type stop struct {
	name, shows string
	args        []string
}

// stops are in the order of the chapter: its listings, then its scenarios, and then what
// it has no section for.
var stops = []stop{
	{"hello_channel", "A goroutine sends one message, and main receives it.", nil},
	{"sync_iter", "A loop over the channel ends when the sender has dropped its handle.", nil},
	{"async_unbounded", "The same in tasks, which release their worker while they wait.", nil},
	{
		"logstats", "Producer and consumer on real input: several readers, one that adds up. Here on the sources of this module.",
		[]string{"-top", "5", "."},
	},
	{
		"checksum", "Work distributed to tasks: a bounded number of them hash files, and results come in the order of completion. Here on a small folder, sorted by name.",
		[]string{"-sort", "internal/waitq"},
	},
	{
		"event_loop", "Lines, signals, ticks and changes of files, in one loop.",
		[]string{"-for", "500ms", "-tick", "200ms", "-dir", "docs"},
	},
	{
		"pipeline", "Four stages with several workers each. Here on the documentation and the examples.",
		[]string{"-top", "5", "docs", "examples"},
	},
	{
		"request_reply", "Clients ask servers about words, and each request carries its way back. Here in package async.",
		[]string{"-dir", "async", "ErrCapacity"},
	},
	{
		"graceful_shutdown", "When it is stopped it finishes what it has accepted, and says what became of every file. Here it is stopped after 5 ms and goes on for a moment.",
		[]string{"-workers", "1", "-queue", "4", "-for", "5ms", "docs"},
	},
	{
		"console", "A live page about a busy program; here it runs for a second. Open the address that it prints without -for.",
		[]string{"-for", "1s"},
	},
	{
		"actors", "Actors that answer questions, and what each of them costs. A million of them without the flags.",
		[]string{"-actors", "10000"},
	},
}

func main() {
	ctx, stopSignals := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stopSignals) // the next Ctrl-C kills
	// When SIGPIPE is handled, writing into a closed pipe is an error and not the end
	// of the program, which would leave what it has built behind. The examples are not
	// concerned.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	os.Exit(tour(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// What the program exits with.
const (
	exitOK          = 0
	exitFailed      = 1 // an example failed, or the output could not be written
	exitUsage       = 2
	exitInterrupted = 130 // what shells report for a program that Ctrl-C stopped
)

// tour is the whole program. It returns the exit code.
func tour(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("tour", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // reported below, and help goes to stdout
	list := flags.Bool("list", false, "print the names of the examples and what they show, and stop")
	only := flags.String("run", "", "run only the examples of these `names`, separated by commas, in this order")
	draw := flags.Bool("diagram", false, "write the diagram of the chapter in Mermaid, drawn from a program that runs, and stop")
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		_, err := io.WriteString(stdout, usage(flags))
		return finish(err, stderr)
	}
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	chosen := stops
	flags.Visit(func(f *flag.Flag) {
		if err == nil && f.Name == "run" { // -run '' names none, and does not mean all
			chosen, err = choose(*only)
		}
	})
	if err != nil {
		fmt.Fprintf(stderr, "tour: %v (-h explains the flags)\n", err)
		return exitUsage
	}
	if *draw {
		return finish(diagram(stdout), stderr)
	}
	if *list {
		var b strings.Builder
		for _, s := range chosen {
			fmt.Fprintf(&b, "%-18s %s\n", s.name, s.shows)
		}
		_, err := io.WriteString(stdout, b.String())
		return finish(err, stderr)
	}

	start := time.Now()
	failed, err := visit(ctx, chosen, stdout, stderr)
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "tour: interrupted")
		return exitInterrupted
	case err == nil && failed > 0:
		fmt.Fprintf(stderr, "tour: %d of %d failed\n", failed, len(chosen))
		return exitFailed
	case err == nil:
		// On stderr, so that it does not hang on the output of the last example.
		fmt.Fprintf(stderr, "tour: %d examples, built and run in %.1f s\n", len(chosen), time.Since(start).Seconds())
	}
	return finish(err, stderr)
}

// finish reports err, if there is one, and returns the exit code.
func finish(err error, stderr io.Writer) int {
	if err == nil {
		return exitOK
	}
	if !errors.Is(err, syscall.EPIPE) { // a reader that closed the pipe needs no message
		fmt.Fprintln(stderr, "tour:", err)
	}
	return exitFailed
}

// choose returns the stops of these names, in their order.
func choose(names string) ([]stop, error) {
	var chosen []stop
	for name := range strings.SplitSeq(names, ",") {
		name = strings.TrimSpace(name)
		i := slices.IndexFunc(stops, func(s stop) bool { return s.name == name })
		if i < 0 {
			return nil, fmt.Errorf("no example is called %q; -list prints the names", name)
		}
		chosen = append(chosen, stops[i])
	}
	return chosen, nil
}

// usage is the text that -h prints.
func usage(flags *flag.FlagSet) string {
	var b strings.Builder
	b.WriteString(`tour runs the examples, each under a heading that says what it shows.

usage: tour [flags]

Flags:
`)
	flags.SetOutput(&b)
	flags.PrintDefaults()
	b.WriteString(`
Exit code: 0 all went well; 1 an example failed, and the others were run, or the
output could not be written; 2 wrong usage; 130 interrupted by Ctrl-C.
`)
	return b.String()
}
