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

func TestAwaitReturnsWhatIsReadyAtOnce(t *testing.T) {
	v, err := future.Await(context.Background(), future.Ready(7))
	assert.NoError(t, err)
	assert.Equal(t, 7, v)
	_, err = future.Await(context.Background(), future.Fail[int](errBoom))
	assert.ErrorIs(t, err, errBoom)
}

func TestAwaitParksUntilItIsWoken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		for _, ctx := range []context.Context{context.Background(), ctx} {
			p := new(probe)
			r := await(ctx, p)
			synctest.Wait() // durably blocked
			assertPending(t, r)
			assert.LessOrEqual(t, p.polled(), 2, "it does not spin") // 2: a wake for an earlier Await
			p.complete(7, nil)
			assert.Equal(t, future.Result[int]{Value: 7}, <-r)
			p.assertEnded(t)
		}
	})
}

func TestAnEndedContextStillGetsOneTry(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	v, err := future.Await(ctx, future.Ready(7))
	assert.NoError(t, err)
	assert.Equal(t, 7, v)

	p := new(probe)
	_, err = future.Await(ctx, p)
	assert.Equal(t, context.Canceled, err)
	assert.NotZero(t, p.polled())
	p.assertDropped(t)
}

func TestAContextThatEndsDropsTheFutureAndIsTheError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(context.Background())
		p := new(probe)
		r := await(ctx, p)
		synctest.Wait()
		cancel(errBoom)
		assert.Equal(t, future.Result[int]{Err: context.Canceled}, <-r)
		p.assertDropped(t)

		deadline, stop := context.WithTimeout(context.Background(), hour)
		defer stop()
		start := time.Now()
		p = new(probe)
		_, err := future.Await(deadline, p)
		assert.Equal(t, context.DeadlineExceeded, err)
		assert.Equal(t, hour, time.Since(start))
		p.assertDropped(t)
	})
}

func TestWhatHappenedBeforeTheEndCounts(t *testing.T) {
	t.Run("while it waited", func(t *testing.T) {
		for range 200 {
			ctx, cancel := context.WithCancel(context.Background())
			p, f := future.NewPromise[int]()
			r := await(ctx, f)
			completed := p.Resolve(7)
			cancel()
			require.True(t, completed)
			require.Equal(t, future.Result[int]{Value: 7}, <-r)
		}
	})
	t.Run("without a wake", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			ready := false
			r := await(ctx, future.PollFunc(func(*future.Context) (int, bool, error) { return 7, ready, nil }))
			synctest.Wait()
			ready = true
			cancel()
			assert.Equal(t, future.Result[int]{Value: 7}, <-r)
		})
	})
	// The end comes right after the first poll, before the wait.
	t.Run("while it was polled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		p, f := future.NewPromise[int]()
		first := true
		v, err := future.Await(ctx, future.PollFunc(func(cx *future.Context) (int, bool, error) {
			v, ready, err := f.Poll(cx)
			if first {
				first = false
				assert.True(t, p.Resolve(7))
				cancel()
			}
			return v, ready, err
		}))
		assert.NoError(t, err)
		assert.Equal(t, 7, v)
	})
}

func TestAFutureThatWakesItselfDoesNotHideTheEnd(t *testing.T) {
	for name, in := range map[string]func(context.Context) context.Context{
		"goroutine": func(ctx context.Context) context.Context { return ctx },
		"task":      newHost().under,
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			ctx = in(ctx)
			polls := 0
			_, err := future.Await(ctx, future.PollFunc(func(cx *future.Context) (int, bool, error) {
				polls++
				if polls == 3 {
					cancel()
				}
				cx.Waker().Wake()
				return 0, polls == 1000, nil
			}))
			assert.ErrorIs(t, err, context.Canceled)
			assert.Less(t, polls, 1000)
		})
	}
}

// strange is a context whose Done and Err contradict each other.
type strange struct {
	context.Context

	done chan struct{}
	err  error
}

func (s strange) Done() <-chan struct{} { return s.done }
func (s strange) Err() error            { return s.err }

func TestAContradictoryContextEndsTheWait(t *testing.T) {
	closed := make(chan struct{})
	close(closed)
	p := new(probe)
	_, err := future.Await(strange{context.Background(), closed, nil}, p)
	assert.Equal(t, context.Canceled, err)
	p.assertDropped(t)

	for _, done := range []chan struct{}{nil, make(chan struct{})} {
		p = new(probe)
		_, err = future.Await(strange{context.Background(), done, errBoom}, p)
		assert.Equal(t, errBoom, err)
		p.assertDropped(t)
	}
}

// uncomparable makes == of two such contexts panic.
type uncomparable struct {
	context.Context

	_ []int
}

func TestAContextNeedNotBeComparable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for i := range 50 {
			ctx := uncomparable{Context: context.WithValue(context.Background(), hostKey, i)}
			v, err := future.Await(ctx, future.PollFunc(func(cx *future.Context) (any, bool, error) {
				return cx.Value(hostKey), true, nil
			}))
			assert.NoError(t, err)
			assert.Equal(t, i, v, "the context of this Await")
			p := new(probe)
			r := await(ctx, p)
			synctest.Wait()
			p.complete(i, nil)
			assert.Equal(t, future.Result[int]{Value: i}, <-r)
		}
	})
}

func TestAPollHasTheContextOfItsAwait(t *testing.T) {
	type key struct{}
	var kept []*future.Context
	for i := range 10 {
		ctx := context.WithValue(context.Background(), key{}, i)
		_, err := future.Await(ctx, future.PollFunc(func(cx *future.Context) (int, bool, error) {
			kept = append(kept, cx)
			return 0, true, nil
		}))
		require.NoError(t, err)
	}
	for i, cx := range kept {
		assert.Equal(t, i, cx.Value(key{}), "it stays valid")
		cx.Waker().Wake() // too late, and harmless
	}
	r := await(context.Background(), future.Ready(7))
	assert.Equal(t, 7, (<-r).Value)
}

func TestAPanicInPollLeavesAwaitUsable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		for _, ctx := range []context.Context{context.Background(), ctx} {
			for at := 1; at <= 3; at++ {
				polls := 0
				assert.PanicsWithValue(t, errBoom, func() {
					_, _ = future.Await(ctx, future.PollFunc(func(cx *future.Context) (int, bool, error) {
						if polls++; polls == at {
							panic(errBoom)
						}
						go cx.Waker().Wake()
						return 0, false, nil
					}))
				})
				p := new(probe)
				r := await(ctx, p)
				synctest.Wait()
				assertPending(t, r)
				p.complete(7, nil)
				assert.Equal(t, future.Result[int]{Value: 7}, <-r)
			}
		}
	})
}
