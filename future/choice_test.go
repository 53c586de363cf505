package future_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
)

// Of k ready members each wins a k-th of the races. The bounds are more than six standard
// deviations wide, so a fair race fails less than once in a hundred million runs.
func TestReadyMembersShareARaceWhateverIsBesideThem(t *testing.T) {
	const rounds = 3000
	for _, k := range []int{2, 3, 5} {
		for _, idle := range []int{0, 1, 8, 98} {
			won := make([]int, k)
			for range rounds {
				var fs []future.Future[int]
				for range idle {
					fs = append(fs, future.Pending[int]())
				}
				for i := range k {
					fs = append(fs, future.Ready(i))
				}
				v, err := future.Await(t.Context(), future.Race(fs...))
				require.NoError(t, err)
				won[v.Value]++
			}
			for i, n := range won {
				assert.InDelta(t, rounds/k, n, rounds/10, "%d ready, %d idle: member %d", k, idle, i)
			}
		}
	}
}

// counted counts its polls.
type counted struct {
	future.Future[int]
	polls *int
}

func (c counted) Poll(cx *future.Context) (int, bool, error) {
	*c.polls++
	return c.Future.Poll(cx)
}

// In each round a future that is ready at its second poll. Nested in one another, the stages
// of a million rounds would overflow the stack, or be polled a million times each.
func TestALoopOfThenCostsTheSameInEachRound(t *testing.T) {
	const rounds = 1_000_000
	polls := 0
	once := func(v int) future.Future[int] {
		first := true
		return counted{future.PollFunc(func(cx *future.Context) (int, bool, error) {
			if first {
				first = false
				cx.Waker().Wake()
				return 0, false, nil
			}
			return v, true, nil
		}), &polls}
	}
	var loop func(ctx context.Context, n int) future.Future[int]
	loop = func(_ context.Context, n int) future.Future[int] {
		if n == rounds {
			return future.Ready(n)
		}
		return future.Then(once(n+1), loop)
	}
	v, err := future.Await(t.Context(), loop(t.Context(), 0))
	require.NoError(t, err)
	assert.Equal(t, rounds, v)
	assert.Equal(t, 2*rounds, polls)
}

// keeper keeps the waker of its poll, and is ready at the second one.
type keeper struct {
	waker future.Waker
	polls int
}

func (k *keeper) Poll(cx *future.Context) (int, bool, error) {
	k.waker = cx.Waker()
	if k.polls++; k.polls > 1 {
		return 1, true, nil
	}
	k.waker.Wake()
	return 0, false, nil
}
func (*keeper) Drop() {}

// The process would end with a fatal error: semaphore wake of synctest goroutine from outside
// bubble.
func TestALateWakeReachesNoAwaitInABubble(t *testing.T) {
	var old []*keeper
	for range 100 { // with luck all of them are the pooled awaiters that the bubble finds
		k := new(keeper)
		_, err := future.Await[int](context.Background(), k)
		require.NoError(t, err)
		old = append(old, k)
	}
	wake, woken := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(woken)
		<-wake
		for range 1000 {
			for _, k := range old {
				k.waker.Wake()
			}
		}
	}()
	synctest.Test(t, func(t *testing.T) {
		p, f := future.NewPromise[int]()
		go func() {
			synctest.Wait() // the Await below is parked
			close(wake)
			<-woken
			p.Resolve(7)
		}()
		v, err := future.Await(context.Background(), f)
		assert.NoError(t, err)
		assert.Equal(t, 7, v)
	})
}

// The other way round: what was awaited in a bubble is woken after it, from outside.
func TestALateWakeOfABubbleHarmsNoAwaitOutside(t *testing.T) {
	k := new(keeper)
	synctest.Test(t, func(t *testing.T) {
		_, err := future.Await[int](context.Background(), k)
		assert.NoError(t, err)
	})
	p, f := future.NewPromise[int]()
	go func() {
		for range 1000 {
			k.waker.Wake()
		}
		p.Resolve(7)
	}()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	v, err := future.Await(ctx, f)
	require.NoError(t, err)
	assert.Equal(t, 7, v)
}
