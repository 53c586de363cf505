// Package probe tells how far apart the processors are.
//
// On a virtual machine that is not a constant: the host moves the processors, and what it costs
// to hand a cache line from one to the other changes by a factor of eight without notice. Two
// measurements that cross processors can be compared only if it was the same for both.
package probe

import (
	"runtime"
	"slices"
	"sync/atomic"
	"time"
)

// Class says how far apart the processors were during a measurement.
type Class string

const (
	Near  Class = "near"     // a cache line takes less than 60 ns
	Far   Class = "far"      // it takes longer
	Mixed Class = "mixed"    // it changed while something was measured
	One   Class = "one core" // there was nothing to measure
	Any   Class = "any"      // it does not matter: memory weighs the same everywhere
)

// border is between the two levels that such machines show, about 27 ns and 200 ns.
const border = 60

// Line returns the nanoseconds that a cache line takes from one processor to another, and 0 where
// there is only one.
func Line() float64 {
	if runtime.GOMAXPROCS(0) < 2 {
		return 0
	}
	// The median of several short tries: an interruption spoils one of them.
	const tries, hops = 7, 1000
	var took [tries]float64
	for i := range took {
		took[i] = bounce(hops)
	}
	slices.Sort(took[:])
	return took[tries/2]
}

// bounce passes a number to and fro n times each and returns the time for one way.
func bounce(n uint64) float64 {
	var ball atomic.Uint64
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range n {
			await(&ball, 2*i+1)
			ball.Store(2*i + 2)
		}
	}()
	ball.Store(1)
	await(&ball, 2) // both run by now
	start := time.Now()
	for i := uint64(1); i < n; i++ {
		ball.Store(2*i + 1)
		await(&ball, 2*i+2)
	}
	took := time.Since(start)
	<-done
	return float64(took.Nanoseconds()) / float64(2*(n-1))
}

// await spins, and gives its processor away in case the other side has none.
func await(ball *atomic.Uint64, v uint64) {
	for spins := 1; ball.Load() != v; spins++ {
		if spins%(1<<14) == 0 {
			runtime.Gosched()
		}
	}
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
	default:
		return Far
	}
}
