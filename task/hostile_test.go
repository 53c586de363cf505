package task_test

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/task"
)

// Programs that use what they were given in ways that the first version did not
// expect.

// ends waits for the end of a task, for so long that only a hang is longer.
func ends(t *testing.T, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(time.Minute):
		require.FailNow(t, "it does not end")
	}
}

// works checks that as many tasks can still run at once as there are workers.
func works(t *testing.T, ctx context.Context, workers int) {
	t.Helper()
	var all sync.WaitGroup
	all.Add(workers)
	for range workers {
		h := task.Go(ctx, func(context.Context) error {
			all.Done()
			all.Wait() // holds its worker until each has one
			return nil
		})
		defer func() { ends(t, h.Done()) }()
	}
}

func TestAYieldThatMeetsACancelGoesOn(t *testing.T) {
	ctx := start(t, task.WithWorkers(2))
	rounds := testsize.Scaled(5000)
	if runtime.GOMAXPROCS(0) == 1 {
		rounds /= 10 // they meet only if the task is interrupted there, and it is once in 10 ms
	}
	for range rounds {
		on := make(chan struct{})
		h := task.Go(ctx, func(ctx context.Context) error {
			close(on)
			for task.YieldNow(ctx) == nil {
			}
			return nil
		})
		<-on
		h.Cancel()
		ends(t, h.Done())
	}
}

func TestBlockOnNeitherLosesNorMakesAPlaceToRun(t *testing.T) {
	sleep := func(ctx context.Context) (int, error) { return 0, task.Sleep(ctx, time.Millisecond) }
	for name, program := range map[string]func(ctx context.Context) <-chan struct{}{
		"in blocking work": func(ctx context.Context) <-chan struct{} {
			return task.SpawnBlocking(ctx, func(ctx context.Context) (int, error) { return task.BlockOn(ctx, sleep) }).Done()
		},
		"in a poll": func(ctx context.Context) <-chan struct{} {
			return task.SpawnFuture(ctx, future.PollFunc(func(cx *future.Context) (int, bool, error) {
				v, err := task.BlockOn(cx, func(context.Context) (int, error) { return 1, nil })
				return v, true, err
			})).Done()
		},
		"in a task": func(ctx context.Context) <-chan struct{} {
			return task.Spawn(ctx, func(ctx context.Context) (int, error) { return task.BlockOn(ctx, sleep) }).Done()
		},
		"on another goroutine of a task that waits": func(ctx context.Context) <-chan struct{} {
			return task.Go(ctx, func(ctx context.Context) error {
				p, f := future.NewPromise[int]()
				inside := make(chan struct{})
				go func() {
					_, _ = task.BlockOn(ctx, func(context.Context) (int, error) {
						close(inside)
						time.Sleep(2 * time.Millisecond) // until the task waits
						return 0, nil
					})
					p.Resolve(1)
				}()
				<-inside
				_, err := future.Await(ctx, f)
				return err
			}).Done()
		},
	} {
		for workers := 1; workers <= 2; workers++ {
			t.Run(name, func(t *testing.T) {
				ctx := start(t, task.WithWorkers(workers), task.WithStallRelief(0))
				for range 5 {
					ends(t, program(ctx))
				}
				works(t, ctx, workers)
			})
		}
	}
}

func TestBlockOnThatGivesUpWaitingLeavesItsPlace(t *testing.T) {
	ctx := start(t, task.WithWorkers(1), task.WithStallRelief(0))
	in, release := make(chan struct{}), make(chan struct{})
	busy := task.Go(ctx, func(context.Context) error { close(in); <-release; return nil })
	<-in
	short, cancel := context.WithCancel(ctx)
	result := make(chan error)
	go func() {
		_, err := task.BlockOn(short, func(context.Context) (int, error) { return 1, nil })
		result <- err
	}()
	cancel()
	err := <-result
	close(release)
	ends(t, busy.Done())
	if err != nil { // it may also have found the end before it was queued
		require.ErrorIs(t, err, context.Canceled)
	}
	works(t, ctx, 1)
}

// The source of a context's end stays while a task is under it that has not gone yet.
func TestAWaitUnderAnEndedContextReturnsItsError(t *testing.T) {
	for name, late := range map[string]func(base context.Context, polling chan<- struct{}, first <-chan struct{}) <-chan struct{}{
		"function": func(base context.Context, polling chan<- struct{}, first <-chan struct{}) <-chan struct{} {
			return task.Go(base, func(ctx context.Context) error { close(polling); <-first; <-ctx.Done(); return nil }).Done()
		},
		"polled": func(base context.Context, polling chan<- struct{}, first <-chan struct{}) <-chan struct{} {
			return task.SpawnFuture(base, future.PollFunc(func(*future.Context) (int, bool, error) {
				close(polling)
				<-first
				return 0, false, nil
			})).Done()
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := start(t, task.WithWorkers(4))
			base, cancel := context.WithCancel(ctx)
			defer cancel()
			began, heard, release := make(chan struct{}), make(chan struct{}), make(chan struct{})
			first, polling := make(chan struct{}), make(chan struct{})
			a := task.Go(base, func(ctx context.Context) error { close(began); <-ctx.Done(); close(heard); <-release; return nil })
			b := late(base, polling, first)
			<-began // or it would never run
			<-polling
			cancel()
			<-heard
			close(first)
			ends(t, b)
			close(release)
			ends(t, a.Done())
		})
	}
}

type testKey struct{}

func TestATaskIsNotCancelledByTheEndOfTheOneThatSpawnedIt(t *testing.T) {
	rt, err := task.New(task.WithWorkers(2))
	require.NoError(t, err)
	defer func() { assert.NoError(t, rt.Shutdown(within(t))) }()
	for name, derive := range map[string]func(context.Context) context.Context{
		"its context": func(ctx context.Context) context.Context { return ctx },
		"a value":     func(ctx context.Context) context.Context { return context.WithValue(ctx, testKey{}, 1) },
		"two values": func(ctx context.Context) context.Context {
			return context.WithValue(context.WithValue(ctx, testKey{}, 1), testKey{}, 2)
		},
		"a context of the runtime":     rt.Context,
		"a context without its cancel": context.WithoutCancel,
	} {
		t.Run(name, func(t *testing.T) {
			release := make(chan struct{})
			var child *task.JoinHandle[error]
			parent := task.Go(rt.Context(context.Background()), func(ctx context.Context) error {
				child = task.Spawn(derive(ctx), func(ctx context.Context) (error, error) {
					<-release
					return ctx.Err(), task.Sleep(ctx, time.Millisecond)
				})
				return nil
			})
			ends(t, parent.Done())
			close(release)
			v, err := child.Await(within(t))
			require.NoError(t, err)
			require.NoError(t, v)
		})
	}
}

func TestTheContextOfATaskEndsWhenTheTaskReturns(t *testing.T) {
	for _, asked := range []bool{false, true} {
		ctx := start(t)
		var kept context.Context
		var listening []<-chan struct{}
		h := task.Go(ctx, func(ctx context.Context) error {
			if kept = ctx; asked {
				derived, cancel := context.WithCancel(ctx)
				context.AfterFunc(derived, cancel) // never before
				listening = append(listening, ctx.Done(), derived.Done())
			}
			return ctx.Err()
		})
		_, err := h.Await(within(t))
		require.NoError(t, err)
		for _, done := range listening {
			ends(t, done)
		}
		ends(t, kept.Done())
		require.ErrorIs(t, kept.Err(), context.Canceled)
		derived, cancel := context.WithCancel(kept)
		ends(t, derived.Done())
		cancel()
		_, err = task.Go(kept, func(context.Context) error { return nil }).Await(within(t))
		require.ErrorIs(t, err, task.ErrCancelled, "nothing starts under an ended context")
	}
}

func TestASpawnThatMeetsAShutdownComesBeforeOrAfter(t *testing.T) {
	for name, spawn := range map[string]func(ctx context.Context) <-chan struct{}{
		"SpawnFuture": func(ctx context.Context) <-chan struct{} { return task.SpawnFuture(ctx, future.Ready(1)).Done() },
		"Go": func(ctx context.Context) <-chan struct{} {
			return task.Go(ctx, func(context.Context) error { return nil }).Done()
		},
		"SpawnBlocking": func(ctx context.Context) <-chan struct{} {
			return task.SpawnBlocking(ctx, func(context.Context) (int, error) { return 1, nil }).Done()
		},
		"BlockOn": func(ctx context.Context) <-chan struct{} {
			_, _ = task.BlockOn(ctx, func(ctx context.Context) (int, error) { return 0, task.YieldNow(ctx) })
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			for i := range testsize.Scaled(1000) {
				rt, err := task.New(task.WithWorkers(2))
				require.NoError(t, err)
				ctx := rt.Context(context.Background())
				var all sync.WaitGroup
				for range 4 {
					all.Go(func() {
						for range 10 {
							if done := spawn(ctx); done != nil {
								<-done
							}
						}
					})
				}
				for range i % 50 {
					runtime.Gosched()
				}
				require.NoError(t, rt.Shutdown(within(t)))
				all.Wait()
				s := rt.Stats()
				require.Equal(t, s.Spawned, s.Completed+s.Cancelled)
				require.Zero(t, s.Running)
			}
		})
	}
}

func TestACancelDuringASpawnDoesNotQueueATaskTwice(t *testing.T) {
	rt, err := task.New(task.WithWorkers(4))
	require.NoError(t, err)
	ctx := rt.Context(context.Background())
	for range testsize.Scaled(2000) {
		on := make(chan struct{})
		p := task.Go(ctx, func(ctx context.Context) error {
			close(on)
			for range 40 {
				task.SpawnFuture(ctx, future.Ready(1))
			}
			return nil
		})
		<-on
		p.Cancel()
		<-p.Done()
	}
	require.NoError(t, rt.Shutdown(within(t)))
	s := rt.Stats()
	require.Equal(t, s.Spawned, s.Completed+s.Cancelled)
	require.Zero(t, s.Ready)
}

func TestQueuedBlockingWorkOfACancelledTaskEnds(t *testing.T) {
	ctx := start(t, task.WithBlockingLimit(1))
	release := make(chan struct{})
	in := make(chan struct{})
	first := task.SpawnBlocking(ctx, func(context.Context) (int, error) { close(in); <-release; return 0, nil })
	<-in
	var second *task.JoinHandle[int]
	begun := make(chan struct{})
	parent := task.Go(ctx, func(ctx context.Context) error {
		close(begun)
		<-ctx.Done()
		second = task.SpawnBlocking(ctx, func(context.Context) (int, error) { return 0, nil })
		return nil
	})
	<-begun
	parent.Cancel()
	ends(t, parent.Done())
	ends(t, second.Done())
	close(release)
	ends(t, first.Done())
}

// badWaker does something when it is called.
type badWaker func()

func (w badWaker) Wake() { w() }

func TestWhatAPanicHandlerOrAWakerDoesTakesNoWorker(t *testing.T) {
	for name, bad := range map[string]func(){
		"panics": func() { panic("bad") },
		"exits":  runtime.Goexit,
	} {
		t.Run(name, func(t *testing.T) {
			ctx := start(t, task.WithWorkers(1), task.WithStallRelief(0), quiet(),
				task.WithPanicHandler(func(*task.PanicError) { bad() }))
			in, release := make(chan struct{}), make(chan struct{})
			h := task.Go(ctx, func(context.Context) error { close(in); <-release; panic(1) })
			<-in
			h.Drop()
			close(release)
			works(t, ctx, 1)

			release = make(chan struct{})
			h = task.Go(ctx, func(context.Context) error { <-release; return nil })
			good := make(chan struct{})
			f, g := h.Future(), h.Future()
			defer f.Drop()
			defer g.Drop()
			// The later one is called first, or not: both orders.
			_, ready, _ := f.Poll(future.NewContext(ctx, badWaker(bad)))
			require.False(t, ready)
			_, ready, _ = g.Poll(future.NewContext(ctx, badWaker(func() { close(good) })))
			require.False(t, ready)
			k := h.Future()
			defer k.Drop()
			_, ready, _ = k.Poll(future.NewContext(ctx, badWaker(bad)))
			require.False(t, ready)
			close(release)
			ends(t, h.Done())
			ends(t, good)
			works(t, ctx, 1)
		})
	}
}
