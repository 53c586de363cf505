package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Limits that keep a mistyped number from taking the machine down.
const (
	maxWorkers = 256
	maxQueue   = 1 << 20
)

// options is the parsed command line.
type options struct {
	paths          []string
	out            string
	workers, queue int
	grace          time.Duration
	limit, every   time.Duration // 0: none
}

func newFlags(opt *options) *flag.FlagSet {
	fs := flag.NewFlagSet("graceful_shutdown", flag.ContinueOnError)
	fs.SetOutput(io.Discard) // run reports errors itself, and help goes to stdout
	fs.StringVar(&opt.out, "out", "", "keep the copies in this `directory`; without it sizes are measured and nothing is kept")
	fs.IntVar(&opt.workers, "workers", min(runtime.GOMAXPROCS(0), maxWorkers), "how many files `N` are compressed at the same time")
	fs.IntVar(&opt.queue, "queue", 64, "how many files `N` may be accepted and not finished")
	fs.DurationVar(&opt.grace, "grace", 10*time.Second, "how much `time` there is to finish them once it is asked to stop")
	fs.DurationVar(&opt.limit, "for", 0, "stop after this `time`; 0: when all files are done, or a signal comes")
	fs.DurationVar(&opt.every, "every", 0, "look for new and changed files again and again, with this `time` in between")
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
	case opt.workers < 1 || opt.workers > maxWorkers:
		return options{}, fmt.Errorf("-workers %d: want a number from 1 to %d", opt.workers, maxWorkers)
	case opt.queue < 1 || opt.queue > maxQueue:
		return options{}, fmt.Errorf("-queue %d: want a number from 1 to %d", opt.queue, maxQueue)
	case opt.grace < 0 || opt.limit < 0 || opt.every < 0:
		return options{}, errors.New("-grace, -for and -every want no time below 0")
	case opt.every > 0 && opt.out == "":
		return options{}, errors.New("-every wants -out: without a copy every file is new again")
	}
	if opt.paths = fs.Args(); len(opt.paths) == 0 {
		opt.paths = []string{"."}
	}
	if slices.Contains(opt.paths, "") {
		return options{}, errors.New("empty file name")
	}
	for i, path := range opt.paths {
		// WalkDir follows no symbolic link, but a directory that was named is meant.
		if resolved, err := filepath.EvalSymlinks(path); err == nil {
			opt.paths[i] = resolved
		}
	}
	return opt, nil
}

// usage is the text that -h prints.
func usage() string {
	var b strings.Builder
	b.WriteString(`graceful_shutdown keeps a gzipped copy of files. A file whose copy is up to date
is passed over, so each run goes on where the last one ended.

usage: graceful_shutdown [flags] [file or directory ...]

Without a file or directory it takes the current directory. It stops when all files
are done, with Ctrl-C or a SIGTERM, or after -for: then it takes no new file and
finishes those it has accepted, for the time of -grace. A second signal ends that at
once.

It prints a line for each file, with tabs in between:
  finished   the file, its size, the size of the copy
  failed     the file, why
  returned   the file: it was offered too late and not accepted
  abandoned  the file, how far it got: accepted, and not done when the time was up

Flags:
`)
	var opt options
	fs := newFlags(&opt)
	fs.SetOutput(&b)
	fs.PrintDefaults()
	b.WriteString(`
Exit code: 0 all that was accepted is finished; 1 something failed or was abandoned,
or the lines could not be written; 2 wrong usage; 130 a second signal came and
something was abandoned.
`)
	return b.String()
}
