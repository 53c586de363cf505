package future_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/handoff-go/handoff/internal/testkit/mutant"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
)

// An Await that forgets a wake leaves each program waiting for ever, unless the end of the
// context ends it. It is the lost wake-up of this package.
func TestSchedulesFindAnAwaitThatForgetsAWake(t *testing.T) {
	overlay := mutant.Mutant{
		Name: "an Await forgets a wake that came between its poll and its sleep",
		File: "future/awaiter.go",
		Old:  "\ta.mu.Lock()\n\tswitch {\n\tcase a.notified:\n",
		New:  "\ta.mu.Lock()\n\ta.notified = false\n\tswitch {\n\tcase a.notified:\n",
	}.Overlay(t)
	if !testsize.Long() {
		t.Skip("it builds the package with the mutant")
	}
	tests := mutant.Build(t, overlay, "-tags", "handoff_sched")
	found := tests.Find(t, nil, "-test.v", "-test.run", "^TestSchedulesOfAnAwait$")
	t.Log(found)
	assert.Contains(t, found, "no thread is runnable")
	for program, want := range map[string]string{
		"a_promise":                   "FAIL",
		"a_promise_and_a_cancel":      "PASS", // the cancel polls again
		"a_context_that_might_end":    "FAIL",
		"a_race_of_two_promises":      "FAIL",
		"two_awaits,_one_after_other": "FAIL",
	} {
		assert.Contains(t, found, "--- "+want+": TestSchedulesOfAnAwait/"+program+" (")
	}
}
