// Command request_reply finds words in source files, as grep -nw does, for many
// requests: it reads the files once and then answers. Clients send requests that
// carry their way back, and several servers take them from one receiver.
//
//	go run ./examples/request_reply                        # type words; Ctrl-D or Ctrl-C ends it
//	go run ./examples/request_reply ErrDropped Promise
//	go run ./examples/request_reply -dir docs -ext .md -servers 4 < words
//
// request.go and server.go hold the part that is about requests and replies.
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
)

// What the program exits with.
const (
	exitOK          = 0
	exitFailed      = 1 // a word is nowhere or got no answer, or something could not be read
	exitUsage       = 2
	exitInterrupted = 130 // what shells report for a program that Ctrl-C stopped
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // the next Ctrl-C kills
	p := program{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, open: openFile}
	info, err := os.Stdin.Stat()
	p.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	os.Exit(p.run(ctx, os.Args[1:]))
}

// program is what a run touches of the outside world.
type program struct {
	stdin          io.Reader
	terminal       bool // stdin is one: print a hint for the user
	stdout, stderr io.Writer
	open           opener
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

	ix, failed := buildIndex(ctx, opt, p.open)
	for _, err := range failed {
		p.warn(err)
	}
	in := p.stdin
	if len(opt.words) > 0 {
		in = strings.NewReader(strings.Join(opt.words, "\n"))
	} else if p.terminal {
		fmt.Fprintf(p.stderr, "%d words in %d files; one word a line, the end of input ends it\n", len(ix.places), len(ix.files))
	}
	unanswered := 0
	err = answerAll(ctx, opt, ix, p.open, in, func(r result) error {
		switch {
		case r.err != nil:
			p.warn(fmt.Errorf("%s: %w", r.word, r.err))
		case len(r.lines) == 0:
			p.warn(fmt.Errorf("%s: nowhere", r.word))
		default:
			_, err := io.WriteString(p.stdout, strings.Join(r.lines, ""))
			return err
		}
		unanswered++
		return nil
	})
	switch {
	case ctx.Err() != nil:
		return p.fail(exitInterrupted, errors.New("interrupted"))
	case err != nil:
		return p.fail(exitFailed, err)
	case unanswered > 0 || len(failed) > 0:
		return exitFailed
	}
	return exitOK
}

func (p *program) fail(code int, err error) int {
	p.warn(err)
	return code
}

// warn ignores an error of stderr: there is nowhere to report it.
func (p *program) warn(err error) { fmt.Fprintln(p.stderr, "request_reply:", err) }
