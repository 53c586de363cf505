package report

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/handoff-go/handoff/benchmarks/stats"
)

// Verdicts on a ratio that was measured again.
const (
	within   = "within"   // the new median lies in the old spread
	overlaps = "overlaps" // it does not, but the spreads have something in common
	differs  = "differs"
)

// Against compares a run with the data of an earlier one: whether each ratio to the native way, and
// that of the fastest of handoff to the fastest other peer of then, lies within the spread that was
// stated. Times are not compared, because they are those of a machine.
func Against(w io.Writer, old *Data, r *Report) error {
	var native, rivals comparison
	all := tables(r.Scenarios, r.Result.Runs)
	for i := range all {
		t := &all[i]
		key := t.key()
		for j := range t.rows {
			row := &t.rows[j]
			if row.peer.Name == t.scenario.Base {
				continue
			}
			was := old.Cells[key][row.peer.Name]
			if len(was) < 4 {
				if row.toBase.N >= stats.Spread {
					native.missing++
				}
				continue
			}
			native.add(t, row.peer.Name, old.Rounds, [3]float64(was[1:4]), row.toBase)
		}
		if was, ok := old.Duels[key]; ok {
			ours, theirs := t.row(was.Ours), t.row(was.Theirs)
			if ours == nil || theirs == nil {
				rivals.missing++
				continue
			}
			rivals.add(t, was.Ours+" to "+was.Theirs, old.Rounds, was.Ratio, ours.to(theirs))
		}
	}
	if native.total() == 0 {
		return fmt.Errorf("nothing to compare: no ratio of this run has the same scenario, class and peer in the data (%d are new)", native.missing)
	}
	p := &page{Writer: bufio.NewWriter(w)}
	p.printf("# Against an earlier run\n\n| | then | now |\n|---|---|---|\n")
	for _, f := range old.Facts {
		p.printf("| %s | %s | %s |\n", f.Name, cell(f.Value), cell(fact(r.Facts, f.Name)))
	}
	p.printf("| rounds | %d | %d |\n", old.Rounds, r.Result.Rounds)
	p.printf("\nA spread misses the median of as many new values in one case of twenty at most, by chance alone, so some %d and %d of these may lie outside, "+
		"and more where there are fewer new values.\n", native.total()/20, rivals.total()/20)
	native.write(p, "to the native way")
	rivals.write(p, "of the fastest of handoff to the fastest other peer of then")
	return p.Flush()
}

// comparison counts verdicts, and has a line for each that is not the best one.
type comparison struct {
	within, overlap, differ, missing int
	lines                            []string
}

func (c *comparison) total() int { return c.within + c.overlap + c.differ }

func (c *comparison) add(t *table, what string, rounds int, was [3]float64, now stats.Summary) {
	if now.N < stats.Spread {
		c.missing++
		return
	}
	verdict := judge(was, now)
	switch verdict {
	case within:
		c.within++
		return
	case overlaps:
		c.overlap++
	default:
		c.differ++
	}
	c.lines = append(c.lines, fmt.Sprintf("| %s | %s | %s | %s | %s | %s |\n", t.scenario.Name, t.class, what,
		spread(stats.Summary{N: rounds, Median: was[0], From: was[1], To: was[2]}, ratio), spread(now, ratio), verdict))
}

func (c *comparison) write(p *page, which string) {
	p.printf("\nOf %d ratios %s, %d lie within the spread that was stated, the spreads of %d overlap, and %d differ. ",
		c.total(), which, c.within, c.overlap, c.differ)
	p.printf("%d have no counterpart: the class, the scenario or the peer was not measured in one of the two runs, or in fewer than %d rounds.\n", c.missing, stats.Spread)
	if len(c.lines) > 0 {
		p.printf("\n| scenario | class | peer | then | now | |\n|---|---|---|---|---|---|\n%s", strings.Join(c.lines, ""))
	}
}

// judge compares a median and the ends of its spread with what was measured again.
func judge(was [3]float64, now stats.Summary) string {
	// The data has four digits, so the end of a spread may have been rounded past the median.
	low, high := was[1]*(1-1e-3), was[2]*(1+1e-3)
	switch {
	case low <= now.Median && now.Median <= high:
		return within
	case math.Max(low, now.From) <= math.Min(high, now.To):
		return overlaps
	}
	return differs
}

func fact(facts []Fact, name string) string {
	if i := slices.IndexFunc(facts, func(f Fact) bool { return f.Name == name }); i >= 0 {
		return facts[i].Value
	}
	return "-"
}
