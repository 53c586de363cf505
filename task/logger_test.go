package task_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/observe"
	"github.com/handoff-go/handoff/task"
)

// A logger is called where a panic of it would end the process, and an exit would take a
// goroutine that others wait for. So are the methods that show a value or an error.

type hostileLog struct {
	slog.Handler // none: what the runtime calls besides would panic too

	calls *atomic.Int32
	do    func()
}

func (l hostileLog) Enabled(context.Context, slog.Level) bool { return true }
func (l hostileLog) Handle(context.Context, slog.Record) error {
	l.calls.Add(1)
	l.do()
	return nil
}

var misdeeds = map[string]func(){"panics": func() { panic("logger") }, "exits": runtime.Goexit}

func TestALoggerThatPanicsOrExitsKeepsNothingFromItsEnd(t *testing.T) {
	bg := context.Background()
	for how, do := range misdeeds {
		for name, lose := range map[string]func(t *testing.T, ctx context.Context, done chan<- struct{}){
			"panics that are lost at once": func(_ *testing.T, ctx context.Context, done chan<- struct{}) {
				gate := make(chan struct{})
				for range 3 {
					task.Go(ctx, func(context.Context) error { <-gate; defer func() { done <- struct{}{} }(); panic("lost") }).Drop()
				}
				close(gate)
			},
			"panics of blocking work": func(_ *testing.T, ctx context.Context, done chan<- struct{}) {
				gate := make(chan struct{})
				for range 3 {
					task.SpawnBlocking(ctx, func(context.Context) (int, error) { <-gate; defer func() { done <- struct{}{} }(); panic("lost") }).Drop()
				}
				close(gate)
			},
			"wakers that panic": func(_ *testing.T, ctx context.Context, done chan<- struct{}) {
				gate := make(chan struct{})
				h := task.Go(ctx, func(context.Context) error { <-gate; return nil })
				for range 3 {
					_, _, _ = h.Future().Poll(future.NewContext(bg, wakeFunc(func() { done <- struct{}{}; panic("waker") })))
				}
				close(gate)
			},
			"contexts that panic": func(_ *testing.T, ctx context.Context, done chan<- struct{}) {
				for range 3 {
					c := stopPanics{ctx, make(chan struct{}), done}
					task.Go(c, func(ctx context.Context) error { ctx.Done(); return nil })
				}
			},
			"panics that no Await returns": func(t *testing.T, ctx context.Context, done chan<- struct{}) {
				for range 3 {
					h := panicked(t, ctx)
					t.Cleanup(func() { runtime.KeepAlive(h) })
					done <- struct{}{}
				}
			},
		} {
			t.Run("a logger that "+how+" for "+name, func(t *testing.T) {
				var calls atomic.Int32
				rt, err := task.New(task.WithWorkers(1), task.WithBlockingLimit(1), task.WithLogger(slog.New(hostileLog{calls: &calls, do: do})))
				require.NoError(t, err)
				ctx := rt.Context(bg)
				done := make(chan struct{}, 3)
				lose(t, ctx, done)
				for range 3 {
					<-done
				}
				v, err := task.Spawn(ctx, func(context.Context) (int, error) { return 7, nil }).Await(within(t))
				require.NoError(t, err)
				require.Equal(t, 7, v)
				v, err = task.SpawnBlocking(ctx, func(context.Context) (int, error) { return 8, nil }).Await(within(t))
				require.NoError(t, err)
				require.Equal(t, 8, v)
				require.NoError(t, rt.Shutdown(within(t)))
				require.EqualValues(t, 3, calls.Load())
				s := rt.Stats()
				require.Zero(t, s.Running+s.Waiting+s.Ready+s.BlockingRunning)
			})
		}
	}
}

// stopPanics has its own way to report its end, and panics when that is not wanted any more.
type stopPanics struct {
	context.Context

	done    chan struct{}
	stopped chan<- struct{}
}

func (c stopPanics) Done() <-chan struct{} { return c.done }

func (c stopPanics) AfterFunc(func()) (stop func() bool) {
	return func() bool { c.stopped <- struct{}{}; panic("stop") }
}

// capture returns what f has written to standard error.
func capture(t *testing.T, f func()) string {
	file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	require.NoError(t, err)
	defer file.Close()
	before := os.Stderr
	os.Stderr = file
	defer func() { os.Stderr = before }()
	f()
	text, err := os.ReadFile(file.Name())
	require.NoError(t, err)
	return string(text)
}

func TestALoggerThatPanicsHasItsTextWrittenElsewhere(t *testing.T) {
	out := capture(t, func() {
		rt, err := task.New(task.WithLogger(slog.New(hostileLog{calls: new(atomic.Int32), do: misdeeds["panics"]})))
		require.NoError(t, err)
		h := task.Go(rt.Context(context.Background()), func(context.Context) error { panic("the first cause") })
		ends(t, h.Done())
		require.NoError(t, rt.Shutdown(within(t)))
		runtime.KeepAlive(h)
	})
	assert.Contains(t, out, "the first cause")
	assert.Contains(t, out, "logger")
}

// exiting calls Goexit where it is shown.
type exiting struct{}

func (exiting) Error() string { runtime.Goexit(); return "" }

// What is recorded shows errors, before others can see the result.
func TestAValueWhoseTextExitsIsStillTheResultOfItsTask(t *testing.T) {
	defer observe.Enable(observe.Options{})()
	ctx := start(t, task.WithWorkers(1), task.WithBlockingLimit(1), task.WithPanicHandler(func(*task.PanicError) {}))
	for range 3 {
		_, err := task.Go(ctx, func(context.Context) error { return exiting{} }).Await(within(t))
		assert.ErrorAs(t, err, new(exiting))
		_, err = task.Go(ctx, func(context.Context) error { panic(exiting{}) }).Await(within(t))
		assert.ErrorAs(t, err, new(*task.PanicError))
		_, err = task.SpawnFuture(ctx, future.Fail[int](exiting{})).Await(within(t))
		assert.ErrorAs(t, err, new(exiting))
		_, err = task.SpawnBlocking(ctx, func(context.Context) (int, error) { return 0, exiting{} }).Await(within(t))
		assert.ErrorAs(t, err, new(exiting))
		over := make(chan struct{})
		go func() {
			defer close(over)
			_, _ = task.BlockOn(ctx, func(context.Context) (int, error) { return 0, exiting{} })
		}()
		ends(t, over)
	}
	v, err := task.Spawn(ctx, func(context.Context) (int, error) { return 7, nil }).Await(within(t))
	require.NoError(t, err)
	require.Equal(t, 7, v)
}
