package async_test

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	// ants keeps two goroutines from its import on; package task, which tests need as a
	// runtime, imports it.
	goleak.VerifyTestMain(m, goleak.IgnoreCurrent())
}
