package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-go/handoff/benchmarks/bench"
	"github.com/handoff-go/handoff/benchmarks/report"
)

// page is where a full run puts its report, and readme what has the short table, seen from the
// directory of this module.
const (
	page   = "../docs/benchmarks.md"
	readme = "../README.md"
)

const usage = `usage: go run ./cmd/compare [flags], in the directory benchmarks

Measures handoff beside the Go and Rust libraries that do the same, in turns. Without flags it
measures everything, which takes about half an hour on a machine that does nothing else.
Where there is no cargo, the Rust libraries are left out.

`

type options struct {
	run, peers *regexp.Regexp
	rounds     int
	time       time.Duration
	quick      bool
	out        string
	write      bool
	summary    bool
	old        *report.Data
	list       bool
	rust       string
	processors []int

	// These are for the processes that the command starts itself.
	child, peer string
	count       int
}

// shrink divides what a scenario has a fixed number of.
func (o *options) shrink() int {
	if o.quick {
		return 100
	}
	return 1
}

func parse(args []string, stderr io.Writer) (*options, error) {
	o := new(options)
	var run, peers, cpu, against string
	f := flag.NewFlagSet("compare", flag.ContinueOnError)
	f.SetOutput(io.Discard) // an error is reported once, by main
	f.StringVar(&run, "run", "", "only scenarios whose name matches this `regexp`")
	f.StringVar(&peers, "peers", "", "only peers whose name matches this `regexp`")
	f.IntVar(&o.rounds, "rounds", 20, "how often each peer is measured")
	f.DurationVar(&o.time, "time", 15*time.Millisecond, "how long one measurement takes")
	f.BoolVar(&o.quick, "quick", false, "one short round and small counts: shows that everything works, not how fast it is")
	f.StringVar(&o.out, "o", "", "write the report to this `file`, its data to .json and its charts to img beside it\n(default: "+page+", or standard output for -quick, -run, -peers, -summary and -against)")
	f.BoolVar(&o.write, "write", false, "also write the short table into "+readme+"; for a full run only")
	f.BoolVar(&o.summary, "summary", false, "print the short table")
	f.StringVar(&against, "against", "", "print which ratios lie within the spread that this `file` states:\nthe .json of an earlier run")
	f.BoolVar(&o.list, "list", false, "list the scenarios and their peers, and measure nothing")
	f.StringVar(&o.rust, "rust", "rust", "`directory` of the Rust peers; empty for none")
	f.StringVar(&cpu, "cpu", "", "values of GOMAXPROCS, separated by `commas`; 1 makes a class of its own,\nwithout the peers in other languages (default: as it is, and 1 for a full run)")
	if len(args) > 0 && args[0] == "-child" {
		// For the processes that the command starts itself; not part of its interface.
		f.StringVar(&o.child, "child", "", "")
		f.StringVar(&o.peer, "peer", "", "")
		f.IntVar(&o.count, "count", 1, "")
	}
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			f.SetOutput(stderr)
			fmt.Fprint(stderr, usage) //nolint:errcheck // as with Fprintf
			f.PrintDefaults()
			return nil, err
		}
		return nil, fmt.Errorf("%w; -h lists the flags", err)
	}
	given := make(map[string]bool)
	f.Visit(func(f *flag.Flag) { given[f.Name] = true })
	if f.NArg() > 0 {
		return nil, fmt.Errorf("what is %q? There are only flags, see -h", f.Arg(0))
	}
	var err error
	if o.run, err = regexp.Compile(run); err != nil {
		return nil, fmt.Errorf("-run: %w", err)
	}
	if o.peers, err = regexp.Compile(peers); err != nil {
		return nil, fmt.Errorf("-peers: %w", err)
	}
	if o.processors, err = numbers(cpu); err != nil {
		return nil, err
	}
	if against != "" {
		if o.old, err = load(against); err != nil {
			return nil, fmt.Errorf("-against: %w", err)
		}
	}
	full := run == "" && peers == "" && !o.quick && !o.list && o.child == ""
	if full && cpu == "" && runtime.GOMAXPROCS(0) > 1 {
		o.processors = []int{0, 1}
	}
	if o.quick {
		if !given["rounds"] {
			o.rounds = 1
		}
		if !given["time"] {
			o.time = time.Millisecond
		}
	}
	if o.rounds < 1 {
		return nil, fmt.Errorf("-rounds: %d, but it takes at least one", o.rounds)
	}
	if o.time <= 0 {
		return nil, fmt.Errorf("-time: %v, but it has to be more than nothing", o.time)
	}
	return o, o.chooseOutput(full && !o.summary && o.old == nil, given["o"])
}

func load(path string) (*report.Data, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	d, err := report.LoadData(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; a run writes it beside its page", path, err)
	}
	return d, nil
}

// chooseOutput keeps a part of the measurements from replacing the page with all of them.
func (o *options) chooseOutput(full, given bool) error {
	if full && !given {
		o.out = page
	}
	if o.write && (!full || given) {
		return fmt.Errorf("-write: the table in %s is for full runs, without -quick, -run, -peers, -list, -summary, -against and -o", readme)
	}
	if o.out == "" {
		return nil
	}
	dir := filepath.Dir(o.out)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return fmt.Errorf("there is no directory %s to write to: run this in the directory benchmarks, or choose a file with -o", dir)
	}
	return nil
}

func numbers(list string) (out []int, err error) {
	if list == "" {
		return nil, nil
	}
	for text := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("-cpu: %q is not a number of processors", text)
		}
		out = append(out, n)
	}
	slices.Sort(out)
	if out = slices.Compact(out); len(out) > 2 || len(out) == 2 && out[0] != 1 {
		return nil, errors.New("-cpu: one number of processors, and 1 beside it: two others would be one class")
	}
	slices.Reverse(out)
	return out, nil
}

// choose keeps the scenarios and peers that were asked for.
func (o *options) choose(all []bench.Scenario) (out []bench.Scenario, err error) {
	matched := false
	for _, s := range all {
		if !o.run.MatchString(s.Name) {
			continue
		}
		matched = true
		var peers []bench.Peer
		for _, p := range s.Peers {
			if o.peers.MatchString(p.Name) {
				peers = append(peers, p)
			}
		}
		if s.Peers = peers; len(peers) > 0 {
			out = append(out, s)
		}
	}
	switch {
	case !matched:
		return nil, fmt.Errorf("-run: no scenario matches %q; -list shows them", o.run)
	case len(out) == 0:
		return nil, fmt.Errorf("-peers: no peer in these scenarios matches %q; -list shows them", o.peers)
	}
	return out, nil
}

func list(w io.Writer, scenarios []bench.Scenario) (err error) {
	for _, s := range scenarios {
		_, werr := fmt.Fprintln(w, s.Name)
		err = errors.Join(err, werr)
		for _, p := range s.Peers {
			_, werr := fmt.Fprintln(w, "\t"+p.Name)
			err = errors.Join(err, werr)
		}
	}
	return err
}
