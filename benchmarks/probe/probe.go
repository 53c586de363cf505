// Package probe measures how far apart the processors are.
//
// On a virtual machine that is not a constant: the host moves the processors, and what it costs
// to hand a cache line from one to the other changes by a factor of eight without notice. Two
// measurements that cross processors can be compared only if it was the same for both.
package probe

import (
	"math"
	"runtime"
	"sync/atomic"
	"time"
)

// Class says how far apart the processors were during a measurement.
type Class string

const (
	Near  Class = "near"     // a cache line takes less than 110 ns
	Far   Class = "far"      // it takes longer
	Mixed Class = "mixed"    // it changed during the run
	Busy  Class = "busy"     // something else used the processors
	One   Class = "one core" // there was nothing to measure
	Any   Class = "any"      // it does not matter: memory, or one goroutine that does it all
)

// Border lies between the levels that such machines show: 30 ns between two threads of a core,
// 50 to 70 between cores that share a cache, 160 to 230 between those that do not.
const Border = 110

// busy is more than any cache line takes: the two sides did not run at the same time.
const busy = 1000

// Line returns the nanoseconds that a cache line takes from one processor to another, 0 where there
// is only one, and +Inf if the two sides were never seen to run at the same time.
func Line() float64 {
	if runtime.GOMAXPROCS(0) < 2 {
		return 0
	}
	// The best of several short tries: an interruption can only add to what it costs.
	const tries, hops = 5, 500
	best := math.Inf(1)
	for start, left := time.Now(), tries; left > 0 && time.Since(start) < enough; left-- {
		best = min(best, bounce(hops))
	}
	return best
}

const (
	enough   = 30 * time.Millisecond // for all tries: more only on a machine that is busy
	patience = 20 * time.Millisecond // for a try: the system may need some ticks to give both sides a processor
	glance   = 1 << 12               // turns of a spin between two looks at the clock
)

// game is a number that two sides pass to and fro. Neither calls the scheduler while it waits: two
// that yield to each other soon sit on one processor, and then a hop takes as long as a turn of the
// scheduler. A processor that never returns is noticed by the clock.
type game struct {
	end  time.Time
	_    [64]byte
	ball atomic.Uint64
	_    [56]byte
	over atomic.Bool
	_    [63]byte
}

// bounce passes a number to and fro, n times each, and returns the time for one way, or +Inf if
// the two do not get through in time.
func bounce(n uint64) float64 {
	g := game{end: time.Now().Add(patience)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for v := uint64(1); v < 2*n && g.await(v); v += 2 {
			g.ball.Store(v + 1)
		}
	}()
	defer func() { <-done }()
	g.ball.Store(1)
	if !g.await(2) { // both run after that
		return math.Inf(1)
	}
	start := time.Now()
	for v := uint64(3); v < 2*n; v += 2 {
		g.ball.Store(v)
		if !g.await(v + 1) {
			return math.Inf(1)
		}
	}
	return float64(time.Since(start).Nanoseconds()) / float64(2*(n-1))
}

// await spins until the ball is v, and reports whether that came in time.
func (g *game) await(v uint64) bool {
	for {
		for range glance {
			if g.ball.Load() == v {
				return true
			}
		}
		if g.over.Load() {
			return false
		}
		if time.Now().After(g.end) {
			g.over.Store(true)
			return false
		}
	}
}

// Classify names the class of a measurement from the probes before and after it.
func Classify(before, after float64) Class {
	switch b, a := classify(before), classify(after); {
	case b == a:
		return b
	case b == Busy || a == Busy:
		return Busy
	}
	return Mixed
}

func classify(ns float64) Class {
	switch {
	case ns == 0:
		return One
	case ns < Border:
		return Near
	case ns > busy:
		return Busy
	default:
		return Far
	}
}
