//go:build handoff_sched

package channel

import (
	"flag"
	"fmt"
	"testing"

	"github.com/handoff-go/handoff/internal/sched"
)

// maxRuns bounds the search of one program at one capacity with two preemptions. What it
// leaves over is sampled by random orders.
var maxRuns = flag.Int("schedules", 2000, "orders with two preemptions to run of each program at each capacity, and as many random ones if that leaves any over")

// preemptions is the bound of the search. All orders with one are always run.
const preemptions = 2

func randomRuns() int { return 10 * *maxRuns }

func capacity(limit uint64) string {
	if limit == Unlimited {
		return "none"
	}
	return fmt.Sprint(limit)
}

// at is the program at one capacity.
func (p program) at(limit uint64) func() *sched.Program {
	return func() *sched.Program {
		w := newWorld(Options{Limit: limit, Solo: p.solo, AnyEnd: !p.solo})
		p.build(w)
		return w.program()
	}
}

// search runs a program in all orders with 0, then 1, then 2 preemptions, as far as
// that goes, so that what it finds has as few as possible.
func (p program) search(limit uint64, bound int) (sched.Report, *sched.Failure) {
	o := sched.Options{Preemptions: bound}
	if bound == preemptions {
		o.Runs = *maxRuns
	}
	report, failure := sched.Explore(p.at(limit), o)
	if failure != nil || report.Complete {
		return report, failure
	}
	sampled, failure := sched.Random(func(uint64) *sched.Program { return p.at(limit)() }, 1, sched.Options{Runs: *maxRuns})
	report.Runs += sampled.Runs
	report.Elapsed += sampled.Elapsed
	return report, failure
}

// The bound is the outer loop so that the first failure has as few preemptions as possible.
func TestSchedulesOfSmallProgramsAreCorrect(t *testing.T) {
	total := 0
	for bound := range preemptions + 1 {
		for _, p := range programs {
			for _, limit := range p.limits {
				t.Run(fmt.Sprintf("%d preemptions/%s/capacity %s", bound, p.name, capacity(limit)), func(t *testing.T) {
					report, failure := p.search(limit, bound)
					total += report.Runs
					if failure != nil {
						t.Fatalf("%d orders in all: %v", total, failure)
					}
					t.Logf("%d orders, complete: %t, %v", report.Runs, report.Complete, report.Elapsed)
				})
			}
		}
	}
	if !t.Failed() {
		t.Logf("%d orders", total)
	}
}
