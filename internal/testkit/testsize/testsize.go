// Package testsize says how much work the tests do.
//
// By default they take seconds, so that they are run after every change. The long versions,
// which CI runs once, do ten times the rounds and build programs: HANDOFF_LONG_TESTS=1. The
// flag -short of go test could say the same the other way round, but then the command that
// is typed first would be the slow one.
package testsize

import "os"

// Variable is the environment variable that asks for the long versions.
const Variable = "HANDOFF_LONG_TESTS"

// Long reports whether the long versions are asked for.
func Long() bool { return os.Getenv(Variable) != "" }

// Scaled returns how many rounds a test does whose long version does n: a tenth by default,
// and half of that under the race detector, but at least one. The race detector needs no
// volume, because it reports an access that is not ordered the first time it sees it, and it
// makes each round about ten times slower.
func Scaled(n int) int {
	if !Long() {
		n /= 10
	}
	if Race {
		n /= 2
	}
	return max(n, 1)
}
