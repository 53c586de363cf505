package observe_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/probe"
	"github.com/handoff-go/handoff/task/tasktest"
)

func TestMain(m *testing.M) { tasktest.VerifyTestMain(m) }

// alone returns when nothing is left of earlier tests. What they made and did not drop is
// there until the collector has found it.
func alone(t *testing.T) {
	t.Helper()
	probe.ForgetEnded()
	require.Eventually(t, func() bool {
		runtime.GC()
		return len(probe.Channels())+len(probe.Tasks()) == 0
	}, time.Minute, time.Millisecond)
}
