//go:build handoff_sched

package channel

import (
	"flag"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/sched"
	"github.com/handoff-go/handoff/internal/testkit/mutant"
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

func TestSchedulesOfSmallProgramsAreCorrect(t *testing.T) {
	total := 0
	for _, p := range programs {
		t.Run(p.name, func(t *testing.T) {
			for _, limit := range p.limits {
				for bound := range preemptions + 1 {
					report, failure := p.search(limit, bound)
					if failure != nil {
						t.Fatalf("capacity %s: %v", capacity(limit), failure)
					}
					total += report.Runs
					t.Logf("capacity %s, %d preemptions: %d orders, complete: %t, %v", capacity(limit), bound, report.Runs, report.Complete, report.Elapsed)
				}
			}
		})
	}
	t.Logf("%d orders", total)
}

// find searches all programs until one fails.
func find() (_ program, limit uint64, runs int, _ *sched.Failure) {
	for bound := range preemptions + 1 {
		for _, p := range programs {
			for _, limit := range p.limits {
				report, failure := p.search(limit, bound)
				runs += report.Runs
				if failure != nil {
					return p, limit, runs, failure
				}
			}
		}
	}
	return program{}, 0, runs, nil
}

// planted are the mutants that the search has to find, with a part of what it says then.
var planted = map[string]string{
	mutant.LostWakeup: sched.ErrStuck.Error(),
	mutant.NoPassOn:   sched.ErrStuck.Error(),
	mutant.KeptSlot:   "holds a message",
	mutant.DoubleWake: "",
	mutant.TornClose:  "without the cause",
}

// A search that finds nothing is worth as much as what it would find.
func TestSchedulesFindEachPlantedBug(t *testing.T) {
	for name := range planted {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // most of it is compiling
			mutant.Find(t, name, "handoff_sched", "TestInAMutantTheSearchFails")
		})
	}
}

// The search fails in a mutant, with a trace that fails again.
func TestInAMutantTheSearchFails(t *testing.T) {
	want, ok := planted[mutant.Running(t)]
	require.True(t, ok)
	p, limit, runs, failure := find()
	require.NotNil(t, failure, "not found in %d orders", runs)
	t.Logf("after %d orders, by %q at capacity %s: %v", runs, p.name, capacity(limit), failure)
	assert.Contains(t, failure.Error(), want)

	t.Setenv(sched.ReplayVariable, failure.Orders)
	_, again := sched.Explore(p.at(limit), sched.Options{})
	require.NotNil(t, again)
	assert.Equal(t, failure.Trace, again.Trace)
}
