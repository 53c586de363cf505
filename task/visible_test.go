package task_test

import (
	"bytes"
	"context"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

func TestTheNameOfATaskIsALabelInGoroutineProfiles(t *testing.T) {
	ctx := start(t, task.WithWorkers(1))
	profile := func() string {
		var out bytes.Buffer
		assert.NoError(t, pprof.Lookup("goroutine").WriteTo(&out, 1))
		return out.String()
	}
	named := func(context.Context) (string, error) { return profile(), nil }
	seen, err := task.Spawn(ctx, named, task.Named("counter")).Await(within(t))
	require.NoError(t, err)
	require.Contains(t, seen, `"task":"counter"`)
	seen, err = task.Spawn(ctx, named).Await(within(t))
	require.NoError(t, err)
	require.NotContains(t, seen, `"task":"counter"`, "the next task on the worker has no label")
}

func TestTasksAreInExecutionTraces(t *testing.T) {
	if trace.IsEnabled() {
		t.Skip("the test run takes a trace of its own")
	}
	var out bytes.Buffer
	require.NoError(t, trace.Start(&out))
	ctx := start(t)
	_, err := task.Go(ctx, func(ctx context.Context) error {
		child := task.SpawnFuture(ctx, future.After(time.Millisecond), task.Named("traced poll"))
		_, err := child.Await(ctx)
		return err
	}, task.Named("traced function")).Await(within(t))
	trace.Stop()
	require.NoError(t, err)
	for _, name := range []string{"traced poll", "traced function", "await"} {
		require.True(t, bytes.Contains(out.Bytes(), []byte(name)), name)
	}
}

func TestAPanicWhoseHandleIsUnreachableIsReported(t *testing.T) {
	var reported atomic.Int32
	ctx := start(t, task.WithPanicHandler(func(p *task.PanicError) {
		if p.Value == "lost" {
			reported.Add(1)
		}
	}))
	const n = 10
	for range n {
		task.Go(ctx, func(context.Context) error { panic("lost") })
	}
	for limit := time.Now().Add(time.Minute); reported.Load() < n && time.Now().Before(limit); {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	require.EqualValues(t, n, reported.Load())
}

func TestAPanicIsReportedOnceHoweverManyWaysItIsLost(t *testing.T) {
	var reported atomic.Int32
	rt, err := task.New(task.WithPanicHandler(func(*task.PanicError) { reported.Add(1) }))
	require.NoError(t, err)
	h := task.Go(rt.Context(context.Background()), func(context.Context) error { panic("lost") })
	ends(t, h.Done())
	h.Drop()
	h.Drop()
	h = nil
	for range 3 {
		runtime.GC()
	}
	require.NoError(t, rt.Shutdown(within(t)))
	require.EqualValues(t, 1, reported.Load())
}

func TestATaskThatReturnsWhatAnotherCameToHasCompleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt, err := task.New(task.WithPanicHandler(func(p *task.PanicError) { assert.Fail(t, "reported", p) }))
		require.NoError(t, err)
		ctx := rt.Context(context.Background())
		bad := task.Go(ctx, func(context.Context) error { panic(1) })
		idle := task.SpawnFuture(ctx, future.Pending[int]())
		idle.Cancel()
		for _, wait := range []func(context.Context) error{
			func(ctx context.Context) error { _, err := bad.Await(ctx); return err },
			func(ctx context.Context) error { _, err := idle.Await(ctx); return err },
		} {
			task.Go(ctx, wait).Drop()
		}
		synctest.Wait()
		s := rt.Stats()
		require.EqualValues(t, 1, s.Panicked)
		require.EqualValues(t, 1, s.Cancelled)
		require.EqualValues(t, 2, s.Completed)
		require.NoError(t, rt.Shutdown(ctx))
	})
}

func TestStatsMeasureHowLongTasksAreQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt, err := task.New(task.WithWorkers(1), task.WithStallRelief(0))
		require.NoError(t, err)
		ctx := rt.Context(context.Background())
		busy := task.Go(ctx, func(context.Context) error { time.Sleep(time.Second); return nil })
		synctest.Wait()
		second := task.Go(ctx, func(context.Context) error { return nil })
		_, err = second.Await(ctx)
		require.NoError(t, err)
		require.InDelta(t, time.Second, rt.Stats().LongestWait, float64(10*time.Millisecond))
		ends(t, busy.Done())
		require.NoError(t, rt.Shutdown(ctx))
	})
}
