// Package bubble tells whether code runs inside a testing/synctest bubble, whose timers,
// channels and goroutines must not be mixed with those outside.
package bubble

import "time"

// Inside reports whether the calling goroutine is in a bubble.
func Inside() bool { return Of(time.Now()) }

// Of reports whether t was read inside a bubble. Only there has it no monotonic reading,
// which is what Round strips off.
func Of(t time.Time) bool {
	return t == t.Round(0) //nolint:staticcheck // Equal does not look at the monotonic reading
}
