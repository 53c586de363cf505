package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
)

// maxWorkers keeps a mistyped number from taking the machine down: every worker
// holds one file open.
const maxWorkers = 1024

// options is the parsed command line.
type options struct {
	paths    []string
	workers  int
	sorted   bool
	progress bool
}

func newFlags(opt *options) *flag.FlagSet {
	fs := flag.NewFlagSet("checksum", flag.ContinueOnError)
	fs.SetOutput(io.Discard) // run reports errors itself, and help goes to stdout
	fs.IntVar(&opt.workers, "workers", min(runtime.GOMAXPROCS(0), maxWorkers),
		"how many tasks `N` hash files at the same time")
	fs.BoolVar(&opt.sorted, "sort", false,
		"print the sums at the end, sorted by name byte by byte, instead of each\nwhen it is ready")
	fs.BoolVar(&opt.progress, "progress", false,
		"show the progress on standard error even if that is no terminal, or the\nsums go to one")
	return fs
}

// parseOptions returns flag.ErrHelp if help was asked for.
func parseOptions(args []string) (options, error) {
	var opt options
	fs := newFlags(&opt)
	if err := fs.Parse(args); err != nil {
		return options{}, err
	}
	if opt.workers < 1 || opt.workers > maxWorkers {
		return options{}, fmt.Errorf("-workers %d: want a number from 1 to %d", opt.workers, maxWorkers)
	}
	opt.paths = fs.Args()
	if slices.Contains(opt.paths, "") {
		return options{}, errors.New("empty file name")
	}
	if len(opt.paths) == 0 {
		opt.paths = []string{"."}
	}
	return opt, nil
}

// usage is the text that -h prints.
func usage() string {
	var b strings.Builder
	b.WriteString(`checksum prints the SHA-256 sum of files, in the format of sha256sum.

usage: checksum [flags] [file or directory ...]

Every regular file below a directory is summed; symbolic links in it are not
followed. Without a file or directory, checksum reads the current directory. What
is named twice is summed twice.

A line is the sum, two spaces and the name. If the name holds a backslash, a
newline or a carriage return, the line begins with a backslash and they stand
as \\, \n and \r. "sha256sum -c" reads the output.

Flags:
`)
	var opt options
	fs := newFlags(&opt)
	fs.SetOutput(&b)
	fs.PrintDefaults()
	b.WriteString(`
Exit code: 0 everything was read; 1 something could not be read, as the messages
at the end say, and the rest was summed, or the output could not be written;
2 wrong usage; 130 interrupted by Ctrl-C: each sum printed until then is right, and
the list is not complete.
`)
	return b.String()
}
