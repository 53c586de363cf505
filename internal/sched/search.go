//go:build handoff_sched

package sched

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"time"
)

// Options of a search.
type Options struct {
	// Preemptions bounds how often a run may take the turn from a thread that could
	// go on. With enough of them a search is exhaustive; nearly all known bugs need
	// two or fewer (Musuvathi and Qadeer, "Iterative context bounding", 2007).
	Preemptions int
	// Runs is the number of runs for Random and bounds it for Explore, where 0 is no
	// bound.
	Runs int
}

// Report is how far a search went.
type Report struct {
	Runs     int
	Complete bool // every order within the bound was run
	Elapsed  time.Duration
}

// Failure is a run that went wrong, with what it takes to run it again.
type Failure struct {
	Err    error
	Orders string // the decisions that were not the first choice, as "at:choice"
	Seed   uint64 // of a random run, else 0
	Trace  string
}

// Error says how to run it again.
func (f *Failure) Error() string {
	again := ReplayVariable + "=" + f.Orders
	if f.Seed != 0 {
		again = fmt.Sprintf("%s=%d", SeedVariable, f.Seed)
	}
	return fmt.Sprintf("%v\nagain: %s\n%s", f.Err, again, f.Trace)
}

// Unwrap returns what went wrong.
func (f *Failure) Unwrap() error { return f.Err }

// What a failure prints is run again through one of these.
const (
	SeedVariable   = "HANDOFF_SCHED_SEED"
	ReplayVariable = "HANDOFF_SCHED_REPLAY"
)

// decision is one choice among several that were possible.
type decision struct {
	options, chosen int
	free            bool // no choice preempts a thread
}

// cost is how many preemptions the choice is.
func (d decision) cost() int {
	if d.free || d.chosen == 0 {
		return 0
	}
	return 1
}

var errChanges = errors.New("sched: the program does not do the same in the same order")

// path is the decisions of a run; those at the start may be given.
type path struct {
	decisions []decision
	at        int
}

func (p *path) choose(options int, free bool) int {
	if p.at == len(p.decisions) {
		p.decisions = append(p.decisions, decision{options: options, free: free})
	}
	d := &p.decisions[p.at]
	p.at++
	if d.options != options || d.free != free {
		panic(errChanges)
	}
	return d.chosen
}

// advance makes p the next path within the bound, depth first, and reports whether
// there is one.
func (p *path) advance(bound int) bool {
	spent := 0
	for _, d := range p.decisions {
		spent += d.cost()
	}
	for i := len(p.decisions) - 1; i >= 0; i-- {
		d := &p.decisions[i]
		spent -= d.cost()
		if d.chosen+1 < d.options && (d.free || spent < bound) {
			d.chosen++
			p.decisions, p.at = p.decisions[:i+1], 0
			return true
		}
	}
	return false
}

func (p *path) String() string {
	var s []string
	for i, d := range p.decisions {
		if d.chosen != 0 {
			s = append(s, fmt.Sprintf("%d:%d", i, d.chosen))
		}
	}
	if s == nil {
		return "first"
	}
	return strings.Join(s, ",")
}

// Explore runs the program in every order within the bound on preemptions, until one
// fails.
func Explore(program func() *Program, o Options) (report Report, failure *Failure) {
	if orders := os.Getenv(ReplayVariable); orders != "" {
		return Report{Runs: 1}, replay(program, parse(orders))
	}
	start := time.Now()
	defer func() { report.Elapsed = time.Since(start) }()
	for p, more := new(path), true; more; more = p.advance(o.Preemptions) {
		if o.Runs > 0 && report.Runs == o.Runs {
			return report, nil
		}
		report.Runs++
		err := program().do(p.choose, nil)
		if err == nil && p.at < len(p.decisions) {
			// It ended before the choices that were made for it: what they lead to would
			// be passed over, and the search would call itself complete.
			err = errChanges
		}
		if err != nil {
			return report, failed(program, p, err)
		}
	}
	report.Complete = true
	return report, nil
}

// Random runs a program o.Runs times in orders that follow from seeds, the first of
// which is given, until one fails. The program may follow from the seed as well. It is
// for what is too large for Explore.
func Random(program func(seed uint64) *Program, first uint64, o Options) (report Report, failure *Failure) {
	if s := os.Getenv(SeedVariable); s != "" {
		n, err := strconv.ParseUint(s, 0, 64)
		if err != nil {
			panic(SeedVariable + ": " + err.Error())
		}
		first, o.Runs = n, 1
	}
	start := time.Now()
	defer func() { report.Elapsed = time.Since(start) }()
	for i := range o.Runs {
		seed := first + uint64(i)
		p := new(path)
		report.Runs++
		if err := program(seed).do(p.random(seed), nil); err != nil {
			failure = failed(func() *Program { return program(seed) }, p, err)
			failure.Seed = seed
			return report, failure
		}
	}
	return report, nil
}

// random chooses by a seed and notes the choices. How readily it preempts
// a thread differs from seed to seed: some bugs need a few well placed preemptions,
// some many.
func (p *path) random(seed uint64) func(options int, free bool) int {
	rnd := rand.New(rand.NewPCG(seed, 0))
	patience := 2 << rnd.IntN(5)
	return func(options int, free bool) int {
		d := decision{options: options, free: free}
		if free || rnd.IntN(patience) == 0 {
			d.chosen = rnd.IntN(options)
		}
		p.decisions = append(p.decisions, d)
		return d.chosen
	}
}

func (p *path) choices() map[int]int {
	m := make(map[int]int)
	for i, d := range p.decisions {
		if d.chosen != 0 {
			m[i] = d.chosen
		}
	}
	return m
}

func parse(orders string) map[int]int {
	m := make(map[int]int)
	if orders == "first" {
		return m
	}
	for s := range strings.SplitSeq(orders, ",") {
		var at, chosen int
		if _, err := fmt.Sscanf(s, "%d:%d", &at, &chosen); err != nil {
			panic(ReplayVariable + ": " + err.Error())
		}
		m[at] = chosen
	}
	return m
}

// failed is the failure of a run along p.
func failed(program func() *Program, p *path, err error) *Failure {
	if f := replay(program, p.choices()); f != nil {
		return f
	}
	return &Failure{Err: fmt.Errorf("%w (and not when run again: the program depends on more than the order)", err), Orders: p.String()}
}

// replay runs the program with these choices, and writes the steps down.
func replay(program func() *Program, choices map[int]int) *Failure {
	p := new(path)
	t := new(trace)
	err := program().do(func(options int, free bool) int {
		d := decision{options: options, free: free, chosen: min(choices[len(p.decisions)], options-1)}
		p.decisions = append(p.decisions, d)
		return d.chosen
	}, t)
	if err == nil {
		return nil
	}
	return &Failure{Err: err, Orders: p.String(), Trace: t.String()}
}
