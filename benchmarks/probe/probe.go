// Package probe tells how far apart the processors are.
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
	Near  Class = "near"     // a cache line takes less than 60 ns
	Far   Class = "far"      // it takes longer
	Mixed Class = "mixed"    // it changed meanwhile, or something else used the processors
	One   Class = "one core" // there was nothing to measure
	Any   Class = "any"      // it does not matter: memory weighs the same everywhere
)

// border is between the two levels that such machines show, about 27 ns and 200 ns.
const border = 60

// busy is more than any cache line takes: the two sides did not run at the same time.
const busy = 1000

// Line returns the nanoseconds that a cache line takes from one processor to another, and 0 where
// there is only one.
func Line() float64 {
	if runtime.GOMAXPROCS(0) < 2 {
		return 0
	}
	// The best of several short tries: an interruption can only add to what it costs.
	const tries, hops = 7, 1000
	best := math.Inf(1)
	for start, left := time.Now(), tries; left > 0 && time.Since(start) < enough; left-- {
		best = min(best, bounce(hops))
	}
	return best
}

const (
	enough   = 10 * time.Millisecond // for all tries: more only on a machine that is busy
	patience = 2 * time.Millisecond  // for a try, on a machine that is busy with other things
	slow     = 1 << 12               // turns of a spin: the other side is not running
	stop     = math.MaxUint64
)

// bounce passes a number to and fro, at most n times each, and returns the time for one way.
func bounce(n uint64) float64 {
	var ball atomic.Uint64
	done := make(chan struct{})
	go func() {
		defer close(done)
		for v := uint64(1); ; v += 2 {
			if await(&ball, v); ball.Load() == stop {
				return
			}
			ball.Store(v + 1)
		}
	}()
	ball.Store(1)
	await(&ball, 2) // both run by now
	start := time.Now()
	hops := uint64(0)
	for hops < n {
		hops++
		ball.Store(2*hops + 1)
		if spins := await(&ball, 2*hops+2); spins > slow && time.Since(start) > patience {
			break
		}
	}
	took := time.Since(start)
	ball.Store(stop)
	<-done
	return float64(took.Nanoseconds()) / float64(2*hops)
}

// await spins until the ball is v or the game is over, and returns how long. It gives its
// processor away now and then, in case the other side has none.
func await(ball *atomic.Uint64, v uint64) (spins int) {
	for b := ball.Load(); b != v && b != stop; b = ball.Load() {
		if spins++; spins%slow == 0 {
			runtime.Gosched()
		}
	}
	return spins
}

// Classify names the class of a measurement from the probes before and after it.
func Classify(before, after float64) Class {
	b, a := classify(before), classify(after)
	if b != a {
		return Mixed
	}
	return b
}

func classify(ns float64) Class {
	switch {
	case ns == 0:
		return One
	case ns < border:
		return Near
	case ns > busy:
		return Mixed
	default:
		return Far
	}
}
