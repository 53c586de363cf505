// Package report writes what was measured as Markdown and as charts.
package report

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/handoff-go/handoff/benchmarks/bench"
	"github.com/handoff-go/handoff/benchmarks/measure"
	"github.com/handoff-go/handoff/benchmarks/probe"
	"github.com/handoff-go/handoff/benchmarks/stats"
)

// Report is what the page needs.
type Report struct {
	Facts     []Fact // machine, versions, command
	Scenarios []bench.Scenario
	Result    measure.Result
	Missing   []string // what was not measured, and why
	Charts    []Chart
}

// Fact is a line about the conditions.
type Fact struct{ Name, Value string }

// Markdown writes the page.
func Markdown(w io.Writer, r *Report) error {
	p := &page{Writer: bufio.NewWriter(w)}
	all := tables(r.Scenarios, r.Result.Runs)
	p.intro(r)
	p.summary(all)
	p.goals(r, all)
	p.losses(all)
	p.missing(r)
	for _, c := range r.Charts {
		p.printf("\n![%s](%s)\n", c.Title, c.Path)
	}
	p.printf("\n## Scenarios\n\n%s\n", howToRead)
	var last *bench.Scenario
	for i := range all {
		if all[i].scenario != last {
			last = all[i].scenario
			p.printf("\n### %s\n\n%s\n", last.Name, last.Text)
		}
		p.table(&all[i])
	}
	return p.Flush()
}

type page struct{ *bufio.Writer }

// printf keeps no error: the writer does, and Flush returns it.
func (p *page) printf(format string, args ...any) { fmt.Fprintf(p, format, args...) }

const howToRead = "Each number is the median of the rounds, with the spread in brackets: between these two the median of another run lies in 95% of all " +
	"cases, if the machine is as it was (nothing where there are fewer than nine of one class). Less is better, except for " +
	"fairness. Ratios divide numbers of one round, or, where one of the two was of another class there, of rounds in their order, and are taken of the first column. Allocations include those of the setup."

func (p *page) intro(r *Report) {
	p.printf("# Benchmarks\n\nThis page is written by a command. Do not edit it, run it again:\n\n")
	for _, f := range r.Facts {
		if f.Name == "command" {
			p.printf("```sh\ncd benchmarks\n%s\n```\n\n", f.Value)
		}
	}
	p.printf("| | |\n|---|---|\n")
	for _, f := range r.Facts {
		if f.Name != "command" {
			p.printf("| %s | %s |\n", f.Name, cell(f.Value))
		}
	}
	count := make(map[probe.Class]int)
	for _, run := range r.Result.Runs {
		count[run.Class]++
	}
	p.printf("| rounds | %d |\n| runs | %d", r.Result.Rounds, len(r.Result.Runs))
	for _, c := range classes {
		if count[c] > 0 {
			p.printf(", %s: %d", c, count[c])
		}
	}
	p.printf("; left out because the class changed during the run: %d, because the machine was busy: %d |\n", count[probe.Mixed], count[probe.Busy])
	p.lines(r.Result.Lines)
	if share := r.Result.Disturbed(); share > measure.TooMany {
		p.printf("\n**The machine was busy** beside %.0f%% of the runs, and the others may have been disturbed too. Measure again before quoting a number.\n", 100*share)
	}
	p.printf("\nAll peers run in turns (A B C A B C ...) in one session. A probe before and after every turn measures what it costs to hand a cache line from one " +
		"processor to the other, which on virtual machines changes without notice. Only runs of one class are compared.\n")
}

// lines prints what a cache line took in each class.
func (p *page) lines(all []float64) {
	by := make(map[probe.Class][]float64)
	for _, ns := range all {
		c := probe.Classify(ns, ns)
		by[c] = append(by[c], ns)
	}
	var said []string
	for _, c := range []probe.Class{probe.Near, probe.Far} {
		if vs := by[c]; len(vs) > 0 {
			slices.Sort(vs)
			said = append(said, fmt.Sprintf("*%s* %s ns (nine of ten %s–%s)", c, number(vs[len(vs)/2]), number(vs[len(vs)/20]), number(vs[len(vs)-1-len(vs)/20])))
		}
	}
	if len(said) > 0 {
		p.printf("| cache line between processors | %s; near is less than %d ns |\n", strings.Join(said, ", "), probe.Border)
	}
}

func (p *page) summary(all []table) {
	p.printf("\n## Summary\n\nThe fastest of handoff beside the native way (`chan` or `go`) and beside the fastest other peer. Below 1 handoff is faster.\n\n")
	p.printf("| scenario | class | handoff | to native | fastest other | to that |\n|---|---|---|---|---|---|\n")
	for i := range all {
		t := &all[i]
		ours, theirs := t.ours(), t.theirs()
		if ours == nil {
			continue
		}
		other := "-"
		if theirs != nil {
			other = fmt.Sprintf("%s, %s", theirs.peer.Name, number(theirs.metrics[0].Median))
		}
		p.printf("| %s | %s | %s, %s %s | %s | %s | %s |\n", t.scenario.Name, t.class, ours.peer.Name, number(ours.metrics[0].Median),
			t.scenario.Metrics[0], spread(ours.toBase, ratio), other, spread(ours.toBest, ratio))
	}
}

func (p *page) missing(r *Report) {
	if len(r.Missing)+len(r.Result.Failures) == 0 {
		return
	}
	p.printf("\n## Not measured\n\n")
	for _, m := range r.Missing {
		p.printf("- %s\n", m)
	}
	for _, f := range r.Result.Failures {
		p.printf("- %s, %s failed: %s\n", f.Scenario, f.Peer, cell(f.Err.Error()))
	}
}

func (p *page) table(t *table) {
	p.printf("\n| %s | ", t.class)
	for _, m := range t.scenario.Metrics {
		p.printf("%s | ", m)
	}
	p.printf("allocs | to %s | to the best other |\n|---|", t.scenario.Base)
	p.printf("%s\n", strings.Repeat("---|", len(t.scenario.Metrics)+3))
	for _, r := range t.rows {
		name := r.peer.Name
		if r.peer.Ours {
			name = "**" + name + "**"
		}
		p.printf("| %s | ", name)
		for _, m := range r.metrics {
			p.printf("%s | ", spread(m, number))
		}
		best := spread(r.toBest, ratio)
		if r.isBest {
			best = "best"
		}
		p.printf("%s | %s | %s |\n", allocs(&r, t.scenario), spread(r.toBase, ratio), best)
	}
}

// allocs are not known of a process of its own.
func allocs(r *row, s *bench.Scenario) string {
	if s.Fresh || r.peer.Foreign {
		return "-"
	}
	return ratio(r.allocs.Median)
}

// spread is a median with its spread, if there is one.
func spread(s stats.Summary, format func(float64) string) string {
	switch {
	case s.N == 0:
		return "-"
	case s.N < stats.Spread:
		return format(s.Median)
	}
	return fmt.Sprintf("%s (%s–%s)", format(s.Median), format(s.From), format(s.To))
}

func ratio(v float64) string { return fmt.Sprintf("%.2f", v) }

// number has three digits that count.
func number(v float64) string {
	switch a := math.Abs(v); {
	case math.IsNaN(v):
		return "-"
	case a < 10:
		return fmt.Sprintf("%.2f", v)
	case a < 100:
		return fmt.Sprintf("%.1f", v)
	default:
		return fmt.Sprintf("%.0f", v)
	}
}

// cell keeps text inside a cell of a table.
func cell(s string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ").Replace(s)
}
