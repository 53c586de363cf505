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

// Against compares a run with the data of an earlier one: whether each ratio to the native way lies
// within the spread that was stated. Times are not compared, because they are those of a machine.
func Against(w io.Writer, old *Data, r *Report) error {
	p := &page{Writer: bufio.NewWriter(w)}
	count := make(map[string]int)
	var lines []string
	missing := 0
	all := tables(r.Scenarios, r.Result.Runs)
	for i := range all {
		t := &all[i]
		for j := range t.rows {
			row := &t.rows[j]
			if row.toBase.N < stats.Spread || row.peer.Name == t.scenario.Base {
				continue
			}
			was := old.Cells[t.key()][row.peer.Name]
			if len(was) < 4 {
				missing++
				continue
			}
			verdict := judge(was, row.toBase)
			count[verdict]++
			if verdict != within {
				lines = append(lines, fmt.Sprintf("| %s | %s | %s | %s | %s | %s |\n", t.scenario.Name, t.class, row.peer.Name,
					spread(stats.Summary{N: old.Rounds, Median: was[1], From: was[2], To: was[3]}, ratio), spread(row.toBase, ratio), verdict))
			}
		}
	}
	total := count[within] + count[overlaps] + count[differs]
	if total == 0 {
		return fmt.Errorf("nothing to compare: no ratio of this run has the same scenario, class and peer in the data (%d are new)", missing)
	}
	p.printf("# Against an earlier run\n\n| | then | now |\n|---|---|---|\n")
	for _, f := range old.Facts {
		p.printf("| %s | %s | %s |\n", f.Name, cell(f.Value), cell(fact(r.Facts, f.Name)))
	}
	p.printf("| rounds | %d | %d |\n\n", old.Rounds, r.Result.Rounds)
	p.printf("Of %d ratios to the native way, %d lie within the spread that was stated, the spreads of %d overlap, and %d differ. ",
		total, count[within], count[overlaps], count[differs])
	p.printf("%d have no counterpart: the class, the scenario or the peer was not measured then, or in fewer than %d rounds.\n", missing, stats.Spread)
	p.printf("\nA spread misses the median of as many new values in one case of twenty at most, by chance alone, so some %d of these may lie outside, and more where there are fewer new values.\n", total/20)
	if len(lines) > 0 {
		p.printf("\n| scenario | class | peer | then | now | |\n|---|---|---|---|---|---|\n%s", strings.Join(lines, ""))
	}
	return p.Flush()
}

func judge(was Cell, now stats.Summary) string {
	// The data has four digits, so the end of a spread may have been rounded past the median.
	low, high := was[2]*(1-1e-3), was[3]*(1+1e-3)
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
