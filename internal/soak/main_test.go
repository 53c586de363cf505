package main

import (
	"testing"

	"go.uber.org/goleak"
)

// Importing ants starts two goroutines, which are there before the tests are.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.IgnoreCurrent()) }
