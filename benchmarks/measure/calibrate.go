package measure

import (
	"context"
	"strings"
	"time"

	"github.com/handoff-go/handoff/benchmarks/bench"
)

// length is what a run of a scenario should take.
func (m *meter) length(s *bench.Scenario) time.Duration {
	return m.cfg.Time * time.Duration(max(1, s.Long))
}

// calibrate finds how often a peer can do its work in the time of a run.
func (m *meter) calibrate(ctx context.Context, s *bench.Scenario, p *bench.Peer, k key) error {
	if s.Count > 0 {
		m.counts[k] = max(1, s.Count/max(1, m.cfg.Shrink))
		if s.Count > 1000 {
			return nil // too much to do it for practice
		}
	}
	n, length := 100, m.length(s)
	if s.Count > 0 {
		n = m.counts[k]
	}
	for {
		took, err := m.best(ctx, s, p, k, n)
		if err != nil {
			return err
		}
		if s.Count > 0 {
			return nil
		}
		if took >= length/2 {
			// Not below 1: even a count that takes longer than the time of a run is measured once.
			m.counts[k] = max(1, int(float64(n)*float64(length)/float64(took)))
			return nil
		}
		// A short run is mostly setup, so what it says about a long one is not trusted far.
		grow := min(10, 1.2*float64(length)/float64(max(took, 1)))
		n = int(float64(n)*max(2, grow)) + 1
	}
}

// best is what n operations take, and what took long enough to end the search has to do so three
// times: if the system was elsewhere for a moment, every run of this peer would be too short, and
// show what it costs to begin.
func (m *meter) best(ctx context.Context, s *bench.Scenario, p *bench.Peer, k key, n int) (best time.Duration, err error) {
	const tries = 3
	for try := range tries {
		start := time.Now()
		values, _, err := m.once(ctx, s, p, n)
		took := time.Since(start)
		m.costs[k] = took
		if err != nil {
			return took, err
		}
		if d, ok := worked(s, values, n); ok {
			took = d
		}
		if try == 0 || took < best {
			best = took
		}
		if best < m.length(s)/2 || s.Count > 0 {
			break
		}
	}
	return best, nil
}

// worked is how long a peer was at its work, where it measures nanoseconds for one of n. What
// comes before and after does not count: a program in another language begins and practises, which
// with many threads takes longer than a whole run should, and pools are made and ended.
func worked(s *bench.Scenario, values []float64, n int) (d time.Duration, ok bool) {
	if s.Count > 0 || len(values) == 0 || !strings.HasPrefix(s.Metrics[0], "ns/") {
		return 0, false
	}
	return time.Duration(values[0] * float64(n)), true
}

// adjust corrects a count that turned out to be far off, for the remaining rounds: the search may have
// met a moment in which the peer, or the machine, was much slower or faster than it is. The run
// itself counts, for to leave out those that were fast would favour slow ones.
func (m *meter) adjust(s *bench.Scenario, k key, values []float64) {
	n := m.counts[k]
	took, ok := worked(s, values, n)
	if length := m.length(s); ok && took > 0 && (took < length/2 || took > 4*length) {
		m.counts[k] = max(1, int(float64(n)*float64(length)/float64(took)))
	}
}
