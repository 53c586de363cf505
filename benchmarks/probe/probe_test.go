package probe_test

import (
	"math"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/handoff-go/handoff/benchmarks/probe"
)

func TestClassify(t *testing.T) {
	for _, c := range []struct {
		before, after float64
		want          probe.Class
	}{
		{27, 30, probe.Near},
		{70, 30, probe.Near},
		{160, 230, probe.Far},
		{27, 200, probe.Mixed},
		{200, 27, probe.Mixed},
		{5000, 5000, probe.Busy},
		{math.Inf(1), 200, probe.Busy},
		{27, math.Inf(1), probe.Busy},
		{math.Inf(1), math.Inf(1), probe.Busy},
		{0, 0, probe.One},
	} {
		assert.Equal(t, c.want, probe.Classify(c.before, c.after), "%v then %v", c.before, c.after)
	}
}

func TestLine(t *testing.T) {
	before := runtime.GOMAXPROCS(2)
	defer runtime.GOMAXPROCS(before)
	assert.Positive(t, probe.Line())
	runtime.GOMAXPROCS(1)
	assert.Zero(t, probe.Line())
}

// A probe that is disturbed by its own scheduler calls every machine busy. So most of its answers
// have to be those of a cache line: with the race detector that is up to 1500 ns, and a turn of the
// scheduler takes longer.
func TestTheProbeDoesNotDisturbItself(t *testing.T) {
	if runtime.NumCPU() < 2 {
		t.Skip("one processor is all there is")
	}
	before := runtime.GOMAXPROCS(2)
	defer runtime.GOMAXPROCS(before)
	const probes = 20
	var lines []float64
	for range 20 { // other tests may have both processors for a while
		lines = lines[:0]
		sound := 0
		for range probes {
			line := probe.Line()
			if lines = append(lines, line); line < 5000 {
				sound++
			}
			time.Sleep(5 * time.Millisecond) // so that the sides do not meet where they are already
		}
		if sound >= probes*9/10 {
			return
		}
	}
	t.Errorf("never were nine of ten of them the time of a cache line, at last %.0f", lines)
}
