package task_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

// The panic handler runs wherever a panic can no longer be returned: on a worker, in a Drop,
// after the collector, in the last step of a Shutdown. From each of these places "a panic,
// so shut down" must work.

// lost are the ways in which the panic of a task reaches the handler.
var lost = map[string]func(t *testing.T, rt *task.Runtime, ctx context.Context){
	"a function, on its worker": func(_ *testing.T, _ *task.Runtime, ctx context.Context) {
		gate := make(chan struct{})
		task.Go(ctx, func(context.Context) error { <-gate; panic("lost") }).Drop()
		close(gate)
	},
	"a polled task, on its worker": func(_ *testing.T, _ *task.Runtime, ctx context.Context) {
		p, opened := future.NewPromise[int]()
		task.SpawnFuture(ctx, future.Map(opened, func(int) int { panic("lost") })).Drop()
		p.Resolve(1)
	},
	"blocking work": func(_ *testing.T, _ *task.Runtime, ctx context.Context) {
		gate := make(chan struct{})
		task.SpawnBlocking(ctx, func(context.Context) (int, error) { <-gate; panic("lost") }).Drop()
		close(gate)
	},
	"a Drop elsewhere": func(t *testing.T, _ *task.Runtime, ctx context.Context) {
		h := panicked(t, ctx)
		h.Drop()
	},
	"a Drop by another task": func(t *testing.T, _ *task.Runtime, ctx context.Context) {
		h := panicked(t, ctx)
		task.Go(ctx, func(context.Context) error { h.Drop(); return nil })
	},
	"a Drop in a poll": func(t *testing.T, _ *task.Runtime, ctx context.Context) {
		h := panicked(t, ctx)
		task.SpawnFuture(ctx, future.PollFunc(func(*future.Context) (int, bool, error) { h.Drop(); return 0, true, nil }))
	},
	"the collector": func(t *testing.T, _ *task.Runtime, ctx context.Context) {
		panicked(t, ctx)
	},
	"a Shutdown": func(t *testing.T, rt *task.Runtime, ctx context.Context) {
		h := panicked(t, ctx)
		require.NoError(t, rt.Shutdown(within(t)), "from outside")
		runtime.KeepAlive(h)
	},
}

func panicked(t *testing.T, ctx context.Context) *task.JoinHandle[struct{}] {
	h := task.Go(ctx, func(context.Context) error { panic("lost") })
	ends(t, h.Done())
	return h
}

func TestThePanicHandlerMayShutDownItsRuntime(t *testing.T) {
	for name, lose := range lost {
		t.Run(name, func(t *testing.T) {
			var rt *task.Runtime
			var calls atomic.Int32
			var got error
			returned := make(chan struct{})
			rt, err := task.New(task.WithWorkers(1), task.WithPanicHandler(func(*task.PanicError) {
				calls.Add(1)
				got = rt.Shutdown(context.Background())
				close(returned)
			}))
			require.NoError(t, err)
			ctx := rt.Context(context.Background())
			other := task.Go(ctx, func(ctx context.Context) error { return task.Sleep(ctx, time.Hour) })
			lose(t, rt, ctx)
			for limit := time.Now().Add(time.Minute); name == "the collector" && calls.Load() == 0 && time.Now().Before(limit); {
				runtime.GC()
				time.Sleep(time.Millisecond)
			}
			ends(t, returned)
			require.ErrorContains(t, got, "panic handler")
			_, err = other.Await(within(t))
			require.ErrorIs(t, err, context.Canceled, "it has cancelled the others")
			require.NoError(t, rt.Shutdown(within(t)), "and the rest has happened since")
			require.EqualValues(t, 1, calls.Load())
			s := rt.Stats()
			require.Zero(t, s.Running+s.Waiting+s.Ready)
		})
	}
}

// It is one that runs on this goroutine, of this runtime, and not any.
func TestOnlyTheHandlerItselfDoesNotWaitForTheEndOfItsRuntime(t *testing.T) {
	rt, err := task.New(task.WithPanicHandler(func(*task.PanicError) { panic("handler") }), quiet())
	require.NoError(t, err)
	var other *task.Runtime
	other, err = task.New(task.WithPanicHandler(func(*task.PanicError) {
		panicked(t, rt.Context(context.Background())).Drop() // one inside of the other
		if err := rt.Shutdown(within(t)); err != nil {
			panic(err)
		}
	}))
	require.NoError(t, err)
	panicked(t, other.Context(context.Background())).Drop()
	_, err = task.Go(rt.Context(context.Background()), func(context.Context) error { return nil }).Await(within(t))
	require.ErrorIs(t, err, task.ErrShutdown, "the handler of another one has waited for its end")
	panicked(t, other.Context(context.Background())).Drop()
	require.NoError(t, other.Shutdown(within(t)), "a goroutine whose handler has returned waits")

	// Nothing is left to wait for.
	seen := make(chan error, 1)
	var ended *task.Runtime
	ended, err = task.New(task.WithPanicHandler(func(*task.PanicError) { seen <- ended.Shutdown(context.Background()) }))
	require.NoError(t, err)
	require.NoError(t, ended.Shutdown(within(t)))
	task.SpawnFuture(ended.Context(context.Background()), future.Future[int](badDrop{1}))
	require.NoError(t, <-seen)
}

func TestAShutdownThatGivesUpSaysWhetherTasksAreLeft(t *testing.T) {
	in, release := make(chan struct{}), make(chan struct{})
	rt, err := task.New(task.WithPanicHandler(func(*task.PanicError) { close(in); <-release }))
	require.NoError(t, err)
	began, gate := make(chan struct{}), make(chan struct{})
	task.Go(rt.Context(context.Background()), func(context.Context) error { close(began); <-gate; panic("lost") }).Drop()
	ends(t, began)
	over, cancel := context.WithCancel(context.Background())
	cancel()
	err = rt.Shutdown(over)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "1 still running")

	close(gate)
	ends(t, in)
	s := rt.Stats()
	require.Equal(t, s.Spawned, s.Panicked)
	err = rt.Shutdown(over)
	require.ErrorIs(t, err, context.Canceled)
	require.NotContains(t, err.Error(), "still running")
	require.ErrorContains(t, err, "the tasks have ended")
	close(release)
	require.NoError(t, rt.Shutdown(within(t)))
	require.NoError(t, rt.Shutdown(over), "there is nothing to wait for")
}

// The last step of a Shutdown calls the handler for panics that no Await returned.
func TestAHandlerThatExitsKeepsNoShutdownFromItsEnd(t *testing.T) {
	var calls atomic.Int32
	rt, err := task.New(task.WithPanicHandler(func(*task.PanicError) { calls.Add(1); runtime.Goexit() }))
	require.NoError(t, err)
	const n = 5
	var all [n]*task.JoinHandle[struct{}]
	for i := range all {
		all[i] = panicked(t, rt.Context(context.Background()))
	}
	require.NoError(t, rt.Shutdown(within(t)))
	require.EqualValues(t, n, calls.Load())
	runtime.KeepAlive(&all)
}
