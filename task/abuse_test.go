package task_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/testkit/methods"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/task"
)

// Misuse of tasks, beside hostile_test.go and edges_test.go.

func TestWhatIsMissingPanicsInTheCallThatLacksIt(t *testing.T) {
	ctx := start(t)
	fn := func(context.Context) (int, error) { return 1, nil }
	for want, mistakes := range map[string][]func(){
		"task: Spawn of a nil function":         {func() { task.Spawn[int](ctx, nil) }, func() { new(task.JoinSet[int]).Spawn(ctx, nil) }},
		"task: Go of a nil function":            {func() { task.Go(ctx, nil) }},
		"task: SpawnBlocking of a nil function": {func() { task.SpawnBlocking[int](ctx, nil) }},
		"task: BlockOn of a nil function":       {func() { task.BlockOn[int](ctx, nil) }},
		"task: SpawnFuture of no future":        {func() { task.SpawnFuture[int](ctx, nil) }},
		"task: a Runtime that was not made by New": {
			func() { new(task.Runtime).Context(ctx) },
			func() { new(task.Runtime).Shutdown(ctx) },
		},
		"task: nil context": {
			func() { task.Spawn(nil, fn) },             //nolint:staticcheck // it is the mistake
			func() { task.SpawnBlocking(nil, fn) },     //nolint:staticcheck // likewise
			func() { task.BlockOn(nil, fn) },           //nolint:staticcheck // likewise
			func() { new(task.Runtime).Context(nil) },  //nolint:staticcheck // likewise
			func() { new(task.Runtime).Shutdown(nil) }, //nolint:staticcheck // likewise
		},
	} {
		for _, mistake := range mistakes {
			assert.PanicsWithValue(t, want, mistake)
		}
	}
	_, err := task.New(nil)
	require.ErrorContains(t, err, "nil option")
	v, err := task.Spawn(ctx, fn).Await(within(t))
	require.NoError(t, err, "the runtime works on")
	require.Equal(t, 1, v)
}

func TestTheZeroHandleIsADroppedOne(t *testing.T) {
	var h task.JoinHandle[int]
	for _, call := range methods.All(&h, within(t)) {
		assert.Nil(t, call.Panic, call.Name)
		for _, err := range call.Errs {
			assert.ErrorIs(t, err, future.ErrDropped, call.Name)
		}
	}
	ends(t, h.Done())
	_, err := future.Await(within(t), new(task.JoinHandle[int]).Future())
	require.ErrorIs(t, err, future.ErrDropped)
	var set task.JoinSet[int]
	set.Add(new(task.JoinHandle[int]))
	_, ok, err := set.Next(within(t))
	require.True(t, ok)
	require.ErrorIs(t, err, future.ErrDropped)
	require.Panics(t, func() { set.Add(nil) })
	require.Zero(t, set.Len())
}

func TestEveryMethodOfANilHandlePanics(t *testing.T) {
	for _, handle := range []any{(*task.JoinHandle[int])(nil), (*task.JoinSet[int])(nil), (*task.Runtime)(nil)} {
		fn := func(context.Context) (int, error) { return 1, nil }
		ctx := start(t)
		for _, call := range methods.All(handle, ctx, fn, new(task.JoinHandle[int]), runtimeWriter{}, []task.SpawnOption(nil)) {
			if call.Name == "Future" || call.Name == "Spawn" {
				continue // makes a future, or a task, first
			}
			_, ok := call.Panic.(runtime.Error)
			assert.True(t, ok, "%T.%s: %v", handle, call.Name, call.Panic)
		}
	}
}

type runtimeWriter struct{}

func (runtimeWriter) Write(p []byte) (int, error) { return len(p), nil }

func TestEveryMethodOfADroppedHandleReturns(t *testing.T) {
	ctx := start(t)
	release := make(chan struct{})
	h := task.Go(ctx, func(context.Context) error { <-release; return nil })
	h.Drop()
	for _, call := range methods.All(h, within(t)) {
		assert.Nil(t, call.Panic, call.Name)
		for _, err := range call.Errs {
			assert.ErrorIs(t, err, future.ErrDropped, call.Name)
		}
	}
	close(release)
	ends(t, h.Done())
}

func TestHandlesThatOutliveTheirRuntimeStillAnswer(t *testing.T) {
	rt, err := task.New()
	require.NoError(t, err)
	ctx := rt.Context(context.Background())
	done := task.Spawn(ctx, func(context.Context) (int, error) { return 7, nil })
	ends(t, done.Done())
	var local = task.NewLocal(func() int { return 1 })
	var set task.JoinSet[int]
	set.Add(done)
	require.NoError(t, rt.Shutdown(within(t)))

	v, err := done.Await(within(t))
	require.NoError(t, err)
	require.Equal(t, 7, v)
	done.Cancel()
	ran := false
	late := func(context.Context) (int, error) { ran = true; return 1, nil }
	for name, h := range map[string]*task.JoinHandle[int]{
		"Spawn":         task.Spawn(ctx, late, task.Named("late")),
		"SpawnFuture":   task.SpawnFuture(ctx, future.Ready(1)),
		"SpawnBlocking": task.SpawnBlocking(ctx, late),
		"JoinSet":       set.Spawn(ctx, late),
	} {
		ends(t, h.Done())
		_, err := h.Await(within(t))
		assert.ErrorIs(t, err, task.ErrShutdown, name)
		h.Cancel()
		h.Drop()
		h.Drop()
		_, err = h.Await(within(t))
		assert.ErrorIs(t, err, future.ErrDropped, name)
	}
	_, err = task.BlockOn(ctx, late)
	require.ErrorIs(t, err, task.ErrShutdown)
	require.False(t, ran)
	require.Equal(t, 2, set.Len())
	for range 2 {
		_, ok, _ := set.Next(within(t))
		require.True(t, ok)
	}
	_, ok := local.Get(ctx)
	require.False(t, ok)
	require.NoError(t, task.YieldNow(ctx))
	require.NoError(t, task.Sleep(ctx, time.Microsecond))
	rt.Dump(runtimeWriter{})
	require.Zero(t, rt.Stats().Running)
	require.NoError(t, rt.Shutdown(within(t)), "once more")
}

func TestCallbacksThatPanicOrExitEndTheirTaskAlone(t *testing.T) {
	for how, end := range map[string]func(){"panic": func() { panic("callback") }, "Goexit": runtime.Goexit} {
		callbacks := map[string]func(ctx context.Context) (int, error){
			"init of a Local": func(ctx context.Context) (int, error) {
				v, _ := task.NewLocal(func() int { end(); return 1 }).Get(ctx)
				return v, nil
			},
			"Map": func(ctx context.Context) (int, error) {
				return future.Await(ctx, future.Map(future.Ready(1), func(int) int { end(); return 1 }))
			},
			"Then": func(ctx context.Context) (int, error) {
				return future.Await(ctx, future.Then(future.After(time.Microsecond), func(context.Context, time.Time) future.Future[int] { end(); return nil }))
			},
			"PollFunc": func(ctx context.Context) (int, error) {
				return future.Await(ctx, future.PollFunc(func(*future.Context) (int, bool, error) { end(); return 1, true, nil }))
			},
			"BlockOn": func(ctx context.Context) (int, error) {
				return task.BlockOn(ctx, func(context.Context) (int, error) { end(); return 1, nil })
			},
		}
		for name, fn := range callbacks {
			t.Run(how+" in "+name, func(t *testing.T) {
				ctx := start(t, task.WithWorkers(1), quiet())
				for _, h := range []*task.JoinHandle[int]{
					task.Spawn(ctx, fn),
					task.SpawnBlocking(ctx, fn),
					task.SpawnFuture(ctx, future.Then(future.Ready(1), func(ctx context.Context, _ int) future.Future[int] {
						_, err := fn(ctx)
						return future.Fail[int](errors.Join(errors.New("it returned"), err))
					})),
				} {
					_, err := h.Await(within(t))
					if how == "Goexit" {
						assert.ErrorIs(t, err, task.ErrGoexit)
						continue
					}
					p, ok := errors.AsType[*task.PanicError](err)
					if assert.True(t, ok, "%v", err) {
						assert.Equal(t, "callback", p.Value)
					}
				}
				works(t, ctx, 1)
			})
		}
	}
}

func TestALocalWhoseInitPanickedIsInitializedByTheNextCall(t *testing.T) {
	ctx := start(t)
	calls := 0
	local := task.NewLocal(func() int {
		if calls++; calls == 1 {
			panic("init")
		}
		return calls
	})
	v, err := task.Spawn(ctx, func(ctx context.Context) (int, error) {
		assert.PanicsWithValue(t, "init", func() { local.Get(ctx) })
		v, ok := local.Get(ctx)
		assert.True(t, ok)
		return v, nil
	}).Await(within(t))
	require.NoError(t, err)
	require.Equal(t, 2, v)
}

func TestASetThatManyShareLosesNothing(t *testing.T) {
	ctx := start(t)
	var set task.JoinSet[int]
	var sum atomic.Int64
	var all sync.WaitGroup
	n := testsize.Scaled(2000)
	for range 4 {
		all.Go(func() {
			for i := range n {
				h := set.Spawn(ctx, func(context.Context) (int, error) { return 1, nil })
				if i%2 == 0 {
					h.Cancel() // what it returned stands if it had begun
				}
				v, ok, _ := set.Next(context.Background())
				if ok {
					sum.Add(int64(v))
				}
				if i%100 == 0 {
					set.CancelAll()
				}
			}
		})
	}
	all.Wait()
	require.Zero(t, set.Len())
	require.LessOrEqual(t, sum.Load(), int64(4*n))

	h := task.Spawn(ctx, func(context.Context) (int, error) { return 7, nil })
	set.Add(h)
	set.Add(h) // twice: it counts twice
	for range 2 {
		v, ok, err := set.Next(within(t))
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, 7, v)
	}
	set.Add(h)
	h.Drop()
	_, ok, err := set.Next(within(t))
	require.True(t, ok)
	require.ErrorIs(t, err, future.ErrDropped)
}

func TestAWakerOfATaskThatIsKeptForEverIsHarmless(t *testing.T) {
	ctx := start(t, task.WithWorkers(1))
	var kept []future.Waker
	poll := future.PollFunc(func(cx *future.Context) (int, bool, error) {
		kept = append(kept, cx.Waker())
		cx.Waker().Wake() // inside of its own poll
		return len(kept), len(kept) == 3, nil
	})
	v, err := task.SpawnFuture(ctx, poll).Await(within(t))
	require.NoError(t, err)
	require.Equal(t, 3, v)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 1000 {
				for _, w := range kept {
					w.Wake()
				}
			}
		})
	}
	all.Wait()
	works(t, ctx, 1)
	require.Len(t, kept, 3)
}

// badContext panics in one of its methods, from some call on.
type badContext struct {
	context.Context
	in    string
	after atomic.Int32
}

func (c *badContext) Done() <-chan struct{} { c.look("Done"); return c.Context.Done() }
func (c *badContext) Err() error            { c.look("Err"); return c.Context.Err() }
func (c *badContext) Value(key any) any     { c.look("Value"); return c.Context.Value(key) }

func (c *badContext) look(method string) {
	if method == c.in && c.after.Add(-1) < 0 {
		panic("context: " + method)
	}
}

// The runtime asks a context even as it completes the task that the context's own panic has
// ended; such a task used to be lost, and every Await of it and the Shutdown then blocked.
func TestATaskUnderAContextThatPanicsEndsAllTheSame(t *testing.T) {
	fn := func(ctx context.Context) (int, error) { return 1, task.Sleep(ctx, time.Millisecond) }
	for kind, spawn := range map[string]func(ctx context.Context) error{
		"function": func(ctx context.Context) error { _, err := task.Spawn(ctx, fn).Await(within(t)); return err },
		"polled": func(ctx context.Context) error {
			_, err := task.SpawnFuture(ctx, future.After(time.Millisecond)).Await(within(t))
			return err
		},
		"blocking": func(ctx context.Context) error { _, err := task.SpawnBlocking(ctx, fn).Await(within(t)); return err },
		"BlockOn":  func(ctx context.Context) error { _, err := task.BlockOn(ctx, fn); return err },
	} {
		for _, in := range []string{"Done", "Err", "Value"} {
			t.Run(kind+", "+in, func(t *testing.T) {
				ctx := start(t, task.WithWorkers(1), quiet())
				for after := range int32(5) {
					parent, cancel := context.WithCancel(ctx)
					bad := &badContext{Context: parent, in: in}
					bad.after.Store(after)
					func() {
						defer func() {
							if v := recover(); v != nil { // in the call that spawns
								assert.Equal(t, "context: "+in, v)
							}
						}()
						if err := spawn(bad); err != nil {
							p, ok := errors.AsType[*task.PanicError](err)
							if assert.True(t, ok, "%v", err) {
								assert.Equal(t, "context: "+in, p.Value)
							}
						}
					}()
					cancel()
					works(t, ctx, 1)
				}
			})
		}
	}
}
