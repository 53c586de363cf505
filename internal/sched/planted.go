//go:build handoff_sched

package sched

import (
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// PlantVariable names bugs to plant, separated by commas, in tests that know nothing of
// this package: so one sees which of them other tests find.
const PlantVariable = "HANDOFF_SCHED_PLANT"

var planted atomic.Pointer[[]Bug]

var plantedOutside = sync.OnceValue(func() (bugs []Bug) {
	for name := range strings.SplitSeq(os.Getenv(PlantVariable), ",") {
		bugs = append(bugs, Bug(name))
	}
	return bugs
})

// Plant makes the code under test make these mistakes, until it is called again.
func Plant(bugs ...Bug) { planted.Store(&bugs) }

// Planted reports whether a bug was planted on purpose.
func Planted(b Bug) bool {
	if bugs := planted.Load(); bugs != nil && slices.Contains(*bugs, b) {
		return true
	}
	return slices.Contains(plantedOutside(), b)
}
