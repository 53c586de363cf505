package probe_test

import (
	"math"
	"runtime"
	"sync/atomic"
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
	sound := 0
	for range probes {
		time.Sleep(5 * time.Millisecond) // so that the sides do not meet where they are already
		if lines = append(lines, probe.Line()); lines[len(lines)-1] < 5000 {
			sound++
		}
	}
	if sound >= probes*9/10 {
		return
	}
	// Asked afterwards, because asking brings two threads together for the next probe.
	quiet := 0
	for range probes {
		time.Sleep(5 * time.Millisecond)
		if undisturbed() {
			quiet++
		}
	}
	if quiet < probes/2 { // 28 to 37 where nothing else ran, 9 to 19 beside two busy processes
		t.Skipf("the machine is busy: both processors were free in %d of %d moments", quiet, probes)
	}
	t.Errorf("only %d of %d are those of a cache line: %.0f", sound, probes, lines)
}

// undisturbed tells whether two goroutines that have met have a processor each for a moment: neither
// sees the clock jump after that.
func undisturbed() bool {
	const patience, moment, jump = 20 * time.Millisecond, 2 * time.Millisecond, 200 * time.Microsecond
	longest := make(chan time.Duration, 2)
	var here, met atomic.Int64
	start := time.Now()
	for range 2 {
		go func() {
			if here.Add(1) == 2 {
				met.Store(int64(time.Since(start)))
			}
			for met.Load() == 0 {
				if time.Since(start) > patience {
					longest <- patience
					return
				}
			}
			began := time.Duration(met.Load())
			var most time.Duration
			for last := began; last < began+moment; {
				now := time.Since(start)
				most, last = max(most, now-last), now
			}
			longest <- most
		}()
	}
	return max(<-longest, <-longest) < jump
}
