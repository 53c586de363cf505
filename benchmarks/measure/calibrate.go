package measure

import (
	"context"
	"time"

	"github.com/handoff-go/handoff/benchmarks/bench"
)

// calibrate finds how often a peer can do its work in the time of a run.
func (m *meter) calibrate(ctx context.Context, s *bench.Scenario, p *bench.Peer, k key) error {
	if s.Count > 0 {
		m.counts[k] = max(1, s.Count/max(1, m.cfg.Shrink))
		if s.Count > 1000 {
			return nil // too much to do it for practice
		}
	}
	n := 100
	if s.Count > 0 {
		n = m.counts[k]
	}
	for {
		start := time.Now()
		_, _, err := m.once(ctx, s, p, n)
		took := time.Since(start)
		m.costs[k] = took
		if err != nil {
			return err
		}
		if s.Count > 0 {
			return nil
		}
		if took >= m.cfg.Time/2 {
			// Not below 1: slower than the time of a run is measured once all the same.
			m.counts[k] = max(1, int(float64(n)*float64(m.cfg.Time)/float64(took)))
			return nil
		}
		// A short run is mostly setup, so what it says about a long one is not trusted far.
		grow := min(10, 1.2*float64(m.cfg.Time)/float64(max(took, 1)))
		n = int(float64(n)*max(2, grow)) + 1
	}
}

// left estimates the time to the end: what is known of each peer, or what a run should take.
func (m *meter) left(s *bench.Scenario, p *bench.Peer) (sum time.Duration) {
	passed := false // the peer that is about to run
	var before time.Duration
	for _, procs := range m.cfg.Processors {
		for i := range m.scenarios {
			for j := range m.scenarios[i].Peers {
				k := key{m.scenarios[i].Name, m.scenarios[i].Peers[j].Name, procs}
				if k == (key{s.Name, p.Name, m.procs}) {
					passed = true
				}
				if m.out[k] || !confined(&m.scenarios[i].Peers[j], procs) {
					continue
				}
				cost, known := m.costs[k]
				if !known {
					cost = max(m.cfg.Time, time.Second)
				}
				sum += cost
				if !passed {
					before += cost
				}
			}
		}
	}
	return sum*time.Duration(m.cfg.Rounds-m.round+1) - before
}
