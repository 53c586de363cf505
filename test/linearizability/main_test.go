package linearizability

import (
	"testing"

	"go.uber.org/goleak"
)

// ants, which comes with package task, starts two goroutines when it is imported.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.IgnoreCurrent()) }
