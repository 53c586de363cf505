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
	assert.Positive(t, probe.Line()) // or +Inf, on a machine that is busy
	runtime.GOMAXPROCS(1)
	assert.Zero(t, probe.Line())
}

// A probe that is disturbed by its own scheduler calls every machine busy. So on a machine that does
// nothing else, most of its answers have to be those of a cache line: with the race detector that is
// up to 1500 ns, and a turn of the scheduler takes longer.
func TestTheProbeDoesNotDisturbItself(t *testing.T) {
	if runtime.NumCPU() < 2 {
		t.Skip("one processor is all there is")
	}
	before := runtime.GOMAXPROCS(2)
	defer runtime.GOMAXPROCS(before)
	const probes = 50
	var lines []float64
	sound, quiet := 0, 0
	for range probes {
		time.Sleep(5 * time.Millisecond) // so that the sides do not meet where they are already
		if undisturbed() {
			quiet++
		}
		if lines = append(lines, probe.Line()); lines[len(lines)-1] < 5000 {
			sound++
		}
	}
	if sound < probes*9/10 && quiet < probes*9/10 {
		t.Skipf("the machine is busy: both processors were free in %d of %d moments", quiet, probes)
	}
	assert.GreaterOrEqual(t, sound, probes*9/10, "%.0f", lines)
}

// undisturbed tells whether two goroutines have a processor each for a moment: neither has to wait
// for one, nor sees the clock jump.
func undisturbed() bool {
	const moment, jump = 2 * time.Millisecond, 200 * time.Microsecond
	longest := make(chan time.Duration, 2)
	start := time.Now()
	for range 2 {
		go func() {
			var most time.Duration
			for last := start; last.Sub(start) < moment; {
				now := time.Now()
				most, last = max(most, now.Sub(last)), now
			}
			longest <- most
		}()
	}
	return max(<-longest, <-longest) < jump
}
