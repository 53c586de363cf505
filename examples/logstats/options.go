package main

import (
	"flag"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
)

// Limits that keep a mistyped number from taking the machine down: every reader
// holds one file open, and a bounded channel may make room for all its slots at
// once.
const (
	maxReaders = 1024
	maxBound   = 1 << 20
)

// options is the parsed command line.
type options struct {
	paths     []string
	exts      []string // with their dots; empty: every regular file
	readers   int
	bound     int // -1: unbounded
	top       int
	reference bool
}

// newFlags declares the flags. The values land in opt and ext.
func newFlags(opt *options, ext *string) *flag.FlagSet {
	fs := flag.NewFlagSet("logstats", flag.ContinueOnError)
	fs.SetOutput(io.Discard) // run reports errors itself, and help goes to stdout
	fs.IntVar(&opt.readers, "readers", min(runtime.GOMAXPROCS(0), maxReaders),
		"how many goroutines `N` read files")
	fs.IntVar(&opt.bound, "bound", 16,
		"how many results may wait for the consumer: `N`; 0 hands each one over\ndirectly, -1 sets no bound")
	fs.StringVar(ext, "ext", ".go",
		"`extensions` of the files to read in directories, separated by commas;\nempty: every regular file. A file you name is read whatever its name")
	fs.IntVar(&opt.top, "top", 20, "print the `N` most frequent identifiers")
	fs.BoolVar(&opt.reference, "reference", false,
		"do the same work in one plain loop, without readers or a channel;\nthe output must be the same")
	return fs
}

// parseOptions returns flag.ErrHelp if help was asked for.
func parseOptions(args []string) (options, error) {
	var opt options
	var ext string
	fs := newFlags(&opt, &ext)
	if err := fs.Parse(args); err != nil {
		return options{}, err
	}
	opt.paths = fs.Args()
	switch {
	case opt.readers < 1 || opt.readers > maxReaders:
		return options{}, fmt.Errorf("-readers %d: want a number from 1 to %d", opt.readers, maxReaders)
	case opt.bound < -1 || opt.bound > maxBound:
		return options{}, fmt.Errorf("-bound %d: want a number from 0 to %d, or -1 for no bound", opt.bound, maxBound)
	case opt.top < 0:
		return options{}, fmt.Errorf("-top %d: want 0 or more", opt.top)
	}
	if slices.Contains(opt.paths, "") {
		return options{}, fmt.Errorf("empty file name")
	}
	for e := range strings.SplitSeq(ext, ",") {
		if e = strings.TrimPrefix(strings.TrimSpace(e), "."); e != "" {
			opt.exts = append(opt.exts, "."+e)
		}
	}
	return opt, nil
}

// usage is the text that -h prints.
func usage() string {
	var b strings.Builder
	b.WriteString(`logstats counts files, lines, bytes and identifiers, and prints the most
frequent identifiers.

usage: logstats [flags] [file or directory ...]

Directories are read with everything below them; symbolic links in them are not
followed. Without a file or directory, logstats reads what "go env GOROOT" names.
What is named twice counts twice.

An identifier is a longest run of letters, digits and underscores that does not
begin with a digit, at most ` + fmt.Sprint(maxIdentifier) + ` bytes long (a longer run is data, such as
base64). Letters and digits are Unicode's; bytes that are no valid UTF-8 separate
identifiers. Comments, strings and keywords count like everything else. A line
ends with a newline or with the file.

Flags:
`)
	var opt options
	var ext string
	fs := newFlags(&opt, &ext)
	fs.SetOutput(&b)
	fs.PrintDefaults()
	b.WriteString(`
Exit code: 0 everything was read; 1 something could not be read and was skipped,
or the table could not be written; 2 wrong usage; 130 interrupted by Ctrl-C: the
table holds what was counted until then, and says so.
`)
	return b.String()
}
