package task_test

import (
	"bytes"
	"context"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/probe"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/task"
)

// What a task does to its goroutine ends with the task, as it does with go. The goroutine is
// one of a pool, so this is not for free.

// ways are what runs a function of the user on a goroutine of the runtime. Each returns when
// the task has ended.
var ways = map[string]func(t *testing.T, ctx context.Context, f func()){
	"function": func(t *testing.T, ctx context.Context, f func()) {
		_, err := task.Go(ctx, func(context.Context) error { f(); return nil }).Await(within(t))
		assert.NoError(t, err)
	},
	"named function": func(t *testing.T, ctx context.Context, f func()) {
		_, err := task.Go(ctx, func(context.Context) error { f(); return nil }, task.Named("n")).Await(within(t))
		assert.NoError(t, err)
	},
	"function that awaits": func(t *testing.T, ctx context.Context, f func()) {
		_, err := task.Go(ctx, func(ctx context.Context) error {
			f()
			return task.Sleep(ctx, time.Microsecond)
		}).Await(within(t))
		assert.NoError(t, err)
	},
	"function that panics": func(t *testing.T, ctx context.Context, f func()) {
		_, err := task.Go(ctx, func(context.Context) error { f(); panic("on purpose") }).Await(within(t))
		assert.ErrorContains(t, err, "on purpose")
	},
	"function that exits": func(t *testing.T, ctx context.Context, f func()) {
		_, err := task.Go(ctx, func(context.Context) error { f(); runtime.Goexit(); return nil }).Await(within(t))
		assert.ErrorIs(t, err, task.ErrGoexit)
	},
	"poll that is ready": func(t *testing.T, ctx context.Context, f func()) {
		_, err := task.SpawnFuture(ctx, future.PollFunc(func(*future.Context) (int, bool, error) { f(); return 0, true, nil })).Await(within(t))
		assert.NoError(t, err)
	},
	"poll that is pending": func(t *testing.T, ctx context.Context, f func()) {
		polls := 0
		_, err := task.SpawnFuture(ctx, future.PollFunc(func(cx *future.Context) (int, bool, error) {
			if polls++; polls == 1 {
				f()
				cx.Waker().Wake()
				return 0, false, nil
			}
			return 0, true, nil
		})).Await(within(t))
		assert.NoError(t, err)
	},
	"poll that panics": func(t *testing.T, ctx context.Context, f func()) {
		_, err := task.SpawnFuture(ctx, future.PollFunc(func(*future.Context) (int, bool, error) { f(); panic("on purpose") })).Await(within(t))
		assert.ErrorContains(t, err, "on purpose")
	},
	"blocking work": func(t *testing.T, ctx context.Context, f func()) {
		_, err := task.SpawnBlocking(ctx, func(context.Context) (int, error) { f(); return 0, nil }).Await(within(t))
		assert.NoError(t, err)
	},
	"blocking work that panics": func(t *testing.T, ctx context.Context, f func()) {
		_, err := task.SpawnBlocking(ctx, func(context.Context) (int, error) { f(); panic("on purpose") }).Await(within(t))
		assert.ErrorContains(t, err, "on purpose")
	},
	"waker": func(t *testing.T, ctx context.Context, f func()) {
		h := task.Go(ctx, func(context.Context) error { return nil })
		called := make(chan struct{})
		w := wakeFunc(func() { f(); close(called) })
		if _, ready, _ := h.Future().Poll(future.NewContext(context.Background(), w)); !ready {
			ends(t, called)
		}
	},
}

type wakeFunc func()

func (f wakeFunc) Wake() { f() }

// runtimes are those in which a goroutine is used again soonest.
var runtimes = map[string][]task.Option{
	"one worker": {task.WithWorkers(1), task.WithBlockingLimit(1)},
	"a seed":     {task.WithSeed(1), task.WithBlockingLimit(1)},
}

// eachPair runs first in one way and then, several times, in each way.
func eachPair(t *testing.T, first func(), then func(t *testing.T)) {
	for kind, opts := range runtimes {
		for before, one := range ways {
			t.Run(kind+" after "+before, func(t *testing.T) {
				ctx := start(t, append([]task.Option{quiet()}, opts...)...)
				for after, other := range ways {
					one(t, ctx, first)
					for range 3 {
						other(t, ctx, func() {
							if before != "waker" && after != "waker" { // it may run on the goroutine of the test
								then(t)
							}
						})
					}
				}
			})
		}
	}
}

func lockedToThread() bool {
	buf := make([]byte, 128)
	header, _, _ := strings.Cut(string(buf[:runtime.Stack(buf, false)]), "\n")
	return strings.Contains(header, "locked to thread")
}

func TestNoTaskRunsOnTheThreadThatAnotherHasLocked(t *testing.T) {
	if !probe.Described() {
		delete(ways, "poll that is ready") // the doc of SpawnFuture says so
		delete(ways, "poll that is pending")
		delete(ways, "poll that panics")
	}
	lock := func() { runtime.LockOSThread() }
	eachPair(t, func() {
		if onWorker() {
			lock()
		}
	}, func(t *testing.T) { assert.False(t, lockedToThread()) })
}

// onWorker reports whether a goroutine of ants has called.
func onWorker() bool {
	return strings.Contains(string(debug.Stack()), "ants")
}

// Each goroutine that ends leaves its slot to another.
func TestGoroutinesThatEndBecauseTheyAreLockedLoseNoSlot(t *testing.T) {
	const n = 200
	for _, workers := range []int{1, 3} {
		rt, err := task.New(task.WithWorkers(workers), task.WithBlockingLimit(workers))
		require.NoError(t, err)
		ctx := rt.Context(context.Background())
		var set task.JoinSet[int]
		for i := range testsize.Scaled(n) {
			switch i % 4 {
			case 0:
				set.Spawn(ctx, func(context.Context) (int, error) { runtime.LockOSThread(); return 1, nil })
			case 1:
				set.Spawn(ctx, func(ctx context.Context) (int, error) {
					runtime.LockOSThread()
					return 1, task.YieldNow(ctx)
				})
			case 2:
				set.Add(task.SpawnBlocking(ctx, func(context.Context) (int, error) { runtime.LockOSThread(); return 1, nil }))
			case 3:
				set.Add(task.SpawnFuture(ctx, future.PollFunc(func(*future.Context) (int, bool, error) {
					runtime.LockOSThread()
					return 1, true, nil
				})))
			}
		}
		for set.Len() > 0 {
			v, ok, err := set.Next(within(t))
			require.NoError(t, err)
			require.True(t, ok)
			require.Equal(t, 1, v)
		}
		// As many as there are workers meet.
		all := make(chan struct{}, workers)
		meet := func(context.Context) error {
			all <- struct{}{}
			for len(all) < workers {
				runtime.Gosched()
			}
			return nil
		}
		for range workers {
			set.Add(task.Spawn(ctx, func(ctx context.Context) (int, error) { return 0, meet(ctx) }))
		}
		for set.Len() > 0 {
			_, _, err := set.Next(within(t))
			require.NoError(t, err)
		}
		require.NoError(t, rt.Shutdown(within(t)))
		s := rt.Stats()
		require.Zero(t, s.Running+s.Waiting+s.Ready+s.BlockingRunning+s.BlockingQueued)
		require.Equal(t, s.Spawned, s.Completed)
	}
}

func TestAFaultThatATaskMakesAPanicIsFatalInTheNext(t *testing.T) {
	for _, name := range []string{"function", "function that panics", "blocking work", "blocking work that panics"} {
		ctx := start(t, quiet(), task.WithWorkers(1), task.WithBlockingLimit(1))
		for range 3 {
			ways[name](t, ctx, func() { assert.False(t, debug.SetPanicOnFault(true)) })
		}
	}
}

// goroutineLabels returns the profile labels of the calling goroutine as profiles show them.
// Only a profile shows them.
func goroutineLabels(t *testing.T) string {
	for _, entry := range profile(t) {
		if strings.Contains(entry, "task_test.goroutineLabels+") {
			return labelsIn(entry)
		}
	}
	assert.Fail(t, "the profile does not have this goroutine")
	return "?"
}

func profile(t *testing.T) []string {
	var b bytes.Buffer
	assert.NoError(t, pprof.Lookup("goroutine").WriteTo(&b, 1))
	return strings.Split(b.String(), "\n\n")
}

func labelsIn(entry string) string {
	for line := range strings.Lines(entry) {
		if labels, ok := strings.CutPrefix(line, "# labels: "); ok {
			return strings.TrimSpace(labels)
		}
	}
	return ""
}

func setLabels(pairs ...string) {
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels(pairs...)))
}

func TestProfileLabelsOfATaskEndWithIt(t *testing.T) {
	eachPair(t, func() {
		if onWorker() {
			setLabels("tenant", "A")
			assert.Equal(t, `{"tenant":"A"}`, goroutineLabels(t))
		}
	}, func(t *testing.T) {
		labels := goroutineLabels(t)
		assert.True(t, labels == "" || labels == `{"task":"n"}`, labels)
	})
}

func TestATaskHasTheProfileLabelsOfItsContext(t *testing.T) {
	tenant := pprof.Labels("tenant", "7")
	for name, c := range map[string]struct {
		spawn func(ctx context.Context, fn func(context.Context) (string, error), opts ...task.SpawnOption) *task.JoinHandle[string]
	}{
		"Spawn":         {task.Spawn[string]},
		"SpawnBlocking": {task.SpawnBlocking[string]},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := start(t, task.WithWorkers(1), task.WithBlockingLimit(1))
			see := func(ctx context.Context) (string, error) { return goroutineLabels(t), nil }
			labels := func(ctx context.Context, opts ...task.SpawnOption) string {
				v, err := c.spawn(ctx, see, opts...).Await(within(t))
				assert.NoError(t, err)
				return v
			}
			assert.Empty(t, labels(ctx))
			assert.Equal(t, `{"task":"reader"}`, labels(ctx, task.Named("reader")))
			assert.Equal(t, `{"tenant":"7"}`, labels(pprof.WithLabels(ctx, tenant)))
			assert.Equal(t, `{"task":"reader", "tenant":"7"}`, labels(pprof.WithLabels(ctx, tenant), task.Named("reader")))
			assert.Empty(t, labels(ctx))

			// The labels of the goroutine that spawns are not those of the context.
			pprof.Do(ctx, tenant, func(inner context.Context) {
				assert.Empty(t, labels(ctx))
				assert.Equal(t, `{"tenant":"7"}`, labels(inner))
			})
			// The name of a task is not that of those below it; what it adds to the context is.
			_, err := task.Go(ctx, func(ctx context.Context) error {
				assert.Empty(t, labels(ctx))
				assert.Equal(t, `{"task":"child"}`, labels(ctx, task.Named("child")))
				assert.Equal(t, `{"tenant":"7"}`, labels(pprof.WithLabels(ctx, tenant)))
				assert.Equal(t, `{"task":"parent"}`, goroutineLabels(t), "they have changed nothing here")
				return nil
			}, task.Named("parent")).Await(within(t))
			assert.NoError(t, err)
		})
	}
}

func TestAPollHasNoProfileLabels(t *testing.T) {
	ctx := start(t, task.WithWorkers(1))
	pprof.Do(ctx, pprof.Labels("tenant", "7"), func(ctx context.Context) {
		polls := 0
		_, err := task.SpawnFuture(ctx, future.PollFunc(func(cx *future.Context) (int, bool, error) {
			assert.Empty(t, goroutineLabels(t))
			cx.Waker().Wake()
			polls++
			return 0, polls == 3, nil
		}), task.Named("polled")).Await(within(t))
		assert.NoError(t, err)
	})
}

func TestBlockOnTouchesNoProfileLabels(t *testing.T) {
	ctx := start(t)
	pprof.Do(context.Background(), pprof.Labels("tenant", "7"), func(context.Context) {
		_, err := task.BlockOn(ctx, func(ctx context.Context) (int, error) {
			assert.Equal(t, `{"tenant":"7"}`, goroutineLabels(t))
			return 0, task.Sleep(ctx, time.Microsecond)
		})
		assert.NoError(t, err)
		assert.Equal(t, `{"tenant":"7"}`, goroutineLabels(t))
	})
	assert.Empty(t, goroutineLabels(t))
}

// A runtime lives longer than the request that happened to make it, or to wake a worker.
func TestNoGoroutineOfARuntimeKeepsTheProfileLabelsOfItsStarter(t *testing.T) {
	var ctx context.Context
	work := func(ctx context.Context) {
		_, err := task.Go(ctx, func(context.Context) error { return nil }).Await(within(t))
		assert.NoError(t, err)
		_, err = task.SpawnBlocking(ctx, func(context.Context) (int, error) { return 0, nil }).Await(within(t))
		assert.NoError(t, err)
		_, err = task.SpawnFuture(ctx, future.Ready(1)).Await(within(t))
		assert.NoError(t, err)
	}
	pprof.Do(context.Background(), pprof.Labels("request", "42"), func(labelled context.Context) {
		ctx = start(t)
		work(ctx)
	})
	for limit := time.Now().Add(time.Minute); ; {
		left := ""
		for _, entry := range profile(t) {
			if strings.Contains(labelsIn(entry), "42") {
				left = entry
			}
		}
		// A goroutine that has just been started has not come to that yet.
		if left == "" {
			break
		}
		if time.Now().After(limit) {
			require.Fail(t, "a goroutine has the labels of a request that is over", left)
		}
		runtime.Gosched()
	}
	work(ctx)
}
