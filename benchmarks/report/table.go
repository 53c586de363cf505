package report

import (
	"cmp"
	"math"
	"slices"

	"github.com/handoff-go/handoff/benchmarks/bench"
	"github.com/handoff-go/handoff/benchmarks/measure"
	"github.com/handoff-go/handoff/benchmarks/probe"
	"github.com/handoff-go/handoff/benchmarks/stats"
)

// table is a scenario in one class.
type table struct {
	scenario *bench.Scenario
	class    probe.Class
	rows     []row
}

// row is a peer in it.
type row struct {
	peer    *bench.Peer
	metrics []stats.Summary
	allocs  stats.Summary
	toBase  stats.Summary // ratios of the first metric, as [stats.Ratios] pairs them
	toBest  stats.Summary
	isBest  bool      // the fastest that is not ours
	column  []float64 // the first metric by round
}

// classes in the order of the report. Mixed and busy runs are compared with nothing.
var classes = []probe.Class{probe.Near, probe.Far, probe.One, probe.Any}

// tables sums up what was measured, a table for each class that occurred.
func tables(scenarios []bench.Scenario, runs []measure.Run) (out []table) {
	type key struct {
		scenario, peer string
		class          probe.Class
	}
	by := make(map[key][]measure.Run)
	rounds := 0
	for _, r := range runs {
		k := key{r.Scenario, r.Peer, r.Class}
		by[k] = append(by[k], r)
		rounds = max(rounds, r.Round)
	}
	for i := range scenarios {
		s := &scenarios[i]
		for _, class := range classes {
			t := table{scenario: s, class: class}
			for j := range s.Peers {
				if rs := by[key{s.Name, s.Peers[j].Name, class}]; len(rs) > 0 {
					t.rows = append(t.rows, summary(s, &s.Peers[j], rs))
					t.rows[len(t.rows)-1].column = byRound(rs, rounds)
				}
			}
			if len(t.rows) > 0 {
				t.compare()
				out = append(out, t)
			}
		}
	}
	return out
}

func summary(s *bench.Scenario, p *bench.Peer, rs []measure.Run) row {
	out := row{peer: p}
	for m := range s.Metrics {
		out.metrics = append(out.metrics, over(rs, func(r measure.Run) float64 { return r.Values[m] }))
	}
	out.allocs = over(rs, func(r measure.Run) float64 { return r.Allocs })
	return out
}

func over(rs []measure.Run, value func(measure.Run) float64) stats.Summary {
	vs := make([]float64, len(rs))
	for i, r := range rs {
		vs[i] = value(r)
	}
	return stats.Of(vs)
}

// byRound puts the first metric in its place by round, so that ratios pair what was measured
// together, where both are of this class.
func byRound(rs []measure.Run, rounds int) []float64 {
	vs := make([]float64, rounds+1)
	for i := range vs {
		vs[i] = math.NaN()
	}
	for _, r := range rs {
		vs[r.Round] = r.Values[0]
	}
	return vs
}

func (t *table) compare() {
	base, best := -1, -1
	for i, r := range t.rows {
		if r.peer.Name == t.scenario.Base {
			base = i
		}
	}
	if r := t.theirs(); r != nil {
		best = slices.IndexFunc(t.rows, func(other row) bool { return other.peer == r.peer })
	}
	none := stats.Of(nil)
	for i := range t.rows {
		r := &t.rows[i]
		r.toBase, r.toBest, r.isBest = none, none, i == best
		if base >= 0 {
			r.toBase = r.to(&t.rows[base])
		}
		if best >= 0 {
			r.toBest = r.to(&t.rows[best])
		}
	}
}

// row is that of a peer, or nil.
func (t *table) row(peer string) *row {
	if i := slices.IndexFunc(t.rows, func(r row) bool { return r.peer.Name == peer }); i >= 0 {
		return &t.rows[i]
	}
	return nil
}

// to is the ratio of the first metric to that of another row, as [stats.Ratios] pairs them.
func (r *row) to(other *row) stats.Summary { return stats.Of(stats.Ratios(r.column, other.column)) }

// ours is the fastest row of handoff, theirs that of all others; nil if there is none.
func (t *table) ours() *row   { return t.fastest(func(r row) bool { return r.peer.Ours }) }
func (t *table) theirs() *row { return t.fastest(func(r row) bool { return !r.peer.Ours }) }

// fastest is the one with the smallest median, among those that were measured often enough to
// tell: at least half as often as the one measured most. What a system cannot measure, such as the
// memory of a program, is not a number, and no candidate.
func (t *table) fastest(among func(row) bool) *row {
	most := 0
	for i := range t.rows {
		most = max(most, t.rows[i].metrics[0].N)
	}
	var rows []*row
	for i := range t.rows {
		if n := t.rows[i].metrics[0].N; n > 0 && 2*n >= most && among(t.rows[i]) {
			rows = append(rows, &t.rows[i])
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return slices.MinFunc(rows, func(a, b *row) int { return cmp.Compare(a.metrics[0].Median, b.metrics[0].Median) })
}
