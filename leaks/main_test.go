package leaks_test

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	// Nothing can end these, which is what the test of the leak profile is about.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/handoff-go/handoff/leaks_test.waitForItself.func1"))
}
