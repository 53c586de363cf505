// Package litmus runs two operations on two processors at the same time, at every distance
// of some nanoseconds, for tests of what one of them must see of the other. Such tests are
// called litmus tests where memory models are described.
package litmus

import (
	"runtime"
	"sync/atomic"
	"time"
)

// Padded is a number alone on its cache line.
type Padded struct {
	_ [64]byte
	atomic.Int64
	_ [64]byte
}

// budget bounds the rounds, which take a quarter of a second where nothing else runs. On a
// busy machine each is a turn of the scheduler, and few of them are close.
const budget = 2 * time.Second

// Missings runs a and b at the same time, after prepare, so many times or for two seconds, and
// returns how often both returned true. None of them may wait.
func Missings(rounds int, prepare func(), a, b func() bool) (n int) {
	var turn, done Padded
	var other, stop atomic.Bool
	defer stop.Store(true)
	go func() {
		for i := range int64(rounds) {
			if !reach(&turn, i+1, &stop) {
				return
			}
			Delay(int(i) * 3 % 37)
			other.Store(b())
			done.Store(i + 1)
		}
	}()
	begin := time.Now()
	for i := range int64(rounds) {
		if i%64 == 0 && time.Since(begin) > budget {
			break
		}
		prepare()
		turn.Store(i + 1)
		Delay(int(i) * 7 % 37)
		missed := a()
		reach(&done, i+1, &stop)
		if missed && other.Load() {
			n++
		}
	}
	return n
}

func reach(v *Padded, n int64, stop *atomic.Bool) bool {
	for spins := 0; v.Load() < n; spins++ {
		if stop.Load() {
			return false
		}
		if spins > 5000 {
			runtime.Gosched()
		}
	}
	return true
}

// Delay lets some nanoseconds pass.
//
//go:noinline
func Delay(n int) {
	for range n {
	}
}
