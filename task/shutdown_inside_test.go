package task_test

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/task"
)

// Shutdown waits for every goroutine of the runtime. User code that runs on one of these has
// not always a context by which it could be recognised, and may use another one.

// hookContext calls hook, once it is armed, from each method that package task may call at any
// time.
type hookContext struct {
	context.Context

	armed *atomic.Bool
	hook  func()
}

func (c hookContext) call() {
	if c.armed.Load() {
		c.hook()
	}
}

func (c hookContext) Err() error            { c.call(); return c.Context.Err() }
func (c hookContext) Done() <-chan struct{} { c.call(); return c.Context.Done() }
func (c hookContext) Value(key any) any     { c.call(); return c.Context.Value(key) }

// loud calls f where it is discarded.
type loud struct{ f func() }

func (l loud) Discarded() { l.f() }

type showing struct{ f func() }

func (s showing) String() string { s.f(); return "shown" }

// callers have hook called by code of the user on a goroutine for which Shutdown waits. Each
// may return before that.
var callers = map[string]func(t *testing.T, ctx context.Context, hook func()){
	"a function": func(_ *testing.T, ctx context.Context, hook func()) {
		task.Go(ctx, func(context.Context) error { hook(); return nil })
	},
	"a function after an await": func(_ *testing.T, ctx context.Context, hook func()) {
		task.Go(ctx, func(ctx context.Context) error {
			err := task.Sleep(ctx, time.Microsecond)
			hook()
			return err
		}, task.Named("n"))
	},
	"a poll": func(_ *testing.T, ctx context.Context, hook func()) {
		task.SpawnFuture(ctx, future.PollFunc(func(*future.Context) (int, bool, error) { hook(); return 0, true, nil }))
	},
	"a Drop of a future": func(_ *testing.T, ctx context.Context, hook func()) {
		task.SpawnFuture[int](ctx, dropping{hook}).Cancel()
	},
	"a waker": func(_ *testing.T, ctx context.Context, hook func()) {
		gate := make(chan struct{})
		h := task.Go(ctx, func(context.Context) error { <-gate; return nil })
		_, _, _ = h.Future().Poll(future.NewContext(context.Background(), wakeFunc(hook)))
		close(gate)
	},
	"a waker that blocking work calls": func(_ *testing.T, ctx context.Context, hook func()) {
		gate := make(chan struct{})
		h := task.SpawnBlocking(ctx, func(context.Context) (int, error) { <-gate; return 0, nil })
		_, _, _ = h.Future().Poll(future.NewContext(context.Background(), wakeFunc(hook)))
		close(gate)
	},
	"a callback of ForEach": func(_ *testing.T, ctx context.Context, hook func()) {
		tx, rx := async.Unbounded[int]()
		task.SpawnFuture(ctx, async.ForEach(rx, func(context.Context, int) error { hook(); return nil }))
		_ = tx.TrySend(1)
		tx.Drop()
	},
	"a message that is discarded": func(_ *testing.T, ctx context.Context, hook func()) {
		tx, rx := async.Unbounded[loud]()
		_ = tx.TrySend(loud{hook})
		task.Go(ctx, func(context.Context) error { rx.Drop(); return nil })
	},
	"blocking work": func(_ *testing.T, ctx context.Context, hook func()) {
		task.SpawnBlocking(ctx, func(context.Context) (int, error) { hook(); return 0, nil })
	},
	"BlockOn": func(_ *testing.T, ctx context.Context, hook func()) {
		_, _ = task.BlockOn(ctx, func(context.Context) (int, error) { hook(); return 0, nil })
	},
	"BlockOn in a task": func(_ *testing.T, ctx context.Context, hook func()) {
		task.Go(ctx, func(ctx context.Context) error {
			_, err := task.BlockOn(ctx, func(context.Context) (int, error) { hook(); return 0, nil })
			return err
		})
	},
	"a task, after a BlockOn": func(_ *testing.T, ctx context.Context, hook func()) {
		task.Go(ctx, func(ctx context.Context) error {
			_, err := task.BlockOn(ctx, func(context.Context) (int, error) { return 0, nil })
			hook()
			return err
		})
	},
	"BlockOn of another runtime in a task": func(t *testing.T, ctx context.Context, hook func()) {
		other := start(t)
		task.Go(ctx, func(context.Context) error {
			_, err := task.BlockOn(other, func(context.Context) (int, error) { hook(); return 0, nil })
			return err
		})
	},
	"a context that a task asks": func(_ *testing.T, ctx context.Context, hook func()) {
		var armed atomic.Bool
		gate := make(chan struct{})
		task.Go(hookContext{ctx, &armed, hook}, func(context.Context) error { <-gate; return nil })
		armed.Store(true)
		close(gate)
	},
	"a context that BlockOn asks": func(_ *testing.T, ctx context.Context, hook func()) {
		var armed atomic.Bool
		_, _ = task.BlockOn(hookContext{ctx, &armed, hook}, func(context.Context) (int, error) { armed.Store(true); return 0, nil })
	},
	"a context, when queued blocking work is cancelled": func(_ *testing.T, ctx context.Context, hook func()) {
		var armed atomic.Bool
		gate := make(chan struct{})
		task.SpawnBlocking(ctx, func(context.Context) (int, error) { <-gate; return 0, nil })
		calls := 0
		second := func() { // Cancel itself makes the first call, and is not inside the runtime
			if calls++; calls == 2 {
				hook()
			}
		}
		h := task.SpawnBlocking(hookContext{ctx, &armed, second}, func(context.Context) (int, error) { return 0, nil })
		armed.Store(true)
		h.Cancel()
		close(gate)
	},
	"the text of a panic": func(_ *testing.T, ctx context.Context, hook func()) {
		task.Go(ctx, func(context.Context) error { panic(showing{hook}) }).Drop()
	},
	"the init of a Local": func(_ *testing.T, ctx context.Context, hook func()) {
		local := task.NewLocal(func() int { hook(); return 0 })
		task.Go(ctx, func(ctx context.Context) error { local.Get(ctx); return nil })
	},
}

type dropping struct{ f func() }

func (dropping) Poll(*future.Context) (int, bool, error) { return 0, false, nil }
func (d dropping) Drop()                                 { d.f() }

func TestAShutdownOnAGoroutineOfItsRuntimeDoesNotWaitForItself(t *testing.T) {
	for _, seeded := range []bool{false, true} {
		for name, call := range callers {
			t.Run(map[bool]string{true: "seeded "}[seeded]+name, func(t *testing.T) {
				opts := []task.Option{task.WithWorkers(2), task.WithBlockingLimit(1), quiet()}
				if seeded {
					opts = append(opts, task.WithSeed(1))
				}
				rt, err := task.New(opts...)
				require.NoError(t, err)
				ctx := rt.Context(context.Background())
				other := task.Go(ctx, func(ctx context.Context) error { return task.Sleep(ctx, time.Hour) })
				var once sync.Once
				var got error
				returned := make(chan struct{})
				go call(t, ctx, func() {
					once.Do(func() {
						got = rt.Shutdown(context.Background())
						close(returned)
					})
				})
				ends(t, returned)
				require.ErrorContains(t, got, "Shutdown called by")
				_, err = other.Await(within(t))
				require.ErrorIs(t, err, context.Canceled, "the others are cancelled")
				require.NoError(t, rt.Shutdown(within(t)), "and the rest happens when the call has returned")
				s := rt.Stats()
				require.Zero(t, s.Running+s.Waiting+s.Ready+s.BlockingRunning+s.BlockingQueued)
			})
		}
	}
}

// The task that calls is the one that is spared, as it is with its own context.
func TestAShutdownUnderAForeignContextDoesNotCancelTheTaskThatCallsIt(t *testing.T) {
	bg := context.Background()
	for name, run := range map[string]func(rt *task.Runtime, ctx context.Context) error{
		"function": func(rt *task.Runtime, ctx context.Context) error {
			_, err := task.Go(ctx, func(ctx context.Context) error {
				assert.ErrorContains(t, rt.Shutdown(bg), "called by a task")
				return ctx.Err()
			}).Await(bg)
			return err
		},
		"polled": func(rt *task.Runtime, ctx context.Context) error {
			polls := 0
			_, err := task.SpawnFuture(ctx, future.PollFunc(func(cx *future.Context) (int, bool, error) {
				if polls++; polls == 1 {
					assert.ErrorContains(t, rt.Shutdown(bg), "called by a task")
					cx.Waker().Wake()
					return 0, false, nil
				}
				return 0, true, cx.Err()
			})).Await(bg)
			return err
		},
		"blocking": func(rt *task.Runtime, ctx context.Context) error {
			_, err := task.SpawnBlocking(ctx, func(ctx context.Context) (int, error) {
				assert.ErrorContains(t, rt.Shutdown(bg), "called by a task")
				return 0, ctx.Err()
			}).Await(bg)
			return err
		},
		"BlockOn": func(rt *task.Runtime, ctx context.Context) error {
			_, err := task.BlockOn(ctx, func(ctx context.Context) (int, error) {
				assert.ErrorContains(t, rt.Shutdown(bg), "called by a task")
				return 0, ctx.Err()
			})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			rt, err := task.New()
			require.NoError(t, err)
			require.NoError(t, run(rt, rt.Context(bg)))
			require.NoError(t, rt.Shutdown(within(t)))
		})
	}
}

// A goroutine that has been one of the runtime is not for ever.
func TestAGoroutineThatWasInsideARuntimeWaitsForItsShutdown(t *testing.T) {
	rt, err := task.New()
	require.NoError(t, err)
	ctx := rt.Context(context.Background())
	for range 3 {
		_, err = task.BlockOn(ctx, func(ctx context.Context) (int, error) {
			return task.BlockOn(ctx, func(context.Context) (int, error) { return 0, nil })
		})
		require.NoError(t, err)
	}
	assert.Panics(t, func() { _, _ = task.BlockOn(ctx, func(context.Context) (int, error) { panic("on purpose") }) })
	ended, cancel := context.WithCancel(ctx)
	cancel()
	_, _ = task.BlockOn(ended, func(context.Context) (int, error) { return 0, nil })
	h := task.Go(ctx, func(ctx context.Context) error { return task.Sleep(ctx, time.Hour) })
	require.NoError(t, rt.Shutdown(within(t)))
	require.True(t, h.IsFinished())
}

// What the collector finds is reported on a goroutine that a Shutdown waits for.
func TestNoPanicHandlerRunsOnceAShutdownHasReturned(t *testing.T) {
	var late atomic.Int32
	for range testsize.Scaled(300) {
		var over atomic.Bool
		rt, err := task.New(task.WithPanicHandler(func(*task.PanicError) {
			for range 10 {
				runtime.Gosched()
			}
			if over.Load() {
				late.Add(1)
			}
		}))
		require.NoError(t, err)
		for range 3 {
			panicked(t, rt.Context(context.Background()))
		}
		runtime.GC() // the cleanups come while it shuts down
		require.NoError(t, rt.Shutdown(within(t)))
		over.Store(true)
	}
	require.Zero(t, late.Load())
}
