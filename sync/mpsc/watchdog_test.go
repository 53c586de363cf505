package mpsc_test

import (
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"
)

// watch ends the test binary, with the stacks of all goroutines, if the test is
// not over after a time that is ample on any machine: a wait that never ends must
// not look like a slow one.
func watch(t *testing.T) {
	t.Helper()
	timer := time.AfterFunc(2*time.Minute, func() {
		stacks := make([]byte, 4<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		fmt.Fprintf(os.Stderr, "%s hangs:\n%s\n", t.Name(), stacks)
		os.Exit(2)
	})
	t.Cleanup(func() { timer.Stop() })
}
