// Command pipeline counts the words of many files, gzipped ones too, in four stages with
// several workers each.
//
//	go run ./examples/pipeline                # the files under the current directory
//	go run ./examples/pipeline -top 5 -workers 4 /usr/share/doc
//
// pipeline.go holds the part that is about channels.
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

	"github.com/handoff-go/handoff/task"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // the next Ctrl-C kills
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// options is the parsed command line.
type options struct {
	paths           []string
	workers, buffer int
	top             int
	reference       bool
}

// Limits that keep a mistyped number from taking the machine down.
const (
	maxWorkers = 256
	maxBuffer  = 1 << 16
)

// run is the whole program. It returns the exit code: 0, 1 if something could not be
// read, 2 for a mistake in args, 130 after Ctrl-C.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var opt options
	flags := flag.NewFlagSet("pipeline", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&opt.workers, "workers", runtime.GOMAXPROCS(0), "how many `workers` each stage has")
	flags.IntVar(&opt.buffer, "buffer", 4, "how many `files` may wait between two stages; 0 hands each one over directly")
	flags.IntVar(&opt.top, "top", 10, "print the `N` most frequent words")
	flags.BoolVar(&opt.reference, "reference", false, "do the same in one plain loop; the output must be the same")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if opt.workers < 1 || opt.workers > maxWorkers || opt.buffer < 0 || opt.buffer > maxBuffer || opt.top < 0 {
		fmt.Fprintf(stderr, "pipeline: want 1 to %d workers, a buffer of 0 to %d, and no negative -top\n", maxWorkers, maxBuffer)
		return 2
	}
	if opt.paths = flags.Args(); len(opt.paths) == 0 {
		opt.paths = []string{"."}
	}
	total, err := count(ctx, opt)
	if ctx.Err() != nil {
		fmt.Fprintln(stderr, "pipeline: interrupted")
		return 130
	}
	if total != nil {
		for _, e := range total.errs {
			fmt.Fprintln(stderr, "pipeline:", e)
		}
		err = errors.Join(err, total.print(stdout, opt.top))
	}
	if err != nil {
		fmt.Fprintln(stderr, "pipeline:", err)
	}
	if err != nil || len(total.errs) > 0 {
		return 1
	}
	return 0
}

// count adds up everything, on a runtime of its own that has stopped when it returns.
func count(ctx context.Context, opt options) (t *totals, err error) {
	if opt.reference {
		return reference(ctx, opt)
	}
	rt, err := task.New()
	if err != nil {
		return nil, err
	}
	// With a context of its own: the runtime has to stop after Ctrl-C too.
	defer func() { err = errors.Join(err, rt.Shutdown(context.Background())) }()
	return task.BlockOn(rt.Context(ctx), func(ctx context.Context) (*totals, error) { return collect(ctx, opt) })
}
