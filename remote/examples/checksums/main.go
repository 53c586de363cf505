// Command checksums sums the files of a directory tree, as sha256sum does, with the work
// spread over processes, on one machine or on many that share a file system.
//
//	go run ./examples/checksums DIR                           # a server, a coordinator and three workers, all here
//	go run ./examples/checksums -kill 300ms DIR               # the same, with processes killed again and again
//	go run ./examples/checksums -console 127.0.0.1:6070 DIR   # with a page that shows the channels
//
// Each process may be killed at any time and started again: every file is in the output
// once. By hand, against a NATS server with JetStream or the one of -role server:
//
//	go run ./examples/checksums -role server -url nats://127.0.0.1:4222 -data DATA
//	go run ./examples/checksums -role worker -url nats://127.0.0.1:4222      # as many as you like
//	go run ./examples/checksums -role coordinator -url nats://127.0.0.1:4222 -journal FILE DIR
//
// coordinator.go and worker.go are what it is about; journal.go is what makes a coordinator
// replaceable.
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
	"time"

	"github.com/handoff-go/handoff/remote"
)

// What the program exits with.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitProblems    = 3 // files that could not be read; the rest is summed
	exitInterrupted = 130
)

// parentVariable makes a process exit when its standard input is closed.
const parentVariable = "CHECKSUMS_PARENT"

type options struct {
	role, url, name, journal, data, console string
	workers, parallel                       int
	kill                                    time.Duration
	dir                                     string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // the second Ctrl-C ends it the hard way
	if os.Getenv(parentVariable) != "" {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			os.Exit(exitInterrupted)
		}()
	}
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, out, log io.Writer) int {
	opt, err := parse(args, log)
	if errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	if err != nil {
		fmt.Fprintln(log, "checksums:", err)
		return exitUsage
	}
	problems, err := opt.play(ctx, out, log)
	switch {
	case ctx.Err() != nil:
		return exitInterrupted
	case err != nil:
		fmt.Fprintln(log, "checksums:", err)
		return exitFailed
	case problems:
		return exitProblems
	}
	return exitOK
}

func parse(args []string, log io.Writer) (opt options, err error) {
	flags := flag.NewFlagSet("checksums", flag.ContinueOnError)
	flags.SetOutput(log)
	flags.StringVar(&opt.role, "role", "local", "local: everything; or server, coordinator, worker")
	flags.StringVar(&opt.url, "url", "", "the NATS `servers` of a coordinator or worker; where a server listens")
	flags.StringVar(&opt.name, "name", "checksums", "what the channels are called; a tree that is summed at the same time needs another name")
	flags.StringVar(&opt.journal, "journal", "", "the `file` in which a coordinator keeps the results; go on with it after a restart")
	flags.StringVar(&opt.data, "data", "", "the `directory` in which a server keeps the messages")
	flags.IntVar(&opt.workers, "workers", 3, "processes that sum, with -role local")
	flags.IntVar(&opt.parallel, "parallel", 4, "files that a worker sums at once")
	flags.DurationVar(&opt.kill, "kill", 0, "kill a process about every so often at first, and less often later, with -role local")
	flags.StringVar(&opt.console, "console", "", "the `address` of a page that shows the channels, of the coordinator or of a worker")
	if err := flags.Parse(args); err != nil {
		return opt, err
	}
	needsDir := opt.role == "local" || opt.role == "coordinator"
	switch opt.dir = flags.Arg(0); {
	case needsDir && flags.NArg() != 1:
		return opt, errors.New("which directory? (-h explains the flags)")
	case !needsDir && flags.NArg() > 0:
		return opt, fmt.Errorf("%q: a %s takes no arguments", flags.Args(), opt.role)
	case opt.role != "local" && opt.url == "":
		return opt, errors.New("-url is missing")
	case opt.role == "coordinator" && opt.journal == "":
		return opt, errors.New("-journal is missing")
	case opt.role == "server" && opt.data == "":
		return opt, errors.New("-data is missing")
	case opt.workers < 1 || opt.parallel < 1:
		return opt, errors.New("there has to be one worker at least, with one file at least")
	}
	return opt, nil
}

// play does what the role asks for. problems says that some files could not be read.
func (opt options) play(ctx context.Context, out, log io.Writer) (problems bool, err error) {
	switch opt.role {
	case "local":
		return local(ctx, opt, out, log)
	case "server":
		c, err := remote.Open(ctx, "embedded:"+opt.data, remote.Listen(strings.TrimPrefix(opt.url, "nats://")))
		if err != nil {
			return false, err
		}
		fmt.Fprintln(log, "checksums: listening at", c.URL())
		<-ctx.Done()
		return false, c.Close()
	case "coordinator", "worker":
		stop, err := watch(ctx, opt.console, log)
		if err != nil {
			return false, err
		}
		defer stop()
		c, err := remote.Open(ctx, opt.url, remote.Name(fmt.Sprintf("%s %d", opt.role, os.Getpid())))
		if err != nil {
			return false, err
		}
		n := 0
		if opt.role == "worker" {
			err = toil(ctx, c, opt)
		} else {
			n, err = coordinate(ctx, c, opt, out)
		}
		return n > 0, errors.Join(err, c.Close())
	}
	return false, fmt.Errorf("-role %s: there is no such role", opt.role)
}
