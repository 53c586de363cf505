package future_test

import (
	"context"
	"math"
	"net"
	"reflect"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
)

func TestReadyBeatsExpired(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, d := range []time.Duration{0, -1, math.MinInt64, hour} {
			f := future.Timeout(d, future.Ready(7))
			time.Sleep(2 * hour)
			v, err := future.Await(context.Background(), f)
			assert.NoError(t, err)
			assert.Equal(t, 7, v)
		}
	})
}

func TestATimeOfZeroOrLessIsOneTry(t *testing.T) {
	for _, d := range []time.Duration{0, -1, math.MinInt64} {
		p := new(probe)
		_, err := future.Await(context.Background(), future.Timeout(d, future.Future[int](p)))
		assert.Equal(t, future.ErrTimeout, err)
		assert.Equal(t, 1, p.polled())
		p.assertDropped(t)

		_, err = future.Await(context.Background(), future.After(d))
		assert.NoError(t, err)
	}
}

func TestATimeoutIsCountedFromItsCallAndNeverEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		p := new(probe)
		f := future.Timeout(hour, future.Future[int](p))
		after := future.After(hour)
		time.Sleep(hour / 2)
		_, err := future.Await(context.Background(), f)
		assert.Equal(t, future.ErrTimeout, err)
		assert.Equal(t, hour, time.Since(start))
		p.assertDropped(t)

		now, err := future.Await(context.Background(), after)
		assert.NoError(t, err)
		assert.Equal(t, hour, now.Sub(start))
	})
}

func TestPollsInBetweenNeitherHastenNorDelayTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, make := range []func() subject{
			func() subject { return of(future.After(time.Second)) },
			func() subject { return of(future.Timeout(time.Second, future.Pending[int]())) },
		} {
			f := make()
			var woken *counter
			for range 999 {
				var cx *future.Context
				cx, woken = newCx()
				assertNotReady(t, f, cx)
				time.Sleep(time.Millisecond)
			}
			synctest.Wait()
			assert.Zero(t, woken.count())
			time.Sleep(time.Millisecond)
			synctest.Wait()
			assert.Equal(t, 1, woken.count())
			cx, _ := newCx()
			_, ready, _ := f.poll(cx)
			assert.True(t, ready)
		}
	})
}

func TestATimeThatOverflowsNeverExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const century = 100 * 365 * 24 * hour
		for _, d := range []time.Duration{math.MaxInt64, math.MaxInt64 - 1} {
			start := time.Now()
			v, err := future.Await(context.Background(), future.Timeout(d, future.After(century)))
			assert.NoError(t, err)
			assert.Equal(t, century, v.Sub(start))

			_, err = future.Await(context.Background(), future.Timeout(hour, future.After(d)))
			assert.Equal(t, future.ErrTimeout, err)
		}
	})
}

func TestADroppedTimeoutWakesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, make := range []func() subject{
			func() subject { return of(future.After(hour)) },
			func() subject { return of(future.Timeout(hour, future.Pending[int]())) },
		} {
			f := make()
			cx, woken := newCx()
			assertNotReady(t, f, cx)
			f.drop()
			time.Sleep(2 * hour)
			synctest.Wait()
			assert.Zero(t, woken.count())
		}
	})
}

func TestAContextThatEndsFirstDoesNotWaitForTheTimeout(t *testing.T) {
	start := time.Now()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := future.Await(ctx, future.Timeout(hour, future.Pending[int]()))
		assert.Equal(t, context.DeadlineExceeded, err)
		assert.Equal(t, time.Second, time.Since(start))
	})
	assert.Less(t, time.Since(start), time.Minute, "the bubble ends at once")
}

// A timer that runs keeps what it calls from being collected.
func TestATimerIsStoppedWithItsFuture(t *testing.T) {
	start := func(f subject) {
		cx, _ := newCx()
		assertNotReady(t, f, cx)
	}
	cases := []struct {
		name  string
		freed bool
		make  func() weak.Pointer[byte]
	}{
		{"After pending", false, func() weak.Pointer[byte] {
			f := future.After(hour)
			start(of(f))
			return weakly(f)
		}},
		{"After dropped", true, func() weak.Pointer[byte] {
			f := future.After(hour)
			start(of(f))
			f.Drop()
			return weakly(f)
		}},
		{"Timeout dropped", true, func() weak.Pointer[byte] {
			f := future.Timeout(hour, future.Pending[int]())
			start(of(f))
			f.Drop()
			return weakly(f)
		}},
		{"Timeout ready", true, func() weak.Pointer[byte] {
			p := new(probe)
			f := future.Timeout(hour, future.Future[int](p))
			start(of(f))
			p.complete(7, nil)
			cx, _ := newCx()
			_, ready, _ := f.Poll(cx)
			assert.True(t, ready)
			return weakly(f)
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := c.make()
			rounds := 3
			if c.freed {
				rounds = 1000 // the runtime forgets a stopped timer when it gets round to it
			}
			for i := 0; i < rounds && f.Value() != nil; i++ {
				<-time.After(10 * time.Microsecond)
				runtime.GC()
			}
			assert.Equal(t, c.freed, f.Value() == nil)
		})
	}
}

func weakly(f any) weak.Pointer[byte] {
	return weak.Make((*byte)(reflect.ValueOf(f).UnsafePointer()))
}

func TestAnErrorOfTheFuturePassesThroughATimeout(t *testing.T) {
	_, err := future.Await(context.Background(), future.Timeout(hour, future.Fail[int](errBoom)))
	assert.Equal(t, errBoom, err)
}

func TestErrTimeoutSaysSoToPackageNet(t *testing.T) {
	var err net.Error
	require.ErrorAs(t, future.ErrTimeout, &err)
	assert.True(t, err.Timeout())
}
