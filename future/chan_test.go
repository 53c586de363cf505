package future_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
)

func TestAChanHasWhatIsReadyAtOnce(t *testing.T) {
	ch := future.Chan(future.Ready(7))
	require.Len(t, ch, 1)
	assert.Equal(t, future.Result[int]{Value: 7}, <-ch)
	assert.Equal(t, future.Result[int]{Err: errBoom}, <-future.Chan(future.Fail[int](errBoom)))
}

func TestAChanGetsTheResultOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := new(probe)
		ch := future.Chan[int](p)
		synctest.Wait()
		assertPending(t, ch)
		assert.Equal(t, 1, p.polled())
		p.complete(7, nil)
		assert.Equal(t, future.Result[int]{Value: 7}, <-ch)
		p.nudge() // too late
		synctest.Wait()
		assertPending(t, ch)
		p.assertEnded(t)
		assert.Zero(t, p.drops)
	})
}

// A bubble does not end while a goroutine in it waits. So that it does end here, with
// every future still pending, shows that there is none.
func TestAPendingChanHasNoGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ps, fs := probes(1000)
		for _, f := range fs {
			assertPending(t, future.Chan(f))
		}
		for _, p := range ps {
			p.nudge()
		}
	})
}

func TestAWakeDuringAPollOfAChanPollsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var polls atomic.Int32
		ch := future.Chan(future.PollFunc(func(cx *future.Context) (int, bool, error) {
			n := polls.Add(1)
			cx.Waker().Wake()
			cx.Waker().Wake()
			return 7, n == 5, nil
		}))
		assert.Equal(t, future.Result[int]{Value: 7}, <-ch)
		synctest.Wait()
		assert.EqualValues(t, 5, polls.Load())
	})
}

func TestAChanIsPolledByOneAtATimeAndNeverByTheWaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var polls, inside atomic.Int32
		gate := make(chan struct{})
		wakers := make(chan future.Waker, 1)
		go func() {
			w := <-wakers
			synctest.Wait() // or all three may fall into the first poll and make one
			w.Wake()        // returns, though the poll it makes is held up
			w.Wake()
			w.Wake()
			close(gate)
		}()
		ch := future.Chan(future.PollFunc(func(cx *future.Context) (int, bool, error) {
			assert.EqualValues(t, 1, inside.Add(1))
			defer inside.Add(-1)
			switch polls.Add(1) {
			case 1:
				wakers <- cx.Waker()
				return 0, false, nil
			case 2:
				<-gate
			}
			return 7, polls.Load() == 3, nil
		}))
		assert.Equal(t, future.Result[int]{Value: 7}, <-ch)
	})
}

func TestAChanWithATimeoutEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		p := new(probe)
		assert.Equal(t, future.Result[int]{Err: future.ErrTimeout},
			<-future.Chan(future.Timeout(hour, future.Future[int](p))))
		assert.Equal(t, hour, time.Since(start))
		p.assertDropped(t)
	})
}
