package leaks_test

import (
	"runtime"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/leaks"
	"github.com/handoff-go/handoff/sync/mpsc"
)

// cost returns the allocations and bytes of one call of fn.
func cost(fn func()) (allocs, bytes float64) {
	const rounds = 1000
	fn()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range rounds {
		fn()
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / rounds, float64(after.TotalAlloc-before.TotalAlloc) / rounds
}

// least is the cost of a call of fn when no other goroutine allocates, or after many tries: leaks of
// earlier tests are reported by another goroutine, at any time.
func least(fn func(), want float64) (allocs, bytes float64) {
	collectUntil(func() bool {
		allocs, bytes = cost(fn)
		return allocs < want+0.02
	})
	return allocs, bytes
}

var (
	keepTx *async.Sender[int]
	keepRx *async.Receiver[int]
	keepM  *mpsc.Sender[int]
)

func TestWhileItIsOffNothingIsRegistered(t *testing.T) {
	if testsize.Race {
		t.Skip("the race detector's own allocations are counted")
	}
	open := func() { keepTx, keepRx = async.Bounded[int](1) }
	clone := func() { keepTx.Clone().Drop() }
	channel := func() { keepM, _ = mpsc.Channel[int]() }
	before := leaks.Count()

	n, bytes := least(open, 1)
	assert.InDelta(t, 1, n, 0.1, "a channel and its handles are one allocation")
	if unsafe.Sizeof(uintptr(0)) == 8 {
		assert.InDelta(t, 256, bytes, 10)
	}
	n, _ = least(clone, 1)
	assert.LessOrEqual(t, n, 1.1)
	n, _ = least(channel, 3)
	assert.InDelta(t, 3, n, 0.1)
	collect()
	assert.Equal(t, before, leaks.Count())

	stop := leaks.Track()
	n, _ = cost(func() {
		open()
		keepTx.Drop() // or other tests would see a thousand reports
		keepRx.Drop()
	})
	assert.Greater(t, n, 3.0, "so that the figures above mean something")
	stop()
	n, _ = least(open, 1)
	assert.InDelta(t, 1, n, 0.1)
	keepTx, keepRx, keepM = nil, nil, nil
}
