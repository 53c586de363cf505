package future

import (
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/testkit/testsize"
)

// These tests have a set of alarms to themselves, for other tests leave some in the
// one of the process.

type wakerFunc func()

func (f wakerFunc) Wake() { f() }

func nobody() {}

func (s *alarms) in(d time.Duration, fn func()) *alarm {
	a := new(alarm)
	a.set(d)
	s.add(a, clock(time.Now()), wakerFunc(fn))
	return a
}

func (s *alarms) state() (standing int, next int64, firing int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.heap), s.next, s.firing
}

func (s *alarms) assertIdle(t *testing.T) {
	t.Helper()
	assert.Eventually(t, func() bool {
		standing, next, firing := s.state()
		return standing == 0 && next == never && firing == 0
	}, time.Minute, time.Millisecond, "no alarm, no timer and no goroutine")
	if s.timer != nil {
		assert.False(t, s.timer.Stop(), "nothing is armed")
	}
}

func fired(t *testing.T, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("an alarm was lost")
	}
}

func TestAnAlarmIsSmall(t *testing.T) {
	assert.LessOrEqual(t, unsafe.Sizeof(after{}), uintptr(48))
	cx := NewContext(context.Background(), wakerFunc(nobody))
	var f Future[time.Time]
	cycle := func() {
		f = After(time.Hour)
		_, _, _ = f.Poll(cx)
		f.Drop()
	}
	cycle()
	assert.LessOrEqual(t, testing.AllocsPerRun(100, cycle), 1.0)
}

func TestWithoutAnAlarmNoTimerIsArmed(t *testing.T) {
	s := alarms{next: never}
	s.assertIdle(t)
	far, near := s.in(2*time.Hour, nobody), s.in(time.Hour, nobody)
	s.remove(near)
	_, next, _ := s.state()
	assert.Less(t, next, int64(never), "one is left")
	s.remove(near)
	s.remove(far)
	s.assertIdle(t)
	done := make(chan struct{})
	s.in(time.Millisecond, func() { close(done) })
	fired(t, done)
	s.assertIdle(t)
}

func TestAFarAlarmDoesNotDelayANearerOne(t *testing.T) {
	s := alarms{next: never}
	far := s.in(time.Hour, nobody)
	start := time.Now()
	for _, d := range []time.Duration{30, 20, 1, 10} {
		done := make(chan struct{})
		s.in(d*time.Millisecond, func() { close(done) })
		if d != 20 {
			fired(t, done)
		}
	}
	assert.Less(t, time.Since(start), time.Minute)
	s.remove(far)
}

func TestARemovedAlarmLeavesTheTimerRightForTheOthers(t *testing.T) {
	for d := 40 * time.Millisecond; ; d *= 2 { // the machine may be too slow to remove it in time
		s := alarms{next: never}
		done := make(chan struct{})
		var rang atomic.Bool
		start := time.Now()
		first := s.in(d, func() { rang.Store(true) })
		s.in(2*d, func() {
			assert.GreaterOrEqual(t, time.Since(start), 2*d)
			close(done)
		})
		s.remove(first)
		inTime := time.Since(start) < d
		fired(t, done)
		s.assertIdle(t)
		if inTime {
			require.False(t, rang.Load(), "it was removed")
			return
		}
	}
}

func TestAWakerThatExitsItsGoroutineLosesNoOtherAlarm(t *testing.T) {
	for _, each := range []int{1, 2, 7, batch, batch + 1} {
		s := alarms{next: never}
		const n = 3*batch + 5
		var left atomic.Int64
		left.Store(n + 1)
		done := make(chan struct{})
		ring := func() {
			if left.Add(-1) == 0 {
				close(done)
			}
		}
		for i := range n {
			s.in(5*time.Millisecond, func() {
				ring()
				if i%each == 0 {
					runtime.Goexit()
				}
			})
		}
		s.in(20*time.Millisecond, ring)
		fired(t, done)
		s.assertIdle(t)
	}
}

func TestAWakerThatBlocksHoldsUpItsBatchOnly(t *testing.T) {
	s := alarms{next: never}
	release, rest := make(chan struct{}), make(chan struct{})
	var left atomic.Int64
	left.Store(3 * batch)
	s.in(time.Millisecond, func() { <-release })
	for range 4*batch - 1 {
		s.in(2*time.Millisecond, func() {
			if left.Add(-1) == 0 {
				close(rest)
			}
		})
	}
	fired(t, rest)
	later := make(chan struct{})
	s.in(time.Millisecond, func() { close(later) })
	fired(t, later)
	close(release)
	s.assertIdle(t)
}

const panicEnv = "FUTURE_TEST_PANIC_IN_A_WAKER"

func TestAPanicInAWakerEndsTheProcess(t *testing.T) {
	if os.Getenv(panicEnv) != "" {
		cx := NewContext(context.Background(), wakerFunc(func() { panic("the waker's own") }))
		_, _, _ = After(time.Millisecond).Poll(cx)
		time.Sleep(time.Minute)
		return
	}
	exe, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), exe, "-test.run=^"+t.Name()+"$", "-test.count=1")
	cmd.Env = append(os.Environ(), panicEnv+"=1")
	out, err := cmd.CombinedOutput()
	assert.Error(t, err)
	assert.Contains(t, string(out), "panic: the waker's own")
	assert.Contains(t, string(out), "TestAPanicInAWakerEndsTheProcess.func", "with the stack of the waker")
}

// Several goroutines set and remove at random: what was not removed in time rings,
// once and not early.
func TestAlarmsAtRandomRingOnceAndNeverEarly(t *testing.T) {
	s := alarms{next: never}
	n := 20_000
	if !testsize.Long() {
		n = 2_000
	}
	var early, twice, lost, gone atomic.Int64
	var wg sync.WaitGroup
	for seed := range uint64(4) {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(seed, 1))
			type entry struct {
				a       *alarm
				rung    atomic.Int64
				removed bool
			}
			all := make([]entry, n)
			for i := range all {
				e := &all[i]
				e.a = new(alarm)
				e.a.set(time.Duration(r.Int64N(int64(30 * time.Millisecond))))
				at := e.a.at
				s.add(e.a, clock(time.Now()), wakerFunc(func() {
					if clock(time.Now()) < at {
						early.Add(1)
					}
					e.rung.Add(1)
				}))
				if victim := &all[r.IntN(i+1)]; r.IntN(2) == 0 {
					s.remove(victim.a)
					victim.removed = true
				}
			}
			time.Sleep(30 * time.Millisecond)
			for standing, _, firing := s.state(); standing+firing > 0; standing, _, firing = s.state() {
				time.Sleep(time.Millisecond)
			}
			for i := range all {
				switch e := &all[i]; {
				case e.rung.Load() > 1:
					twice.Add(1)
				case e.rung.Load() == 0 && !e.removed:
					lost.Add(1)
				case e.rung.Load() == 0:
					gone.Add(1)
				}
			}
		})
	}
	wg.Wait()
	assert.Zero(t, early.Load(), "early")
	assert.Zero(t, twice.Load(), "twice")
	assert.Zero(t, lost.Load(), "lost")
	assert.NotZero(t, gone.Load(), "the test removes some")
	s.assertIdle(t)
}
