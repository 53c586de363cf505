// Package measure runs scenarios: every peer in turn, round after round.
package measure

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"time"

	"github.com/handoff-go/handoff/benchmarks/bench"
	"github.com/handoff-go/handoff/benchmarks/probe"
)

// Config says how much to measure.
type Config struct {
	Rounds int
	// Time is how long one run of a peer should take. The counts are found in runs that do not
	// count, before the first round.
	Time time.Duration
	// Shrink divides the counts of scenarios that have one, for a quick look.
	Shrink int
	// Processors has a value of GOMAXPROCS for each pass over the scenarios; 0 is as it is.
	// Foreign peers sit out where it is fewer than there are.
	Processors []int
	// Fresh runs a peer in a process of its own. Nil runs it in this one.
	Fresh func(ctx context.Context, scenario, peer string, n int) ([]float64, error)
	// Line measures a cache line; nil is [probe.Line].
	Line func() float64
	// Progress is called before each run.
	Progress func(Progress)
}

// Run is one run of one peer.
type Run struct {
	Scenario, Peer string
	Round          int
	Class          probe.Class
	Values         []float64
	Allocs         float64 // for each operation, setup included; meaningless for a foreign process
}

// Failure is a peer that did not do what it should. It takes no part after that.
type Failure struct {
	Scenario, Peer string
	Err            error
}

// Result is everything that was measured.
type Result struct {
	Runs     []Run
	Failures []Failure
	// Lines are the cache line probes that got an answer, in nanoseconds.
	Lines []float64
	// Rounds is how many were finished.
	Rounds int
}

// TooMany is the share of disturbed runs from which on a result is not to be relied on.
const TooMany = 0.1

// Disturbed is the share of the probed runs beside which something else used the processors. It counts
// against the others too, which may have been disturbed between the probes. A run of a mixed class
// is not among them: it can be compared with nothing, but says nothing against its neighbours.
func (r *Result) Disturbed() float64 {
	busy, probed := 0, 0
	for _, run := range r.Runs {
		switch run.Class {
		case probe.Busy:
			busy++
			probed++
		case probe.Near, probe.Far, probe.Mixed:
			probed++
		}
	}
	return float64(busy) / float64(max(1, probed))
}

// All measures. It ends early with what it has when ctx ends.
func All(ctx context.Context, scenarios []bench.Scenario, cfg Config) Result {
	m := &meter{cfg: cfg, out: map[key]bool{}, counts: map[key]int{}, costs: map[key]time.Duration{}, scenarios: scenarios}
	if cfg.Line == nil {
		m.cfg.Line = probe.Line
	}
	if len(cfg.Processors) == 0 {
		m.cfg.Processors = []int{0}
	}
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	for round := range cfg.Rounds + 1 {
		m.round = round
		for _, procs := range m.cfg.Processors {
			if m.procs = procs; procs == 0 {
				procs = before
			}
			runtime.GOMAXPROCS(procs)
			for i := range scenarios {
				if ctx.Err() != nil {
					return m.Result
				}
				if m.sitsOut(&scenarios[i], round, m.procs) {
					continue
				}
				m.scenario(ctx, &scenarios[i])
			}
		}
		if ctx.Err() == nil {
			m.Rounds = round
		}
	}
	return m.Result
}

type key struct {
	scenario, peer string
	procs          int
}

type meter struct {
	Result
	cfg       Config
	scenarios []bench.Scenario
	round     int
	procs     int
	out       map[key]bool          // the peers that have failed
	counts    map[key]int           // operations in a run
	costs     map[key]time.Duration // what a run takes, with its setup
}

// scenario has every peer do it once: A B C. A probe stands before and after each of them, because
// the class of a machine may change within a tenth of a second: the runs of a round that are of one
// class are compared, and one that saw it change spoils none but itself.
func (m *meter) scenario(ctx context.Context, s *bench.Scenario) {
	before := m.probe(s)
	for i := range s.Peers {
		p := &s.Peers[i]
		k := key{s.Name, p.Name, m.procs}
		if m.out[k] || !confined(p, m.procs) || ctx.Err() != nil {
			continue
		}
		m.report(s, p)
		var err error
		if m.round == 0 {
			err = m.calibrate(ctx, s, p, k)
		} else {
			err = m.run(ctx, s, p, k, &before)
		}
		if err != nil && ctx.Err() == nil {
			m.out[k] = true
			m.Failures = append(m.Failures, Failure{s.Name, p.Name, err})
		}
	}
}

// probe measures a cache line, where that matters and in rounds that count.
func (m *meter) probe(s *bench.Scenario) float64 {
	if s.Fresh || s.Alone || m.round == 0 {
		return 0
	}
	ns := m.cfg.Line()
	if ns > 0 && !math.IsInf(ns, 0) {
		m.Lines = append(m.Lines, ns)
	}
	return ns
}

// run measures once. line is the cache line before, and becomes the one after.
func (m *meter) run(ctx context.Context, s *bench.Scenario, p *bench.Peer, k key, line *float64) error {
	n := m.counts[k]
	start := time.Now()
	values, allocs, err := m.once(ctx, s, p, n)
	m.costs[k] = time.Since(start)
	before := *line
	*line = m.probe(s)
	class := probe.Classify(before, *line)
	if s.Fresh || s.Alone && runtime.GOMAXPROCS(0) > 1 {
		class = probe.Any
	}
	if err == nil {
		m.Runs = append(m.Runs, Run{s.Name, p.Name, m.round, class, values, allocs / float64(n)})
		m.adjust(s, k, values)
	}
	return err
}

// once has a peer do its work n times. What earlier runs left behind is collected before.
func (m *meter) once(ctx context.Context, s *bench.Scenario, p *bench.Peer, n int) (values []float64, allocs float64, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	// A program in another language is a process of its own anyway.
	if s.Fresh && !p.Foreign && m.cfg.Fresh != nil {
		values, err = m.cfg.Fresh(ctx, s.Name, p.Name, n)
	} else {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		values, err = p.Run(n)
		runtime.ReadMemStats(&after)
		allocs = float64(after.Mallocs - before.Mallocs)
	}
	if err == nil && len(values) != len(s.Metrics) {
		err = errors.New("wrong number of values")
	}
	return values, allocs, err
}
