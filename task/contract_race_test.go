package task_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/task"
)

// watch checks what must hold of ctx at every moment, until stop.
func watch(t *testing.T, ctx context.Context, stop *atomic.Bool, asks bool) {
	var done <-chan struct{}
	var first, cause error
	for !stop.Load() {
		if asks && done == nil {
			done = ctx.Done()
		}
		closed := done != nil && isClosed(done)
		err := ctx.Err()
		if closed && !assert.Error(t, err, "Done is closed") {
			return
		}
		if first != nil && !assert.Equal(t, first, err, "Err has changed") {
			return
		}
		if err == nil {
			continue
		}
		why := context.Cause(ctx)
		if first == nil {
			first, cause = err, why
		}
		if !assert.True(t, isClosed(ctx.Done()), "Err is %v", err) || !assert.Equal(t, cause, why, "Cause has changed") {
			return
		}
		if done != nil && !assert.True(t, isClosed(done), "Err is %v", err) {
			return
		}
	}
}

// Contexts are watched while a Cancel, a Shutdown, a return, a deadline and a cancel above
// meet. When each of these calls has returned, what it ended has ended.
func TestTheContextContractHoldsWhileEndsMeet(t *testing.T) {
	for range testsize.Scaled(600) {
		rt, err := task.New(task.WithWorkers(2))
		require.NoError(t, err)
		above, cancel := context.WithCancel(rt.Context(context.Background()))
		late, stop := context.WithTimeout(above, time.Duration(rand.IntN(300))*time.Microsecond)
		base := []context.Context{above, late, &scopeOf{above}}[rand.IntN(3)]
		p, finish := future.NewPromise[int]()
		kept := make(chan context.Context, 3)
		h := task.Spawn(base, func(ctx context.Context) (int, error) {
			kept <- ctx
			task.Spawn(context.WithValue(ctx, testKey{}, 1), func(ctx context.Context) (int, error) {
				kept <- ctx
				return future.Await(ctx, future.Pending[int]())
			}).Drop()
			task.SpawnFuture(ctx, future.PollFunc(func(cx *future.Context) (int, bool, error) {
				select {
				case kept <- cx.Context:
				default:
				}
				return 0, false, nil
			})).Drop()
			return future.Await(context.WithoutCancel(ctx), finish)
		})
		select {
		case own := <-kept:
			meet(t, rt, h, own, kept, cancel, p)
		case <-h.Done(): // it ended before it ran
		}
		p.Resolve(1)
		stop()
		cancel()
		require.NoError(t, rt.Shutdown(within(t)))
		if t.Failed() {
			return
		}
	}
}

// scopeOf is a context that only has values of its own.
type scopeOf struct{ context.Context }

func meet(t *testing.T, rt *task.Runtime, h *task.JoinHandle[int], own context.Context, kept <-chan context.Context, cancel context.CancelFunc, p *future.Promise[int]) {
	derived, stop := context.WithCancel(context.WithValue(own, testKey{}, 2))
	defer stop()
	all := []context.Context{own, derived}
	if rand.IntN(2) == 0 {
		select {
		case kid := <-kept:
			all = append(all, kid)
		case <-time.After(time.Millisecond):
		}
	}
	var over atomic.Bool
	var watchers, enders sync.WaitGroup
	for _, ctx := range all {
		watchers.Go(func() { watch(t, ctx, &over, rand.IntN(2) == 0) })
	}
	ended := func(contexts ...context.Context) {
		for _, ctx := range contexts {
			assert.Error(t, ctx.Err())
			assert.True(t, isClosed(ctx.Done()))
		}
	}
	enders.Go(func() { h.Cancel(); ended(own, derived) })
	enders.Go(func() { h.Cancel(); ended(own, derived) })
	switch rand.IntN(3) {
	case 0:
		enders.Go(func() { cancel(); ended(all...) })
	case 1:
		enders.Go(func() {
			ctx, stop := context.WithCancel(context.Background())
			stop()
			_ = rt.Shutdown(ctx)
			ended(all...)
		})
	default:
		enders.Go(func() { p.Resolve(1); _, _ = h.Await(context.Background()); ended(own, derived) })
	}
	enders.Wait()
	over.Store(true)
	watchers.Wait()
}
