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

// The tasks that a worker has taken from the run queue can be taken from it until it runs them.
func TestWhatAWorkerTookIsTakenFromItWhileItIsStuck(t *testing.T) {
	for _, setup := range []struct {
		name    string
		options []task.Option
	}{
		{"by the other worker", []task.Option{task.WithWorkers(2), task.WithStallRelief(0)}},
		{"by relief", []task.Option{task.WithWorkers(1), task.WithStallRelief(2 * time.Millisecond)}},
	} {
		t.Run(setup.name, func(t *testing.T) {
			ctx := start(t, setup.options...)
			// All workers wait until everything is queued.
			gate, stuck := make(chan struct{}), make(chan struct{})
			hold := func() *task.JoinHandle[struct{}] {
				return task.Go(ctx, func(context.Context) error { <-gate; return nil })
			}
			hold()
			if setup.name == "by the other worker" {
				hold()
			}
			var all []*task.JoinHandle[int]
			first := task.SpawnFuture(ctx, future.PollFunc(func(*future.Context) (int, bool, error) { <-stuck; return 0, true, nil }))
			for range 50 {
				all = append(all, task.SpawnFuture(ctx, future.Ready(1)))
			}
			close(gate)
			for _, h := range all {
				ends(t, h.Done())
			}
			require.False(t, first.IsFinished())
			close(stuck)
			ends(t, first.Done())
		})
	}
}

func TestAGoexitInAPollLosesNothingThatItsWorkerTook(t *testing.T) {
	ctx := start(t, task.WithWorkers(1), task.WithStallRelief(0))
	gate := make(chan struct{})
	task.Go(ctx, func(context.Context) error { <-gate; return nil })
	var all []*task.JoinHandle[int]
	for i := range 100 {
		f := future.Ready(i)
		if i%10 == 3 {
			f = future.PollFunc(func(*future.Context) (int, bool, error) { runtime.Goexit(); return 0, true, nil })
		}
		all = append(all, task.SpawnFuture(ctx, f))
	}
	close(gate)
	for i, h := range all {
		v, err := h.Await(within(t))
		if i%10 == 3 {
			require.ErrorIs(t, err, task.ErrGoexit)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, i, v)
	}
}

// forever is polled again and again, until stop.
type forever struct{ stop chan struct{} }

func (f forever) Poll(cx *future.Context) (struct{}, bool, error) {
	select {
	case <-f.stop:
		return struct{}{}, true, nil
	default:
		cx.Waker().Wake()
		return struct{}{}, false, nil
	}
}

func (f forever) Drop() {}

// A worker that is never idle keeps none of the tasks that it has taken and run.
func TestABusyWorkerKeepsNoResults(t *testing.T) {
	ctx := start(t, task.WithWorkers(1))
	busy := forever{make(chan struct{})}
	defer close(busy.stop)
	task.SpawnFuture[struct{}](ctx, busy)
	const n = 40
	var freed atomic.Int32
	for range n {
		p := new([1 << 16]byte)
		runtime.AddCleanup(p, func(int) { freed.Add(1) }, 0)
		task.SpawnFuture(ctx, future.Ready(p))
	}
	require.Eventually(t, func() bool {
		runtime.GC()
		return freed.Load() == n
	}, time.Minute, time.Millisecond)
}
