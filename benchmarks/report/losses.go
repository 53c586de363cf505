package report

import (
	"fmt"
	"strings"

	"github.com/handoff-go/handoff/benchmarks/stats"
)

// loss is a peer that is better than something of handoff.
type loss struct {
	table *table
	ours  *row
	peer  *row
	ratio stats.Summary
	why   *Reason
}

// sure reports that it is not chance: the median is above 1 with 95% confidence.
func (l *loss) sure() bool { return l.ratio.N >= stats.Enough && l.ratio.Low > 1 }

// losses are all ratios above 1: of the fastest of handoff to all other peers, and of its others to
// the native way, because a program that needs one of them cannot take the fastest instead.
func losses(all []table) (out []loss) {
	for i := range all {
		t := &all[i]
		best := t.ours()
		for j := range t.rows {
			o := &t.rows[j]
			if !o.peer.Ours {
				continue
			}
			for k := range t.rows {
				p := &t.rows[k]
				if p.peer.Ours || o != best && p.peer.Name != t.scenario.Base {
					continue
				}
				if r := o.to(p); r.N > 0 && r.Median > 1 {
					out = append(out, loss{t, o, p, r, Why(t.scenario.Name, o.peer.Name, p.peer.Name)})
				}
			}
		}
	}
	return out
}

func (p *page) losses(all []table) {
	p.printf("\n## Where handoff loses, and why\n\n")
	most := 0
	for i := range all {
		for _, r := range all[i].rows {
			most = max(most, r.toBest.N)
		}
	}
	if most < stats.Enough {
		p.printf("It takes %d rounds to tell that from chance.\n", stats.Enough)
		return
	}
	var sure, unsure []loss
	for _, l := range losses(all) {
		if l.sure() {
			sure = append(sure, l)
		} else {
			unsure = append(unsure, l)
		}
	}
	p.sureLosses(sure)
	p.unsureLosses(unsure)
}

func (p *page) sureLosses(sure []loss) {
	if len(sure) == 0 {
		p.printf("Nowhere for sure: of no ratio it is certain that its median is above 1.\n")
		return
	}
	p.printf("All scenarios in which another peer is better, and not by chance: with 95%% confidence the median of the ratio is above 1. The fastest of handoff is " +
		"compared with all other peers, its others with the native way. What is measured is in the table; the reasons below it are written by hand.\n\n")
	p.printf("| scenario | class | handoff | takes so many times as much as | why |\n|---|---|---|---|---|\n")
	occurred := make(map[*Reason]bool)
	for len(sure) > 0 {
		// All peers that are better for one reason share a line.
		l := sure[0]
		occurred[l.why] = true
		n := 1
		for n < len(sure) && sure[n].table == l.table && sure[n].ours == l.ours && sure[n].why == l.why {
			n++
		}
		p.printf("| %s | %s | %s | %s | %s |\n", l.table.scenario.Name, l.table.class, l.ours.peer.Name, rivals(sure[:n]), l.why.name())
		sure = sure[n:]
	}
	p.printf("\nThe reasons, and where they are explained:\n\n")
	for i := range Reasons {
		r := &Reasons[i]
		if !occurred[r] {
			continue
		}
		p.printf("- **%s**: %s See [%s](%s).\n", r.Name, r.Text, r.Link, r.Link)
	}
}

func rivals(losses []loss) string {
	var out []string
	for _, l := range losses {
		out = append(out, fmt.Sprintf("%s: %s", l.peer.peer.Name, spread(l.ratio, ratio)))
	}
	return strings.Join(out, "; ")
}

func (p *page) unsureLosses(unsure []loss) {
	if len(unsure) == 0 {
		return
	}
	p.printf("\nRatios above 1 that may be chance, because their median may be 1 or less:\n\n")
	last := ""
	for _, l := range unsure {
		where := fmt.Sprintf("%s (%s), %s", l.table.scenario.Name, l.table.class, l.ours.peer.Name)
		if where != last {
			if last != "" {
				p.printf("\n")
			}
			p.printf("- %s: ", where)
		} else {
			p.printf(", ")
		}
		last = where
		p.printf("%s %s", l.peer.peer.Name, ratio(l.ratio.Median))
	}
	p.printf("\n")
}
