package probe_test

import (
	"math"
	"runtime"
	"runtime/metrics"
	"sync/atomic"
	"testing"

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

// Two sides that yield to each other soon sit on one processor, and then a hop is a turn of the
// scheduler: such a probe calls a quiet machine busy. Here the other processor is taken, so the sides
// have to share one, and yielding would show in every glance. The times of the probes say nothing
// about that on a machine that others use too; the scheduler's own count does on any.
func TestTheProbeLeavesTheSchedulerAlone(t *testing.T) {
	before := runtime.GOMAXPROCS(2)
	defer runtime.GOMAXPROCS(before)
	var over atomic.Bool
	done := make(chan struct{})
	go func() {
		defer close(done)
		for !over.Load() {
			continue // and keep the processor
		}
	}()
	defer func() { over.Store(true); <-done }()

	const probes = 20
	// A probe lasts 50 ms at most. In that time it starts five goroutines and waits for them, and the
	// three that run are interrupted every 10 ms: at most 25 turns. Yielding makes 80 with the race
	// detector, which slows the spinning down, and more than 1000 without.
	const limit = 32 * probes
	start := turns(t)
	for range probes {
		probe.Line()
	}
	assert.Less(t, turns(t)-start, uint64(limit), "turns of the scheduler in %d probes", probes)
}

// turns is how often a goroutine has been given a processor after it had to wait for one.
func turns(t *testing.T) uint64 {
	sample := []metrics.Sample{{Name: "/sched/latencies:seconds"}}
	metrics.Read(sample)
	if !assert.Equal(t, metrics.KindFloat64Histogram, sample[0].Value.Kind()) {
		return 0
	}
	const every = 8 // the runtime looks at every eighth turn of a goroutine only (gTrackingPeriod)
	n := uint64(0)
	for _, count := range sample[0].Value.Float64Histogram().Counts {
		n += every * count
	}
	return n
}
