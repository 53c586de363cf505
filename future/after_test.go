package future_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
)

func TestManyAlarmsWithOneDeadlineMakeFewGoroutines(t *testing.T) {
	n, d := 1_000_000, 3*time.Second
	if !testsize.Long() || testsize.Race {
		n, d = 100_000, time.Second
	}
	// A machine may be too slow to set them all in time. It gets more.
	for ; !manyAlarms(t, n, d); d *= 4 {
		require.Less(t, d, 10*time.Minute)
	}
}

// manyAlarms reports whether n alarms were set before they were to ring, after d; if so
// it has checked how they did.
func manyAlarms(t *testing.T, n int, d time.Duration) bool {
	base := runtime.NumGoroutine()
	deadline := time.Now().Add(d)
	var left, most, early atomic.Int64
	left.Store(int64(n))
	done := make(chan struct{})
	cx := future.NewContext(context.Background(), wakerFunc(func() {
		if time.Now().Before(deadline) {
			early.Add(1)
		}
		k := left.Add(-1)
		if k%100 == 0 {
			if now := int64(runtime.NumGoroutine()); now > most.Load() {
				most.Store(now)
			}
		}
		if k == 0 {
			close(done)
		}
	}))
	all := make([]future.Future[time.Time], n)
	for i := range all {
		// Until falls while time passes, so the sum may be late and never early.
		all[i] = future.After(time.Until(deadline))
		if _, ready, _ := all[i].Poll(cx); ready {
			for _, f := range all[:i] {
				f.Drop()
			}
			return false
		}
	}
	within(t, d+time.Minute, func() { <-done })
	assert.Zero(t, early.Load())
	assert.LessOrEqual(t, int(most.Load()), base+100)
	for _, f := range all {
		_, ready, err := f.Poll(cx)
		require.True(t, ready)
		require.NoError(t, err)
	}
	return true
}

func TestAnAwaitOfAfterIsNeverEarly(t *testing.T) {
	var wg sync.WaitGroup
	for i := range 200 {
		d := time.Duration(i) * 137 * time.Microsecond
		wg.Go(func() {
			start := time.Now()
			now, err := future.Await(context.Background(), future.After(d))
			assert.NoError(t, err)
			assert.GreaterOrEqual(t, time.Since(start), d)
			assert.GreaterOrEqual(t, now.Sub(start), d)
		})
	}
	wg.Wait()
}

// A bubble has its own clock, and a timer of the process must not reach into it.
func TestBubblesAndTheRestOfTheProcessDoNotDisturbEachOther(t *testing.T) {
	stop := make(chan struct{})
	var outside sync.WaitGroup
	for range 2 {
		outside.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				start := time.Now()
				_, err := future.Await(context.Background(), future.After(100*time.Microsecond))
				assert.NoError(t, err)
				assert.GreaterOrEqual(t, time.Since(start), 100*time.Microsecond)
			}
		})
	}
	t.Run("bubbles", func(t *testing.T) {
		for i := range 2 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				for range 20 {
					synctest.Test(t, func(t *testing.T) {
						var wg sync.WaitGroup
						for i := range 50 {
							wg.Go(func() {
								d := time.Duration(i+1) * hour
								start := time.Now()
								_, err := future.Await(context.Background(), future.After(d))
								assert.NoError(t, err)
								assert.Equal(t, d, time.Since(start))
								f := future.Timeout(d, future.Pending[int]())
								cx, _ := newCx()
								assertNotReady(t, of(f), cx)
								f.Drop()
							})
						}
						wg.Wait()
					})
				}
			})
		}
	})
	close(stop)
	outside.Wait()
}

func TestAnAlarmMayLeaveItsBubble(t *testing.T) {
	for name, leave := range map[string]func(f future.Future[time.Time]){
		"dropped outside": func(f future.Future[time.Time]) { f.Drop() },
		"polled outside": func(f future.Future[time.Time]) {
			cx, _ := newCx()
			_, ready, _ := f.Poll(cx) // by the calendar it is long over
			assert.True(t, ready)
			f.Drop()
		},
		"dropped in another": func(f future.Future[time.Time]) {
			synctest.Test(t, func(*testing.T) { f.Drop() })
		},
	} {
		t.Run(name, func(t *testing.T) {
			fs, left := make(chan future.Future[time.Time]), make(chan struct{})
			go func() {
				defer close(left)
				leave(<-fs)
			}()
			woken := new(counter)
			synctest.Test(t, func(t *testing.T) {
				f := future.After(hour)
				cx, w := newCx()
				woken = w
				assertNotReady(t, of(f), cx)
				fs <- f
				<-left
				time.Sleep(2 * hour)
			})
			assert.Zero(t, woken.count())
		})
	}
}

func TestAnAlarmMayEnterABubble(t *testing.T) {
	dropped, polled := future.After(hour), future.After(hour)
	cx, woken := newCx()
	assertNotReady(t, of(dropped), cx)
	assertNotReady(t, of(polled), cx)
	synctest.Test(t, func(t *testing.T) {
		dropped.Drop()
		cx, _ := newCx()
		// The calendar of a bubble is behind, so this takes longer and not shorter.
		assertNotReady(t, of(polled), cx)
		time.Sleep(hour)
		assertNotReady(t, of(polled), cx)
		polled.Drop()
	})
	assert.Zero(t, woken.count())
}

func TestATimeThatOverflowsLetsTheClockOfABubbleRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := future.After(1<<63 - 1)
		cx, woken := newCx()
		assertNotReady(t, of(f), cx)
		time.Sleep(1<<63 - 1) // to its end
		synctest.Wait()
		assertNotReady(t, of(f), cx)
		assert.Zero(t, woken.count())
		f.Drop()
	})
}
