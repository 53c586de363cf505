package async_test

import (
	"context"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/task"
)

// scope is a kind of place in which a wait happens.
type scope struct {
	name string
	run  func(t *testing.T, fn func(ctx context.Context))
}

var scopes = []scope{
	{"goroutine", func(t *testing.T, fn func(context.Context)) { fn(context.Background()) }},
	{"goroutine whose context can end", func(t *testing.T, fn func(context.Context)) { fn(t.Context()) }},
	{"task", func(t *testing.T, fn func(context.Context)) {
		rt, err := task.New(task.WithWorkers(2))
		require.NoError(t, err)
		_, err = task.BlockOn(rt.Context(context.Background()), func(ctx context.Context) (struct{}, error) {
			fn(ctx)
			return struct{}{}, nil
		})
		require.NoError(t, err)
		require.NoError(t, rt.Shutdown(context.Background()))
	}},
}

func TestASendAndAReceiveThatNeedNotWaitAllocateNothing(t *testing.T) {
	if testsize.Race {
		t.Skip("the race detector's own allocations are counted")
	}
	for _, s := range scopes {
		t.Run(s.name, func(t *testing.T) {
			for _, capacity := range []int{unbounded, 1, 128} {
				tx, rx := open[int](capacity)
				s.run(t, func(ctx context.Context) {
					step := func() {
						_ = tx.Send(1).Await(ctx)
						_, _ = rx.Recv().Await(ctx)
						_ = tx.SendBlocking(1)
						_, _ = rx.RecvBlocking()
						_ = tx.TrySend(1)
						_, _ = rx.TryRecv()
						_ = rx.Ready()
					}
					for range 1000 {
						step()
					}
					assert.Zero(t, testing.AllocsPerRun(1000, step), "capacity %d", capacity)
				})
			}
		})
	}
}

func TestWaitsAllocateNothingInTheLongRun(t *testing.T) {
	if testsize.Race {
		t.Skip("the race detector's own allocations are counted")
	}
	const rounds = 20_000
	for _, s := range scopes {
		t.Run(s.name, func(t *testing.T) {
			for _, capacity := range []int{unbounded, 0, 1} {
				ping, prx := open[int](capacity)
				pong, qrx := open[int](capacity)
				s.run(t, func(ctx context.Context) {
					done := make(chan struct{})
					echo := func(ctx context.Context) error {
						defer close(done)
						for v := range prx.All(ctx) {
							_ = pong.Send(v).Await(ctx)
						}
						return nil
					}
					if s.name == "task" {
						task.Go(ctx, echo).Drop()
					} else {
						go func() { _ = echo(ctx) }()
					}
					round := func() {
						_ = ping.Send(1).Await(ctx)
						_, _ = qrx.Recv().Await(ctx)
					}
					for range 1000 {
						round()
					}
					var before, after runtime.MemStats
					runtime.ReadMemStats(&before)
					for range rounds {
						round()
					}
					runtime.ReadMemStats(&after)
					most := 0.02
					if s.name == "task" {
						most = 0.1 // the runtime starts a worker now and then, which it pays for
					}
					assert.Less(t, float64(after.Mallocs-before.Mallocs)/rounds, most, "capacity %d", capacity)
					ping.Drop()
				})
			}
		})
	}
}

// A future that is polled by others is an allocation, and its wait is none.
func TestAPolledReceiveIsOneAllocation(t *testing.T) {
	if testsize.Race {
		t.Skip("the race detector's own allocations are counted")
	}
	tx, rx := async.Unbounded[int]()
	cx, _ := newCx()
	var mu sync.Mutex
	step := func() {
		mu.Lock() // keeps step from being inlined
		defer mu.Unlock()
		f := rx.Recv()
		keep = f
		_, _, _ = f.Poll(cx)
		_ = tx.TrySend(1)
		_, _, _ = f.Poll(cx)
	}
	for range 1000 {
		step()
	}
	assert.LessOrEqual(t, testing.AllocsPerRun(1000, step), 1.0)
}

var keep any
