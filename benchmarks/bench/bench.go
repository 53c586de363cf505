// Package bench says what a scenario is: one piece of work, and the peers that do it.
//
// A scenario is data, so that the command, the tests and the report go over the same list.
// A peer measures itself, because only it knows where its setup ends and its work begins.
package bench

import (
	"fmt"
	"time"
)

// Scenario is one piece of work that several peers do.
type Scenario struct {
	// Name is a path, such as "mpsc/cap=128/producers=4". Its first part is the family.
	Name string
	// Text says in a sentence or two what is done, and what is counted as one.
	Text string
	// Metrics names what a run returns, unit first: "ns/message". Less of the first is better,
	// and the ratios are those of the first.
	Metrics []string
	// Base is the peer that the ratios refer to.
	Base string
	// Count is how often a run does it; 0 is as often as fills the time of a measurement.
	Count int
	// Long is how many times longer than others a run takes; 0 is 1. Many threads need that until
	// their turns are those of a long run.
	Long int
	// Rounds is in how many rounds it takes part at most; 0 is all of them.
	Rounds int
	// Fresh asks for a process of its own for each run, because the process is what is measured: a
	// Go process never gives back what its goroutines were described with, so a second run would
	// find it and count less.
	Fresh bool
	// Alone reports that nothing of it crosses processors: one goroutine does it all. How far apart
	// they are does not matter then.
	Alone bool
	// Args describe it to a program in another language; nil if none does it.
	Args []string
	// Peers do it. The order is that of the report.
	Peers []Peer
}

// Peer is one way to do the work of a scenario.
type Peer struct {
	Name string
	// Ours is true for what handoff offers. The best peer is looked for among the others.
	Ours bool
	// Foreign is true for a program in another language.
	Foreign bool
	// Run does it n times or a little more and returns the metrics of the scenario. An error
	// means that the peer did something wrong, for example lost a message.
	Run func(n int) ([]float64, error)
}

// PerOperation is the time since start divided by n, in nanoseconds.
func PerOperation(start time.Time, n int) float64 {
	return float64(time.Since(start).Nanoseconds()) / float64(n)
}

// Check compares what has arrived with what was sent.
func Check[N int | int64 | uint64](what string, got, want N) error {
	if got != want {
		return fmt.Errorf("%s: got %d, want %d", what, got, want)
	}
	return nil
}

// Must returns v. It panics with err: an operation that cannot fail unless the library is broken.
func Must[V any](v V, err error) V {
	OK(err)
	return v
}

// OK panics with err, like [Must].
func OK(err error) {
	if err != nil {
		panic(err)
	}
}
