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
	"slices"
	"strings"

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
	flags.SetOutput(io.Discard) // reported below, and help goes to stdout
	flags.IntVar(&opt.workers, "workers", min(runtime.GOMAXPROCS(0), maxWorkers), "how many `workers` each stage has")
	flags.IntVar(&opt.buffer, "buffer", 4, "how many `files` may wait between two stages; 0 hands each one over directly")
	flags.IntVar(&opt.top, "top", 10, "print the `N` most frequent words")
	flags.BoolVar(&opt.reference, "reference", false, "do the same in one plain loop; the output must be the same")
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		if _, err := io.WriteString(stdout, usage(flags)); err != nil {
			fmt.Fprintln(stderr, "pipeline:", err)
			return 1
		}
		return 0
	}
	if err == nil {
		opt.paths = flags.Args()
		err = opt.check()
	}
	if err != nil {
		fmt.Fprintf(stderr, "pipeline: %v (-h explains the flags)\n", err)
		return 2
	}
	if len(opt.paths) == 0 {
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

func (opt options) check() error {
	switch {
	case opt.workers < 1 || opt.workers > maxWorkers:
		return fmt.Errorf("-workers %d: want a number from 1 to %d", opt.workers, maxWorkers)
	case opt.buffer < 0 || opt.buffer > maxBuffer:
		return fmt.Errorf("-buffer %d: want a number from 0 to %d", opt.buffer, maxBuffer)
	case opt.top < 0:
		return fmt.Errorf("-top %d: want 0 or more", opt.top)
	case slices.Contains(opt.paths, ""):
		return errors.New("empty file name")
	}
	return nil
}

// usage is the text that -h prints.
func usage(flags *flag.FlagSet) string {
	var b strings.Builder
	b.WriteString(`pipeline counts the words of files, gzipped ones too, and prints the most frequent.

usage: pipeline [flags] [file or directory ...]

Directories are read with everything below them. Without a file or directory,
pipeline reads the current directory.

Flags:
`)
	flags.SetOutput(&b)
	flags.PrintDefaults()
	b.WriteString(`
Exit code: 0 everything was read; 1 something could not be read, or the output could
not be written; 2 wrong usage; 130 interrupted by Ctrl-C.
`)
	return b.String()
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
