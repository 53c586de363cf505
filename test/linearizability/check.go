package linearizability

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// checkLimit bounds one check. The search may take exponential time; a history of this
// size is usually decided within a millisecond.
const checkLimit = 2 * time.Second

// Check reports whether an order explains a history. It is Unknown if that could not be
// decided in time.
func Check(h *History) porcupine.CheckResult {
	return porcupine.CheckOperationsTimeout(Model(h), Steps(h), checkLimit)
}

// picture writes what porcupine can show of a history, and returns where. That directory
// outlives the test, unlike those of [testing.T]: the history cannot be had again.
func picture(h *History, name string) string {
	dir := os.Getenv("PROOF_ARTIFACTS")
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "handoff-linearizability-"); err != nil {
			return fmt.Sprintf("no picture: %v", err)
		}
	}
	model := Model(h)
	_, info := porcupine.CheckOperationsVerbose(model, Steps(h), checkLimit)
	path := filepath.Join(dir, strings.ReplaceAll(name, "/", "_")+".html")
	if err := porcupine.VisualizePath(model, info, path); err != nil {
		return fmt.Sprintf("no picture: %v", err)
	}
	return path
}

// Tally is what came of many histories.
type Tally struct {
	Histories, Undecided int
	Overlapping          int      // pairs of calls
	Illegal              *History // the first that no order explains
	Program              *program
	Seed                 uint64
}

// Explore runs the programs of n seeds from the first one on, up to a history that no
// order explains.
func Explore(t *testing.T, f Factory, first uint64, n int) Tally {
	var tally Tally
	for seed := first; seed < first+uint64(n); seed++ {
		p := generate(seed, f.Features)
		h := run(t, f, p)
		tally.Histories++
		tally.Overlapping += h.Overlaps()
		switch Check(h) {
		case porcupine.Unknown:
			tally.Undecided++
		case porcupine.Illegal:
			tally.Illegal, tally.Program, tally.Seed = h, p, seed
			return tally
		}
	}
	return tally
}

// Report describes the history that no order explains.
func (tally Tally) Report(t *testing.T, f Factory) string {
	return fmt.Sprintf("%s: no order explains this history; run the program of its seed again, many times, with\n"+
		"  HANDOFF_SEED=%d go test -run '%s' ./linear\n%v\nthe program:\n%vpicture: %s",
		f.Name, tally.Seed, t.Name(), tally.Illegal, tally.Program, picture(tally.Illegal, fmt.Sprintf("%s-%d", f.Name, tally.Seed)))
}
