package channel

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/testkit/mutant"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
)

// mutants are mistakes that the search through schedules must find, each with a part of what the
// search says of it. docs/design/testing.md says where such mistakes were made.
var mutants = []struct {
	mutant.Mutant
	want string
}{
	{mutant.Mutant{
		Name: "a sender announces that it waits and does not look again",
		File: "internal/channel/send.go",
		Old:  "\t\tdefault:\n\t\t\tt = c.announce(t)",
		New:  "\t\tdefault:\n\t\t\treturn c.announce(t), n, true, nil",
	}, "no thread is runnable"},
	{mutant.Mutant{
		Name: "a notified receiver that stops waiting does not notify the next one",
		File: "internal/channel/polled.go",
		Old:  "if !p.dequeue(&c.receivers) && p.Signal() == waitq.Notified && c.pending(t) {",
		New:  "if !p.dequeue(&c.receivers) && p.Signal() == waitq.Notified && c.pending(t) && false {",
	}, "no thread is runnable"},
	{mutant.Mutant{
		Name: "a received message stays in its slot",
		File: "internal/queue/fast.go",
		Old:  "\tvar zero T\n\t*slot = zero\n",
	}, "holds a message"},
	{mutant.Mutant{
		Name: "a dequeued waiter is woken twice",
		File: "internal/waitq/queue.go",
		Old:  "\tcase w.next == nil:\n",
		New:  "\tcase w.next == nil:\n\t\tdefer w.Target.Wake()\n",
	}, ""},
	{mutant.Mutant{
		Name: "the channel is closed before its cause is known",
		File: "internal/channel/close.go",
		Old:  "\t\tt = c.closeLocked(t, why, &wake)\n\t}\n\tc.list.Tail.Unlock(c.queueFlags(t))\n",
		New:  "\t\tt = c.closeLocked(t, nil, &wake)\n\t}\n\tc.list.Tail.Unlock(c.queueFlags(t))\n\tif first {\n\t\tc.cause.Store(why)\n\t}\n",
	}, "without the cause"},
}

var (
	failedProgram = regexp.MustCompile(`--- FAIL: (TestSchedules\S*/capacity_\S+)`)
	failedOrders  = regexp.MustCompile(`again: (\S+)\n`)
	failedTrace   = regexp.MustCompile(`(?s)again: .*`)
)

// A search that finds nothing is worth as much as what it would find. It finds each of the
// mutants, in an order that fails in the same way when it is run again.
func TestSchedulesFindEachMutant(t *testing.T) {
	for _, m := range mutants {
		t.Run(m.Name, func(t *testing.T) {
			overlay := m.Overlay(t)
			if !testsize.Long() {
				t.Skip("it builds the package with the mutant")
			}
			tests := mutant.Build(t, overlay, "-tags", "handoff_sched")
			found := tests.Find(t, nil, "-test.run", "^TestSchedulesOfSmallProgramsAreCorrect$", "-test.failfast")
			t.Log(found)
			assert.Contains(t, found, m.want)

			program, orders := failedProgram.FindStringSubmatch(found), failedOrders.FindStringSubmatch(found)
			require.NotNil(t, program)
			require.NotNil(t, orders)
			again := tests.Find(t, orders[1:], "-test.run", "^"+regexp.QuoteMeta(program[1])+"$")
			assert.Equal(t, failedTrace.FindString(found), failedTrace.FindString(again))
		})
	}
}
