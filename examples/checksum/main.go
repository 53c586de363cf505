// Command checksum prints the SHA-256 sum of every file under a directory, in the
// format of sha256sum. It distributes work to tasks: a bounded number of them hash
// files, and their results arrive in the order in which they finish.
//
//	go run ./examples/checksum                     # everything below this directory
//	go run ./examples/checksum -sort -workers 8 /usr/share/doc
//	go run ./examples/checksum . >sums && sha256sum --quiet -c sums
//
// distribute.go holds the part that is about tasks.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

// What the program exits with.
const (
	exitOK          = 0
	exitFailed      = 1 // something could not be read, or the output not be written
	exitUsage       = 2
	exitInterrupted = 130 // what shells report for a program that Ctrl-C stopped
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	// From the first Ctrl-C on, the next one kills the program as usual, in case
	// the file system hangs.
	context.AfterFunc(ctx, stop)

	p := program{
		stdout:      os.Stdout,
		stderr:      os.Stderr,
		outTerminal: isTerminal(os.Stdout),
		errTerminal: isTerminal(os.Stderr),
		open:        openFile,
	}
	os.Exit(p.run(ctx, os.Args[1:]))
}

// program is what a run touches of the outside world.
type program struct {
	stdout, stderr           io.Writer
	outTerminal, errTerminal bool // whether these are terminals
	open                     opener
}

// run is the whole program. It returns the exit code.
func (p *program) run(ctx context.Context, args []string) int {
	opt, err := parseOptions(args)
	if errors.Is(err, flag.ErrHelp) {
		if _, err := io.WriteString(p.stdout, usage()); err != nil {
			return p.fail(exitFailed, err)
		}
		return exitOK
	}
	if err != nil {
		return p.fail(exitUsage, fmt.Errorf("%w (-h explains the flags)", err))
	}

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out := output{w: p.stdout, sorted: opt.sorted}
	// Sums that run over the terminal are progress enough.
	bar := progress{w: p.stderr, on: opt.progress || p.errTerminal && (opt.sorted || !p.outTerminal)}
	var failed []error
	complete, err := distribute(ctx, opt, p.open, func(s sum) {
		if s.err != nil {
			failed = append(failed, s.err)
		} else {
			if p.outTerminal && !opt.sorted {
				bar.clear() // they share it
			}
			out.add(s)
			if out.err != nil {
				cancel() // the rest would have no reader
			}
		}
		bar.count(s)
		bar.show()
	})
	bar.clear()
	out.flush()

	for _, err := range failed {
		p.warn(err)
	}
	switch {
	case err != nil:
		return p.fail(exitFailed, err)
	case out.err != nil:
		return p.fail(exitFailed, out.err)
	case !complete:
		return p.fail(exitInterrupted, fmt.Errorf("interrupted: the list is not complete, it has %d files", bar.files))
	case len(failed) > 0:
		return p.fail(exitFailed, fmt.Errorf("%d of %d could not be read", len(failed), bar.files+len(failed)))
	}
	return exitOK
}

func (p *program) fail(code int, err error) int {
	p.warn(err)
	return code
}

// warn ignores an error of stderr: there is nowhere to report it.
func (p *program) warn(err error) {
	_, _ = fmt.Fprintln(p.stderr, "checksum:", err)
}
