package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-go/handoff/benchmarks/bench"
)

// page is where a full run puts its report, seen from the directory of this module.
const page = "../docs/benchmarks.md"

type options struct {
	run, peers *regexp.Regexp
	rounds     int
	time       time.Duration
	quick      bool
	out        string
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
	var run, peers, cpu string
	f := flag.NewFlagSet("compare", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&run, "run", "", "only scenarios whose name matches this `regexp`")
	f.StringVar(&peers, "peers", "", "only peers whose name matches this `regexp`")
	f.IntVar(&o.rounds, "rounds", 10, "how often each peer is measured")
	f.DurationVar(&o.time, "time", 50*time.Millisecond, "how long one measurement takes")
	f.BoolVar(&o.quick, "quick", false, "one short round and small counts: shows that everything works, not how fast it is")
	f.StringVar(&o.out, "o", "", "write the report to this `file` and charts to img beside it\n(default: "+page+", or standard output for -quick, -run and -peers)")
	f.BoolVar(&o.list, "list", false, "list the scenarios and their peers, and measure nothing")
	f.StringVar(&o.rust, "rust", "rust", "`directory` of the Rust peers; empty for none")
	f.StringVar(&cpu, "cpu", "", "values of GOMAXPROCS, separated by `commas`; 1 makes a class of its own,\nwithout the peers in other languages")
	f.StringVar(&o.child, "child", "", "internal: run this `scenario` once and print what it gives")
	f.StringVar(&o.peer, "peer", "", "internal: with this `peer`")
	f.IntVar(&o.count, "count", 1, "internal: so many times")
	if err := f.Parse(args); err != nil {
		return nil, err
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
	return o, o.chooseOutput(given["o"], run != "" || peers != "")
}

// chooseOutput keeps a part of the measurements from replacing the page with all of them.
func (o *options) chooseOutput(given, part bool) error {
	if !given && !part && !o.quick && !o.list && o.child == "" {
		o.out = page
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
