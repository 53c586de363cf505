package task_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/task"
)

func TestATaskReturnsWhatItsFunctionDoes(t *testing.T) {
	ctx := start(t)
	h := task.Spawn(ctx, func(context.Context) (int, error) { return 7, nil })
	for range 2 {
		v, err := h.Await(within(t))
		require.NoError(t, err)
		require.Equal(t, 7, v)
	}
	boom := errors.New("boom")
	_, err := task.Go(ctx, func(context.Context) error { return boom }).Await(within(t))
	require.ErrorIs(t, err, boom)
	v, err := task.SpawnFuture(ctx, future.Ready(8)).Await(within(t))
	require.NoError(t, err)
	require.Equal(t, 8, v)
}

func TestOneWorkerRunsAThousandTasksThatWaitForTheLast(t *testing.T) {
	ctx := start(t, task.WithWorkers(1), task.WithStallRelief(0))
	const n = 1000
	promises := make([]*future.Promise[int], n)
	handles := make([]*task.JoinHandle[int], n)
	for i := range n {
		p, f := future.NewPromise[int]()
		promises[i] = p
		handles[i] = task.Spawn(ctx, func(ctx context.Context) (int, error) { return future.Await(ctx, f) })
	}
	last := task.Go(ctx, func(context.Context) error {
		for i, p := range promises {
			p.Resolve(i)
		}
		return nil
	})
	for i, h := range handles {
		v, err := h.Await(within(t))
		require.NoError(t, err)
		require.Equal(t, i, v)
	}
	_, err := last.Await(within(t))
	require.NoError(t, err)
}

func TestNestedBlockOnAndSpawnFinishOnOneWorker(t *testing.T) {
	ctx := start(t, task.WithWorkers(1), task.WithStallRelief(0))
	var deep func(ctx context.Context, n int) (int, error)
	deep = func(ctx context.Context, n int) (int, error) {
		if n == 0 {
			return 0, nil
		}
		v, err := task.BlockOn(ctx, func(ctx context.Context) (int, error) {
			return task.Spawn(ctx, func(ctx context.Context) (int, error) { return deep(ctx, n-1) }).Await(ctx)
		})
		return v + 1, err
	}
	v, err := task.BlockOn(ctx, func(ctx context.Context) (int, error) { return deep(ctx, 50) })
	require.NoError(t, err)
	require.Equal(t, 50, v)
	require.PanicsWithValue(t, "boom", func() {
		_, _ = task.BlockOn(ctx, func(context.Context) (int, error) { panic("boom") })
	})
}

func TestPanicsAndGoexitsEndInTheResult(t *testing.T) {
	ctx := start(t)
	n := 20_000
	if !testsize.Long() {
		n = 2000
	}
	for i := range n {
		var err error
		switch i % 4 {
		case 0:
			_, err = task.Go(ctx, func(context.Context) error { panic(i) }).Await(within(t))
		case 1:
			_, err = task.Go(ctx, func(context.Context) error { runtime.Goexit(); return nil }).Await(within(t))
		case 2, 3:
			exit := i%4 == 3
			_, err = task.SpawnFuture(ctx, future.PollFunc(func(*future.Context) (int, bool, error) {
				if exit {
					runtime.Goexit()
				}
				panic(i)
			})).Await(within(t))
		}
		if i%2 == 1 {
			require.ErrorIs(t, err, task.ErrGoexit)
			continue
		}
		var p *task.PanicError
		require.ErrorAs(t, err, &p)
		require.Equal(t, i, p.Value)
		require.NotEmpty(t, p.Stack)
	}
}

func TestCancelSaysHowFarTheTaskHadCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := start(t, task.WithWorkers(1), task.WithStallRelief(0))
		gate, opened := future.NewPromise[int]()
		busy := make(chan int)
		hog := task.Go(ctx, func(context.Context) error { <-busy; return nil })
		synctest.Wait()

		before := task.Go(ctx, func(context.Context) error { panic("started") })
		ready := task.SpawnFuture(ctx, future.Ready(1))
		before.Cancel()
		ready.Cancel()
		close(busy)
		_, err := before.Await(ctx)
		require.ErrorIs(t, err, task.ErrCancelled)
		require.ErrorIs(t, err, context.Canceled)
		_, err = ready.Await(ctx)
		require.ErrorIs(t, err, task.ErrCancelled)
		_, err = hog.Await(ctx)
		require.NoError(t, err)

		awaiting := task.Spawn(ctx, func(ctx context.Context) (int, error) { return future.Await(ctx, opened) })
		synctest.Wait()
		awaiting.Cancel()
		_, err = awaiting.Await(ctx)
		require.Equal(t, context.Canceled, err, "what it returned stands")
		require.False(t, gate.Resolve(1), "its future was dropped")

		gate, opened = future.NewPromise[int]()
		pending := task.SpawnFuture(ctx, opened)
		synctest.Wait()
		pending.Cancel()
		_, err = pending.Await(ctx)
		require.ErrorIs(t, err, task.ErrCancelled)
		require.False(t, gate.Resolve(1), "its future was dropped")

		done := task.Spawn(ctx, func(context.Context) (int, error) { return 3, nil })
		_, err = done.Await(ctx)
		require.NoError(t, err)
		done.Cancel()
		v, err := done.Await(ctx)
		require.NoError(t, err)
		require.Equal(t, 3, v)
	})
}

func TestTheEndOfAForeignContextReachesEveryTaskBelow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(start(t))
		defer cancel()
		var handles []*task.JoinHandle[int]
		for range 10 {
			handles = append(handles, task.SpawnFuture(ctx, future.Pending[int]()),
				task.Spawn(ctx, func(ctx context.Context) (int, error) {
					child := task.SpawnFuture(ctx, future.Pending[int]())
					own, stop := context.WithTimeout(ctx, time.Hour)
					defer stop()
					_, err := child.Await(own)
					return 0, err
				}),
				task.Spawn(ctx, func(ctx context.Context) (int, error) {
					<-ctx.Done()
					return 0, ctx.Err()
				}))
		}
		synctest.Wait()
		cancel()
		for _, h := range handles {
			_, err := h.Await(context.Background())
			require.ErrorIs(t, err, context.Canceled)
		}

		late, stop := context.WithTimeout(start(t), time.Second)
		defer stop()
		_, err := task.SpawnFuture(late, future.Pending[int]()).Await(context.Background())
		require.Equal(t, context.DeadlineExceeded, err)
	})
}

// registered counts what is registered with a context.
type registered struct {
	context.Context
	done chan struct{}
	mu   sync.Mutex
	n    int
}

func (r *registered) Done() <-chan struct{} { return r.done }
func (r *registered) AfterFunc(func()) func() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.n++
	return func() bool { r.mu.Lock(); defer r.mu.Unlock(); r.n--; return true }
}

func TestShortTasksLeaveNothingInALongLivedContext(t *testing.T) {
	base := &registered{Context: start(t), done: make(chan struct{})}
	n := testsize.Scaled(50_000)
	handles := make([]*task.JoinHandle[struct{}], 0, 100)
	for i := range n {
		handles = append(handles, task.Go(base, func(ctx context.Context) error {
			switch i % 3 {
			case 0:
				_ = ctx.Done()
				derived, stop := context.WithCancel(ctx)
				defer stop()
				return task.YieldNow(derived)
			case 1:
				_, err := task.SpawnFuture(ctx, future.After(1)).Await(ctx)
				return err
			}
			return nil
		}))
		if len(handles) == cap(handles) {
			for _, h := range handles {
				_, err := h.Await(within(t))
				require.NoError(t, err)
			}
			handles = handles[:0]
		}
	}
	base.mu.Lock()
	defer base.mu.Unlock()
	require.Zero(t, base.n)
}

func TestATaskThatFinishesDoesNotCancelItsChildren(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base, cancel := context.WithCancel(start(t))
		defer cancel()
		children := make(chan *task.JoinHandle[struct{}], 2)
		_, err := task.Go(base, func(ctx context.Context) error {
			children <- task.Go(ctx, func(ctx context.Context) error { return task.Sleep(ctx, time.Second) })
			derived, stop := context.WithCancel(ctx)
			t.Cleanup(stop)
			children <- task.Go(derived, func(ctx context.Context) error { return task.Sleep(ctx, time.Hour) })
			return nil
		}).Await(base)
		require.NoError(t, err)
		_, err = (<-children).Await(base)
		require.NoError(t, err)
		cancel() // and what is above still reaches them
		_, err = (<-children).Await(context.Background())
		require.ErrorIs(t, err, context.Canceled)
	})
}

func TestAStuckWorkerIsRelieved(t *testing.T) {
	rt, err := task.New(task.WithWorkers(1))
	require.NoError(t, err)
	ctx := rt.Context(context.Background())
	var mu sync.Mutex
	mu.Lock()
	stuck := task.Go(ctx, func(context.Context) error { mu.Lock(); defer mu.Unlock(); return nil })
	rescue := task.Go(ctx, func(context.Context) error { mu.Unlock(); return nil })
	_, err = stuck.Await(within(t))
	require.NoError(t, err)
	_, err = rescue.Await(within(t))
	require.NoError(t, err)
	require.GreaterOrEqual(t, rt.Stats().Relieved, uint64(1), "by nothing else")
	require.NoError(t, rt.Shutdown(within(t)))
}

// How soon is measured with a clock that does not stop when the machine does.
func TestAStuckWorkerIsRelievedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := start(t, task.WithWorkers(1))
		gate := make(chan struct{})
		stuck := task.Go(ctx, func(context.Context) error { <-gate; return nil })
		rescue := task.Go(ctx, func(context.Context) error { close(gate); return nil })
		begin := time.Now()
		ends(t, stuck.Done())
		ends(t, rescue.Done())
		require.GreaterOrEqual(t, time.Since(begin), 20*time.Millisecond)
		require.Less(t, time.Since(begin), 40*time.Millisecond)
	})
}

func TestAnAwaitUnderTheContextOfAnotherGoroutinesTaskLosesNoTurn(t *testing.T) {
	ctx := start(t, task.WithWorkers(1), task.WithStallRelief(0))
	for range 200 {
		p, f := future.NewPromise[int]()
		q, g := future.NewPromise[int]()
		foreign := make(chan error, 1)
		h := task.Go(ctx, func(ctx context.Context) error {
			go func() {
				_, err := future.Await(ctx, f)
				foreign <- err
			}()
			_, err := future.Await(ctx, g)
			return err
		})
		go q.Resolve(1)
		_, err := h.Await(within(t))
		assert.NoError(t, err)
		p.Resolve(1)
		// The context may have ended with the task.
		if err := <-foreign; err != nil {
			assert.ErrorIs(t, err, context.Canceled)
		}
	}
	_, err := task.Go(ctx, func(context.Context) error { return nil }).Await(within(t))
	require.NoError(t, err)
}

func TestShutdownFromInsideTwiceAndWhileTasksSpawn(t *testing.T) {
	rt, err := task.New()
	require.NoError(t, err)
	ctx := rt.Context(context.Background())
	spawn := func(ctx context.Context) error {
		for ctx.Err() == nil {
			if _, err := task.Go(ctx, func(ctx context.Context) error { return task.YieldNow(ctx) }).Await(ctx); err != nil {
				return err
			}
		}
		return ctx.Err()
	}
	var handles []*task.JoinHandle[struct{}]
	for range 8 {
		handles = append(handles, task.Go(ctx, spawn))
	}
	inside := task.Go(ctx, func(ctx context.Context) error { return rt.Shutdown(ctx) })
	_, err = inside.Await(within(t))
	require.ErrorContains(t, err, "still running")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { assert.NoError(t, rt.Shutdown(within(t))) })
	}
	wg.Wait()
	for _, h := range handles {
		_, err := h.Await(within(t))
		require.ErrorIs(t, err, context.Canceled)
	}
	_, err = task.Go(ctx, func(context.Context) error { return nil }).Await(within(t))
	require.ErrorIs(t, err, task.ErrShutdown)
}

func TestASeedDecidesTheOrder(t *testing.T) {
	run := func(seed uint64) (order []int) {
		synctest.Test(t, func(t *testing.T) {
			ctx := start(t, task.WithSeed(seed))
			_, err := task.BlockOn(ctx, func(ctx context.Context) (int, error) {
				var handles []*task.JoinHandle[struct{}]
				for i := range 5 {
					handles = append(handles, task.Go(ctx, func(ctx context.Context) error {
						for range 3 {
							order = append(order, i)
							if err := task.YieldNow(ctx); err != nil {
								return err
							}
						}
						return nil
					}))
				}
				for _, h := range handles {
					if _, err := h.Await(ctx); err != nil {
						return 0, err
					}
				}
				return 0, nil
			})
			require.NoError(t, err)
		})
		return order
	}
	different := false
	for seed := range uint64(10) {
		require.Equal(t, run(seed), run(seed))
		different = different || !assert.ObjectsAreEqual(run(seed), run(seed+1))
	}
	require.True(t, different)
}
