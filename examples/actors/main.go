// Command actors starts a million actors, each with a channel of its own, says what
// they cost, asks each of them a question, and stops them.
//
//	go run ./examples/actors
//	go run ./examples/actors -actors 1000 -n 100
//
// actor.go holds the actor.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"time"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // the next Ctrl-C kills
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// Limits that keep a mistyped number from taking the machine down.
const (
	maxActors = 10_000_000
	maxN      = 1_000_000
)

// run is the whole program. It returns the exit code: 0, 1 if something failed, 2 for a
// mistake in args, 130 after Ctrl-C.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("actors", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // reported below, and help goes to stdout
	count := flags.Int("actors", 1_000_000, "how many `actors` to start")
	n := flags.Int("n", 3, "ask each to add the numbers from `N` down to 1, one message for each")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		if _, err := io.WriteString(stdout, usage(flags)); err != nil {
			fmt.Fprintln(stderr, "actors:", err)
			return 1
		}
		return 0
	case err != nil: // said by the flag package
	case flags.NArg() > 0:
		err = fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case *count < 1 || *count > maxActors:
		err = fmt.Errorf("-actors %d: want a number from 1 to %d", *count, maxActors)
	case *n < 1 || *n > maxN:
		err = fmt.Errorf("-n %d: want a number from 1 to %d", *n, maxN)
	}
	if err != nil {
		fmt.Fprintf(stderr, "actors: %v (-h explains the flags)\n", err)
		return 2
	}
	err = show(ctx, *count, *n, stdout)
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "actors: interrupted")
		return 130
	case err != nil:
		fmt.Fprintln(stderr, "actors:", err)
		return 1
	}
	return 0
}

// usage is the text that -h prints.
func usage(flags *flag.FlagSet) string {
	var b strings.Builder
	b.WriteString(`actors starts actors, says what they cost, asks each a question, and stops them.

usage: actors [flags]

Flags:
`)
	flags.SetOutput(&b)
	flags.PrintDefaults()
	b.WriteString(`
Exit code: 0 all have answered; 1 something failed, or the output could not be
written; 2 wrong usage; 130 interrupted by Ctrl-C.
`)
	return b.String()
}

// show runs the actors on a runtime of its own, which has stopped when it returns.
func show(ctx context.Context, count, n int, w io.Writer) (err error) {
	rt, err := task.New()
	if err != nil {
		return err
	}
	// With a context of its own: the runtime has to stop after Ctrl-C too.
	defer func() { err = errors.Join(err, rt.Shutdown(context.Background())) }()
	return perform(rt.Context(ctx), count, n, w)
}

func perform(ctx context.Context, count, n int, w io.Writer) error {
	before, began := memory(), time.Now()
	senders := make([]*async.Sender[request], count)
	tasks := make([]*task.JoinHandle[struct{}], count)
	for i := range senders {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		senders[i], tasks[i] = start(ctx)
	}
	took := time.Since(began)
	if _, err := fmt.Fprintf(w, "%d actors, %d bytes and %d ns each, %d goroutines in all\n",
		count, (memory()-before)/int64(count), took.Nanoseconds()/int64(count), runtime.NumGoroutine()); err != nil {
		return err
	}

	began = time.Now()
	sum, err := askAll(ctx, senders, n)
	if err != nil {
		return err
	}
	if want := count * (n * (n + 1) / 2); sum != want {
		return fmt.Errorf("the answers add up to %d and not to %d", sum, want)
	}
	took = time.Since(began)
	if _, err := fmt.Fprintf(w, "each answered %d, after %d messages; %d ns a message\n",
		n*(n+1)/2, n, took.Nanoseconds()/int64(count*n)); err != nil {
		return err
	}

	for _, tx := range senders {
		tx.Drop() // the only handle that keeps the actor alive
	}
	for _, h := range tasks {
		if _, err := h.Await(ctx); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(w, "all have ended")
	return err
}

// window bounds how many questions are open at a time.
const window = 1000

// askAll asks everybody and adds up the answers.
func askAll(ctx context.Context, senders []*async.Sender[request], n int) (sum int, err error) {
	for len(senders) > 0 {
		some := senders[:min(window, len(senders))]
		senders = senders[len(some):]
		answers := make([]future.Future[int], len(some))
		for i, tx := range some {
			if answers[i], err = ask(tx, n); err != nil {
				return 0, err
			}
		}
		all, err := future.Await(ctx, future.TryJoinAll(answers...))
		if err != nil {
			return 0, err
		}
		for _, v := range all {
			sum += v
		}
	}
	return sum, nil
}

// memory is what the program uses for objects and stacks.
func memory() int64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc + s.StackInuse)
}
