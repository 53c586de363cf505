// Command graceful_shutdown keeps a compressed copy of files, and ends well: asked to
// stop, it takes no new file, finishes those it has accepted, within a time, and says of
// each what became of it.
//
//	go run ./examples/graceful_shutdown                              # only measures, the current directory
//	go run ./examples/graceful_shutdown -out ../copies docs          # the next run goes on where this one ended
//	go run ./examples/graceful_shutdown -out ../copies -every 2s .   # until Ctrl-C
//
// keeper.go holds the part that is about ending.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// What the program exits with.
const (
	exitOK          = 0 // all that was accepted is done
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130 // what shells report for a program that Ctrl-C stopped
)

// stopped says why no more work is taken.
type stopped string

func (s stopped) Error() string { return string(s) }

func main() {
	stop, begin := context.WithCancelCause(context.Background())
	hurry, atOnce := context.WithCancel(context.Background())
	sigs := make(chan os.Signal, 2)
	signal.Notify(sigs, os.Interrupt, syscall.SIGTERM)
	// A reader that leaves, as head does, must not kill a program that has promised to
	// finish: the write fails instead.
	signal.Ignore(syscall.SIGPIPE)
	go func() {
		begin(stopped((<-sigs).String()))
		<-sigs
		atOnce()
		signal.Stop(sigs) // the third one kills
	}()
	p := program{stdout: os.Stdout, stderr: os.Stderr, open: openFile}
	os.Exit(p.run(stop, hurry, os.Args[1:]))
}

// program is what a run touches of the outside world.
type program struct {
	stdout, stderr io.Writer
	open           opener
}

// run is the whole program. It returns the exit code. With the end of stop it takes no
// more work, and with that of hurry it leaves what it has.
func (p *program) run(stop, hurry context.Context, args []string) int {
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
	stop, begin := context.WithCancelCause(stop)
	defer begin(nil)
	if opt.limit > 0 {
		var cancel context.CancelFunc
		stop, cancel = context.WithTimeoutCause(stop, opt.limit, stopped("the time of -for is over"))
		defer cancel()
	}

	k := &keeper{opt: opt, open: p.open, say: func(s string) { p.warn(errors.New(s)) }}
	j := &journal{w: p.stdout}
	err = k.keep(stop, hurry, func(e entry) {
		j.add(e)
		if j.err != nil {
			begin(j.err) // the outcome of new work would not be printed
		}
	})
	p.warn(errors.New(j.summary()))
	switch {
	case err != nil:
		return p.fail(exitFailed, err)
	case errors.Is(j.err, syscall.EPIPE):
		return exitFailed // a reader that closed the pipe needs no message
	case j.err != nil:
		return p.fail(exitFailed, j.err)
	case j.count[abandoned] > 0 && hurry.Err() != nil:
		return exitInterrupted
	case j.count[abandoned] > 0 || j.count[failed] > 0:
		return exitFailed
	}
	return exitOK
}

func (p *program) fail(code int, err error) int {
	p.warn(err)
	return code
}

// warn ignores an error of stderr: there is nowhere to report it.
func (p *program) warn(err error) { fmt.Fprintln(p.stderr, "graceful_shutdown:", err) }
