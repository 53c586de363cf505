// Command logstats counts lines, bytes and identifiers in real files and prints
// the most frequent identifiers. It is a producer-consumer program: several
// readers parse files and send one message for each, one consumer adds them up.
//
//	go run ./examples/logstats                 # the Go sources of your GOROOT
//	go run ./examples/logstats -top 5 main.go docs
//	go run ./examples/logstats -ext "" -bound 0 /var/log
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
	"os/exec"
	"os/signal"
	"strings"
)

// What the program exits with.
const (
	exitOK          = 0
	exitSkipped     = 1 // something could not be read, or the table not be written
	exitUsage       = 2
	exitInterrupted = 130 // what shells report for a program that Ctrl-C stopped
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	// From the first Ctrl-C on, the next one kills the program as usual, in case
	// the file system hangs.
	context.AfterFunc(ctx, stop)

	p := program{
		stdout:   os.Stdout,
		stderr:   os.Stderr,
		terminal: isTerminal(os.Stderr),
		open:     openFile,
	}
	os.Exit(p.run(ctx, os.Args[1:]))
}

// program is what a run touches of the outside world.
type program struct {
	stdout, stderr io.Writer
	terminal       bool // stderr is a terminal: show progress there
	open           opener
}

// run is the whole program. It returns the exit code.
func (p *program) run(ctx context.Context, args []string) int {
	opt, err := parseOptions(args)
	if errors.Is(err, flag.ErrHelp) {
		if _, err := io.WriteString(p.stdout, usage()); err != nil {
			return p.fail(exitSkipped, err)
		}
		return exitOK
	}
	if err != nil {
		return p.fail(exitUsage, fmt.Errorf("%w (-h explains the flags)", err))
	}
	if len(opt.paths) == 0 {
		goroot, err := findGoroot(ctx)
		if ctx.Err() != nil {
			return p.fail(exitInterrupted, errInterrupted)
		}
		if err != nil {
			return p.fail(exitUsage, fmt.Errorf("no file or directory given, and the Go sources were not found: %w", err))
		}
		opt.paths = []string{goroot}
	}

	job := collect
	if opt.reference {
		job = reference
	}
	bar := progress{w: p.stderr, on: p.terminal}
	total := newTotals()
	complete := job(ctx, opt, p.open, func(s fileStats) {
		total.add(s)
		if s.err != nil {
			bar.clear()
			p.warn(s.err)
		}
		bar.show(total)
	})
	bar.clear()

	if err := total.print(p.stdout, opt.top, complete); err != nil {
		return p.fail(exitSkipped, err)
	}
	switch {
	case !complete:
		return p.fail(exitInterrupted, errInterrupted)
	case total.skipped > 0:
		return exitSkipped
	}
	return exitOK
}

var errInterrupted = errors.New("interrupted before everything was read")

func (p *program) fail(code int, err error) int {
	p.warn(err)
	return code
}

// warn ignores an error of stderr: there is nowhere to report it.
func (p *program) warn(err error) {
	_, _ = fmt.Fprintln(p.stderr, "logstats:", err)
}

// findGoroot asks the go tool, because the toolchain that built this program
// need not be on this machine.
func findGoroot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOROOT: %w", err)
	}
	goroot := strings.TrimSpace(string(out))
	if goroot == "" {
		return "", errors.New("go env GOROOT: empty")
	}
	return goroot, nil
}
