package task_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

// What happens at the edges of a task's life: after its return, after a Shutdown, at a
// deadline.

func TestAnAwaitUnderATasksContextEndsWhenTheTaskReturns(t *testing.T) {
	for name, derive := range map[string]func(context.Context) context.Context{
		"its context": func(ctx context.Context) context.Context { return ctx },
		"a value":     func(ctx context.Context) context.Context { return context.WithValue(ctx, testKey{}, 1) },
		"a derived context": func(ctx context.Context) context.Context {
			own, cancel := context.WithCancel(ctx)
			context.AfterFunc(own, cancel) // never before
			return own
		},
	} {
		for _, early := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s,waits before=%v", name, early), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ctx := start(t, task.WithWorkers(1))
					result := make(chan error)
					h := task.Go(ctx, func(ctx context.Context) error {
						ctx = derive(ctx)
						go func() {
							if !early {
								time.Sleep(time.Second)
							}
							_, err := future.Await(ctx, future.Pending[int]())
							result <- err
						}()
						if early {
							time.Sleep(time.Second)
						}
						return nil
					})
					ends(t, h.Done())
					require.ErrorIs(t, <-result, context.Canceled)
				})
			})
		}
	}
}

// Its wait goes on: its context does not end with the task.
func TestAGoroutineMayAwaitUnderATasksContextWithoutItsCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt, err := task.New(task.WithWorkers(1))
		require.NoError(t, err)
		p, f := future.NewPromise[int]()
		result := make(chan int)
		h := task.Go(rt.Context(context.Background()), func(ctx context.Context) error {
			go func() {
				v, err := future.Await(context.WithoutCancel(ctx), f)
				assert.NoError(t, err)
				result <- v
			}()
			time.Sleep(time.Second)
			return nil
		})
		ends(t, h.Done())
		require.NoError(t, rt.Shutdown(context.Background()))
		synctest.Wait()
		p.Resolve(7)
		require.Equal(t, 7, <-result)
	})
}

// badDrop is a future whose Drop panics.
type badDrop struct{ v any }

func (badDrop) Poll(*future.Context) (int, bool, error) { return 0, false, nil }
func (b badDrop) Drop()                                 { panic(b.v) }

func TestAPanicOfAFutureThatWasRefusedReachesTheHandler(t *testing.T) {
	var seen atomic.Int32
	rt, err := task.New(task.WithPanicHandler(func(*task.PanicError) { seen.Add(1) }))
	require.NoError(t, err)
	ctx := rt.Context(context.Background())
	in, release := make(chan struct{}), make(chan struct{})
	task.Go(ctx, func(context.Context) error { close(in); <-release; return nil })
	<-in
	short, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, rt.Shutdown(short), context.Canceled)
	a, b := task.SpawnFuture(ctx, future.Future[int](badDrop{1})), task.SpawnFuture(ctx, future.Future[int](badDrop{2}))
	require.NotEqual(t, a.ID(), b.ID())
	close(release)
	require.NoError(t, rt.Shutdown(within(t)))
	require.EqualValues(t, 2, seen.Load(), "both, while it shuts down")
	runtime.KeepAlive(a)
	runtime.KeepAlive(b)
	c := task.SpawnFuture(ctx, future.Future[int](badDrop{3}))
	require.EqualValues(t, 3, seen.Load(), "and afterwards")
	_, err = c.Await(within(t))
	require.Error(t, err)
	require.NotEmpty(t, rt.String(), "the runtime is not locked")
}

func TestTheFirstPanicOfATaskIsItsResult(t *testing.T) {
	ctx := start(t)
	_, err := task.SpawnFuture(ctx, future.Future[int](panicTwice{})).Await(within(t))
	var p *task.PanicError
	require.ErrorAs(t, err, &p)
	require.Equal(t, "poll", p.Value)
}

type panicTwice struct{}

func (panicTwice) Poll(*future.Context) (int, bool, error) { panic("poll") }
func (panicTwice) Drop()                                   { panic("drop") }

func TestShutdownInsideCancelsAlsoWhatIsAbove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt, err := task.New(task.WithWorkers(1))
		require.NoError(t, err)
		parent := task.Go(rt.Context(context.Background()), func(ctx context.Context) error {
			task.Go(ctx, func(ctx context.Context) error {
				assert.Error(t, rt.Shutdown(ctx))
				assert.NoError(t, ctx.Err(), "it goes on itself")
				return nil
			})
			return task.Sleep(ctx, time.Hour)
		})
		began := time.Now()
		_, err = parent.Await(context.Background())
		require.ErrorIs(t, err, context.Canceled)
		require.Zero(t, time.Since(began))
		require.NoError(t, rt.Shutdown(context.Background()))
	})
}

func TestThePanicHandlerMayExitItsGoroutine(t *testing.T) {
	var seen atomic.Int32
	ctx := start(t, task.WithPanicHandler(func(*task.PanicError) { seen.Add(1); runtime.Goexit() }))
	const n = 5
	for range n {
		task.Go(ctx, func(context.Context) error { panic("lost") })
	}
	other := make(chan struct{})
	func() { runtime.AddCleanup(new([16]int), func(int) { close(other) }, 0) }()
	for limit := time.Now().Add(time.Minute); seen.Load() < n && time.Now().Before(limit); {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	require.EqualValues(t, n, seen.Load())
	ends(t, other)
}

func TestTheErrorOfAContextDoesNotChangeWhenItsTaskReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := start(t)
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		var kept context.Context
		h := task.Go(short, func(ctx context.Context) error {
			kept = ctx
			<-ctx.Done()
			return ctx.Err()
		})
		_, err := h.Await(ctx)
		require.Equal(t, context.DeadlineExceeded, err)
		require.Equal(t, context.DeadlineExceeded, kept.Err())
	})
}

func TestABlockOnThatDidNotReturnIsNotCountedAsCompleted(t *testing.T) {
	rt, err := task.New(task.WithWorkers(1), task.WithStallRelief(0))
	require.NoError(t, err)
	ctx := rt.Context(context.Background())
	require.PanicsWithValue(t, "stop", func() {
		_, _ = task.BlockOn(ctx, func(context.Context) (int, error) { panic("stop") })
	})
	require.EqualValues(t, 1, rt.Stats().Panicked)
	in, release := make(chan struct{}), make(chan struct{})
	h := task.Go(ctx, func(context.Context) error { close(in); <-release; return nil })
	<-in
	short, cancel := context.WithCancel(ctx)
	cancel()
	_, err = task.BlockOn(short, func(context.Context) (int, error) { return 1, nil })
	require.ErrorIs(t, err, context.Canceled)
	require.EqualValues(t, 1, rt.Stats().Cancelled)
	close(release)
	ends(t, h.Done())
	require.NoError(t, rt.Shutdown(within(t)))
}

func TestUnderASeedARunningTaskSeesTheEndOfItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := start(t, task.WithSeed(1))
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		early := task.Go(short, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		late := task.Go(short, func(ctx context.Context) error { time.Sleep(time.Minute); <-ctx.Done(); return ctx.Err() })
		ends(t, early.Done())
		ends(t, late.Done())
	})
}

func TestCancelledWorkDoesNotStayInTheBlockingQueue(t *testing.T) {
	ctx := start(t, task.WithBlockingLimit(1))
	in, release := make(chan struct{}), make(chan struct{})
	first := task.SpawnBlocking(ctx, func(context.Context) (int, error) { close(in); <-release; return 0, nil })
	<-in
	var freed atomic.Int32
	const n = 1000
	for range n {
		big := new([1 << 10]byte)
		runtime.AddCleanup(big, func(int) { freed.Add(1) }, 0)
		h := task.SpawnBlocking(ctx, func(context.Context) (*[1 << 10]byte, error) { return big, nil })
		h.Cancel()
		ends(t, h.Done())
	}
	for limit := time.Now().Add(time.Minute); freed.Load() < n-100 && time.Now().Before(limit); {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	require.GreaterOrEqual(t, int(freed.Load()), n-100)
	close(release)
	ends(t, first.Done())
}

func TestARuntimeOfAnotherBubbleIsRefusedInWords(t *testing.T) {
	rt, err := task.New()
	require.NoError(t, err)
	synctest.Test(t, func(t *testing.T) {
		defer func() {
			assert.Contains(t, fmt.Sprint(recover()), "synctest bubble")
		}()
		task.Go(rt.Context(context.Background()), func(context.Context) error { return nil })
	})
	require.NoError(t, rt.Shutdown(within(t)))
}

func TestAHandlePrintsWhatItIs(t *testing.T) {
	ctx := start(t)
	h := task.SpawnFuture(ctx, future.Pending[int](), task.Named("idle"))
	text := fmt.Sprint(h)
	require.True(t, strings.HasPrefix(text, `task 1 "idle" (`), text)
	h.Cancel()
	ends(t, h.Done())
	require.Equal(t, `task 1 "idle" (done)`, h.String())
	require.Equal(t, "State(9)", task.State(9).String(), "one that is none")
}

func TestNextHandleReturnsTheHandleOfTheTask(t *testing.T) {
	ctx := start(t)
	var set task.JoinSet[int]
	h := set.Spawn(ctx, func(context.Context) (int, error) { return 1, nil })
	got, err := set.NextHandle(within(t))
	require.NoError(t, err)
	require.Same(t, h, got)
	got, err = set.NextHandle(within(t))
	require.NoError(t, err)
	require.Nil(t, got)
}
