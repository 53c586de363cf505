package main

import (
	"runtime"
	"testing"

	"go.uber.org/goleak"
)

// atRest is how many goroutines there are when no test runs: this one, and two that
// importing ants starts.
var atRest int

func TestMain(m *testing.M) {
	atRest = runtime.NumGoroutine()
	goleak.VerifyTestMain(m, goleak.IgnoreCurrent())
}
