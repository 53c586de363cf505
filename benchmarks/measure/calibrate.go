package measure

import (
	"context"
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
			// Not below 1: slower than the time of a run is measured once all the same.
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
		if p.Foreign && s.Count == 0 {
			// It measures nanoseconds for one. Its process begins and practises before that, which
			// with many threads takes longer than a whole run should.
			took = time.Duration(values[0] * float64(n))
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
