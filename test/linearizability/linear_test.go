package linearizability

import (
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// seeds returns the first seed and how many: all of them, or the one in HANDOFF_SEED,
// again and again, since a seed decides the program and not how its clients meet.
func seeds(t *testing.T, n int) (first uint64, count int, again bool) {
	if testing.Short() {
		n /= 10
	}
	text := os.Getenv("HANDOFF_SEED")
	if text == "" {
		return 1, n, false
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	require.NoError(t, err, "HANDOFF_SEED")
	return seed, n, true
}

// requireLinearizable runs n programs on a kind of channel.
func requireLinearizable(t *testing.T, f Factory, n int) {
	first, n, again := seeds(t, n)
	rounds := 1
	if again {
		n, rounds = 1, n
	}
	undecided, overlapping, total := 0, 0, 0
	for range rounds {
		tally := Explore(t, f, first, n)
		if tally.Illegal != nil {
			t.Fatal(tally.Report(t, f))
		}
		undecided += tally.Undecided
		overlapping += tally.Overlapping
		total += tally.Histories
	}
	t.Logf("%d histories, %d pairs of overlapping calls, %d undecided", total, overlapping, undecided)
	require.LessOrEqual(t, undecided, 1+total/500, "histories that could not be decided in time")
}

// ofOneFlavour is how many histories of a flavour are looked at.
const ofOneFlavour = 1000

func TestHistoriesOfMPSCAreLinearizable(t *testing.T) {
	for _, capacity := range []int{Unlimited, 0, 1, 2} {
		f := MPSC(capacity)
		t.Run(f.Name, func(t *testing.T) { requireLinearizable(t, f, ofOneFlavour) })
	}
}

func TestHistoriesOfAsyncAreLinearizable(t *testing.T) {
	for _, capacity := range []int{Unlimited, 0, 1, 2} {
		f := Async(capacity)
		t.Run(f.Name, func(t *testing.T) { requireLinearizable(t, f, ofOneFlavour) })
	}
}

func TestHistoriesOfGoroutinesAndTasksAreLinearizable(t *testing.T) {
	for _, face := range []func(int) Factory{MPSC, Async} {
		for _, capacity := range []int{Unlimited, 0, 1, 2} {
			f := face(capacity)
			f.Tasks = true
			t.Run(f.Name, func(t *testing.T) { requireLinearizable(t, f, ofOneFlavour/5) })
		}
	}
}
