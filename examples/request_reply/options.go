package main

import (
	"flag"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"
)

// maxTasks keeps a mistyped number from taking the machine down.
const maxTasks = 1024

// options is the parsed command line.
type options struct {
	dir, ext         string
	words            []string
	servers, clients int
	timeout          time.Duration
}

func newFlags(opt *options) *flag.FlagSet {
	fs := flag.NewFlagSet("request_reply", flag.ContinueOnError)
	fs.SetOutput(io.Discard) // run reports errors itself, and help goes to stdout
	fs.StringVar(&opt.dir, "dir", ".", "find words in the files below this `directory`")
	fs.StringVar(&opt.ext, "ext", ".go", "only in files whose names end in `SUFFIX`; empty: in all of them")
	fs.IntVar(&opt.servers, "servers", min(runtime.GOMAXPROCS(0), maxTasks), "how many servers `N` answer requests")
	fs.IntVar(&opt.clients, "clients", 4, "how many clients `N` ask, each one word at a time")
	fs.DurationVar(&opt.timeout, "timeout", 10*time.Second, "how much `time` a client gives a request")
	return fs
}

// parseOptions returns flag.ErrHelp if help was asked for.
func parseOptions(args []string) (options, error) {
	var opt options
	fs := newFlags(&opt)
	if err := fs.Parse(args); err != nil {
		return options{}, err
	}
	opt.words = fs.Args()
	switch {
	case opt.servers < 1 || opt.servers > maxTasks:
		return options{}, fmt.Errorf("-servers %d: want a number from 1 to %d", opt.servers, maxTasks)
	case opt.clients < 1 || opt.clients > maxTasks:
		return options{}, fmt.Errorf("-clients %d: want a number from 1 to %d", opt.clients, maxTasks)
	case opt.timeout <= 0:
		return options{}, fmt.Errorf("-timeout %v: want a time above 0", opt.timeout)
	}
	for _, w := range opt.words {
		if split := words(w); len(split) != 1 || split[0] != w {
			return options{}, fmt.Errorf("%q is not a word of letters, digits and underscores", w)
		}
	}
	return opt, nil
}

// usage is the text that -h prints.
func usage() string {
	var b strings.Builder
	b.WriteString(`request_reply prints the lines in which words occur, in the format of grep -nw:
file, number, text. It reads the files once, and then each answer takes it a moment.

usage: request_reply [flags] [word ...]

Without words it reads them from standard input, one a line, and answers in that
order. A word consists of letters, digits and underscores. Folders whose names
begin with a dot, and symbolic links, are not followed.

Flags:
`)
	var opt options
	fs := newFlags(&opt)
	fs.SetOutput(&b)
	fs.PrintDefaults()
	b.WriteString(`
Exit code: 0 every word was found; 1 one was not, or got no answer, or something
could not be read, as the messages say; 2 wrong usage; 130 interrupted by Ctrl-C:
what was printed until then is right and in order.
`)
	return b.String()
}
