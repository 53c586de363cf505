package leak

import (
	"reflect"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fake is the record of a handle of a channel on which something waits or not.
type fake struct {
	Record

	waits bool
	looks chan time.Time
}

func (*fake) Replace() func() { return nil }

func (f *fake) Look(now time.Time) (bool, *Suspicion) {
	select {
	case f.looks <- now:
	default:
	}
	return f.waits, nil
}

func track(f *fake) (p *[16]byte) {
	p = new([16]byte)
	Track(p, f, "fake", reflect.TypeFor[int](), (*byte)(nil))
	return p
}

func isArmed() bool {
	mu.Lock()
	defer mu.Unlock()
	return armed
}

// While a timer is pending, the runtime does not report that all goroutines are asleep.
func TestTheLooksEndAboutAMinuteAfterTheLastChange(t *testing.T) {
	var total, last time.Duration
	looks := 0
	for d := nextInterval(0, true); d > 0; d = nextInterval(d, false) {
		assert.Greater(t, d, last)
		last = d
		total += d
		looks++
		require.Less(t, looks, 100)
	}
	assert.InDelta(t, time.Minute, total, float64(10*time.Second))
	assert.Greater(t, looks, 4)
	assert.Equal(t, firstLook, nextInterval(lastLook, true), "a change begins again")
}

func TestAHandleStartsLooksWhichCollectWhileSomethingWaits(t *testing.T) {
	SwitchOn()
	defer SwitchOff()
	f := &fake{waits: true, looks: make(chan time.Time)}
	p := track(f)
	defer Forget(p)
	require.True(t, isArmed())
	<-f.looks
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	<-f.looks // the first has collected
	<-f.looks // and so has the second
	runtime.ReadMemStats(&after)
	assert.Greater(t, after.NumForcedGC, before.NumForcedGC)
}

func TestLooksStopWithTrackingAndWithTheLastHandle(t *testing.T) {
	SwitchOn()
	f := &fake{looks: make(chan time.Time)}
	p := track(f)
	<-f.looks
	SwitchOff()
	ends := func() {
		for isArmed() {
			time.Sleep(time.Millisecond)
		}
	}
	ends()
	SwitchOn()
	defer SwitchOff()
	Forget(p)
	require.True(t, isArmed(), "a handle was dropped")
	ends()
}

// A timer of a bubble would keep it from being idle, and its clock is not that of the
// collector.
func TestAHandleOfABubbleStartsNoLooks(t *testing.T) {
	for isArmed() { // of other tests
		time.Sleep(time.Millisecond)
	}
	SwitchOn()
	defer SwitchOff()
	outside := track(&fake{})
	for isArmed() {
		mu.Lock()
		interval, changed = lastLook, false
		mu.Unlock()
		time.Sleep(time.Millisecond)
	}
	synctest.Test(t, func(t *testing.T) {
		p := track(&fake{})
		assert.False(t, isArmed())
		Forget(p)
		assert.False(t, isArmed())
		Forget(outside)
		assert.False(t, isArmed(), "the caller is in a bubble")
	})
}
