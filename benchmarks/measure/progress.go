package measure

import (
	"runtime"
	"time"

	"github.com/handoff-go/handoff/benchmarks/bench"
)

// Progress reports how far it has come.
type Progress struct {
	Round, Rounds  int // round 0 is the search for the counts
	Scenario, Peer string
	Done, Total    int           // turns of peers, those of round 0 included
	Left           time.Duration // negative while it is not known
}

// sitsOut reports whether a scenario takes no part in a pass: it has had its rounds, or it does not
// matter how many processors there are and it was measured with another number of them.
func (m *meter) sitsOut(s *bench.Scenario, round, procs int) bool {
	return s.Rounds > 0 && round > s.Rounds || s.Fresh && procs != m.cfg.Processors[0]
}

// confined reports whether a peer keeps to the processors of this pass. A program in another
// language knows nothing of GOMAXPROCS, so what it does with fewer is not known.
func confined(p *bench.Peer, procs int) bool {
	return !p.Foreign || procs == 0 || procs >= runtime.NumCPU()
}

func (m *meter) report(s *bench.Scenario, p *bench.Peer) {
	if m.cfg.Progress == nil {
		return
	}
	now := Progress{Round: m.round, Rounds: m.cfg.Rounds, Scenario: s.Name, Peer: p.Name, Left: -1}
	var left time.Duration
	reached := false
	m.turns(func(k key, rounds int) {
		reached = reached || k == key{s.Name, p.Name, m.procs}
		ahead := rounds - m.round // after this round
		if reached {
			ahead++
		}
		now.Total += rounds + 1
		now.Done += rounds + 1 - max(0, ahead)
		if !m.out[k] {
			left += time.Duration(max(0, ahead)) * m.cost(k)
		}
	})
	if m.round > 0 {
		now.Left = left
	}
	m.cfg.Progress(now)
}

// cost is what a run takes, as far as it is known.
func (m *meter) cost(k key) time.Duration {
	if cost, ok := m.costs[k]; ok {
		return cost
	}
	return max(m.cfg.Time, time.Second)
}

// turns calls fn for every peer that takes part, in order, with its number of rounds.
func (m *meter) turns(fn func(k key, rounds int)) {
	for _, procs := range m.cfg.Processors {
		for i := range m.scenarios {
			s := &m.scenarios[i]
			if m.sitsOut(s, 0, procs) {
				continue
			}
			rounds := m.cfg.Rounds
			if s.Rounds > 0 {
				rounds = min(rounds, s.Rounds)
			}
			for j := range s.Peers {
				if confined(&s.Peers[j], procs) {
					fn(key{s.Name, s.Peers[j].Name, procs}, rounds)
				}
			}
		}
	}
}
