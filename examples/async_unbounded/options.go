package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// What the program exits with.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130 // what shells report for a program that Ctrl-C stopped
)

// Limits that keep a mistyped number from taking the machine down.
const (
	maxProducers = 1000
	maxMessages  = 10_000 // of each: an unbounded channel may hold all of them at once
	maxBound     = 1 << 20
)

// options is the parsed command line.
type options struct {
	producers int
	messages  int // of each producer
	bound     int // -1: unbounded
	face      string
}

// The faces of a channel, here for the producers.
const (
	blocking  = "blocking"
	awaitable = "awaitable"
)

// listing is what run does.
var listing = options{producers: 1, messages: 4, bound: -1, face: awaitable}

// command is the whole program. It returns the exit code.
func command(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	opt, err := parseOptions(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		_, err = io.WriteString(stdout, usage())
	case err != nil:
		fmt.Fprintf(stderr, "async_unbounded: %v (-h explains the flags)\n", err)
		return exitUsage
	case opt == listing:
		err = run(ctx, stdout)
	default:
		err = vary(ctx, opt, stdout)
	}
	switch {
	case err == nil:
		return exitOK
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		fmt.Fprintln(stderr, "async_unbounded: interrupted")
		return exitInterrupted
	}
	fmt.Fprintln(stderr, "async_unbounded:", err)
	return exitFailed
}

func newFlags(opt *options) *flag.FlagSet {
	fs := flag.NewFlagSet("async_unbounded", flag.ContinueOnError)
	fs.SetOutput(io.Discard) // command reports errors itself, and help goes to stdout
	fs.IntVar(&opt.producers, "producers", listing.producers, "how many tasks `N` send")
	fs.IntVar(&opt.messages, "messages", listing.messages, "each producer sends the numbers from 1 to `N`")
	fs.IntVar(&opt.bound, "bound", listing.bound,
		"how many messages `N` may wait in the channel; 0 hands each one over\ndirectly, -1 sets no bound")
	fs.StringVar(&opt.face, "face", listing.face,
		"which `face` of the channel the producers use: awaitable, in tasks that\nrelease their worker, or blocking, in goroutines apart from the\nworkers")
	return fs
}

// parseOptions returns flag.ErrHelp if help was asked for.
func parseOptions(args []string) (options, error) {
	var opt options
	fs := newFlags(&opt)
	if err := fs.Parse(args); err != nil {
		return options{}, err
	}
	switch {
	case fs.NArg() > 0:
		return options{}, fmt.Errorf("unexpected argument %q", fs.Arg(0))
	case opt.producers < 1 || opt.producers > maxProducers:
		return options{}, fmt.Errorf("-producers %d: want a number from 1 to %d", opt.producers, maxProducers)
	case opt.messages < 0 || opt.messages > maxMessages:
		return options{}, fmt.Errorf("-messages %d: want a number from 0 to %d", opt.messages, maxMessages)
	case opt.bound < -1 || opt.bound > maxBound:
		return options{}, fmt.Errorf("-bound %d: want a number from 0 to %d, or -1 for no bound", opt.bound, maxBound)
	case opt.face != blocking && opt.face != awaitable:
		return options{}, fmt.Errorf("-face %q: want %s or %s", opt.face, blocking, awaitable)
	}
	return opt, nil
}

// usage is the text that -h prints.
func usage() string {
	var b strings.Builder
	b.WriteString(`async_unbounded sends numbers from a task, receives them in another, and prints both.

usage: async_unbounded [flags]

How the lines of the two sides mix is up to the scheduler, but with -bound N they
are never further apart than the channel allows: "Received: 1" comes before
"Sent: N+2". With several producers, each line says whose number it is.

Flags:
`)
	var opt options
	fs := newFlags(&opt)
	fs.SetOutput(&b)
	fs.PrintDefaults()
	b.WriteString(`
Exit code: 0 everything was received; 1 the output could not be written; 2 wrong
usage; 130 interrupted by Ctrl-C.
`)
	return b.String()
}
