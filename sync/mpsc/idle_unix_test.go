//go:build unix

package mpsc_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/sync/mpsc"
)

// Real time is the subject here: a receiver that waits must not use the processor.
func TestAnIdleReceiverBurnsNoCPU(t *testing.T) {
	used := func() time.Duration {
		var u syscall.Rusage
		require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	const idle = 500 * time.Millisecond
	for _, bound := range []int{unbounded, 0, 128} {
		tx, rx := (flavour{bound: bound}).open(t)
		before := used()
		_, err := rx.RecvTimeout(idle)
		require.ErrorIs(t, err, mpsc.ErrTimeout)
		assert.Less(t, used()-before, idle/10)
		tx.Drop()
	}
}
