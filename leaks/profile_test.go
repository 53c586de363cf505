//go:build goexperiment.goroutineleakprofile

package leaks_test

import (
	"bytes"
	"fmt"
	"runtime/pprof"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/leaks"
	"github.com/handoff-go/handoff/sync/mpsc"
)

// leaked returns how many goroutines can never be woken, according to the profile.
func leaked(t *testing.T) (n int) {
	var out bytes.Buffer
	require.NoError(t, pprof.Lookup("goroutineleak").WriteTo(&out, 1))
	_, err := fmt.Sscanf(out.String(), "goroutineleak profile: total %d", &n)
	require.NoError(t, err)
	return n
}

//go:noinline
func waitForItself() {
	tx, rx := mpsc.SyncChannel[int](0)
	go func() {
		defer tx.Drop()
		_, _ = rx.Recv() // whose only sender is its own
	}()
}

func TestTheLeakProfileSeesTheSameWithTrackingAndWithout(t *testing.T) {
	waitForItself()
	assert.True(t, collectUntil(func() bool { return leaked(t) == 1 }), "off")
	t.Cleanup(leaks.Track())
	waitForItself()
	assert.True(t, collectUntil(func() bool { return leaked(t) == 2 }), "on")
}
