package task_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

// waitingCall is a call that waits. It is possible at once, or it is stuck.
type waitingCall func(ctx context.Context, stuck bool) error

// waitingCalls are those that get a try under a context that has ended. The tasks they wait
// for run elsewhere and not under that context.
func waitingCalls(elsewhere context.Context) map[string]waitingCall {
	other := func(stuck bool) *task.JoinHandle[int] {
		if stuck {
			return task.SpawnFuture(elsewhere, future.Pending[int]())
		}
		h := task.SpawnFuture(elsewhere, future.Ready(7))
		<-h.Done()
		return h
	}
	return map[string]waitingCall{
		"JoinHandle.Await": func(ctx context.Context, stuck bool) error {
			_, err := other(stuck).Await(ctx)
			return err
		},
		"JoinHandle.Future": func(ctx context.Context, stuck bool) error {
			_, err := future.Await(ctx, other(stuck).Future())
			return err
		},
		"JoinSet.Next": func(ctx context.Context, stuck bool) error {
			var set task.JoinSet[int]
			set.Add(other(stuck))
			_, ok, err := set.Next(ctx)
			if ok == stuck || set.Len() == 1 != stuck {
				return assert.AnError // it has to stay in the set, or to leave it
			}
			return err
		},
		"JoinSet.NextHandle": func(ctx context.Context, stuck bool) error {
			var set task.JoinSet[int]
			set.Add(other(stuck))
			_, err := set.NextHandle(ctx)
			return err
		},
		"JoinSet.Next of an empty set": func(ctx context.Context, stuck bool) error {
			if stuck {
				return ctx.Err() // it never is
			}
			_, _, err := new(task.JoinSet[int]).Next(ctx)
			return err
		},
		"Sleep": func(ctx context.Context, stuck bool) error {
			if stuck {
				return task.Sleep(ctx, time.Hour)
			}
			return task.Sleep(ctx, 0)
		},
		"future.Await": func(ctx context.Context, stuck bool) error {
			f := future.Ready(7)
			if stuck {
				f = future.Pending[int]()
			}
			_, err := future.Await(ctx, f)
			return err
		},
	}
}

// An ended context still gets one try, on a goroutine and in a task of each kind. Then its
// error is the result.
func TestAContextThatEndedBeforeTheCallGetsOneTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		elsewhere, here := start(t), start(t, task.WithWorkers(1), task.WithStallRelief(0))
		for name, call := range waitingCalls(elsewhere) {
			for where, run := range map[string]func(fn func(ctx context.Context)){
				"a goroutine": func(fn func(ctx context.Context)) { fn(context.Background()) },
				"a function":  func(fn func(ctx context.Context)) { in(t, task.Spawn[int], here, fn) },
				"blocking":    func(fn func(ctx context.Context)) { in(t, task.SpawnBlocking[int], here, fn) },
				"BlockOn": func(fn func(ctx context.Context)) {
					_, err := task.BlockOn(here, func(ctx context.Context) (int, error) { fn(ctx); return 0, nil })
					assert.NoError(t, err)
				},
			} {
				run(func(ctx context.Context) {
					cancelled, cancel := context.WithCancel(ctx)
					cancel()
					late, stop := context.WithDeadline(ctx, time.Now().Add(-time.Second))
					defer stop()
					for why, ctx := range map[error]context.Context{context.Canceled: cancelled, context.DeadlineExceeded: late} {
						assert.NoError(t, call(ctx, false), "%s in %s: it was possible", name, where)
						assert.Equal(t, why, call(ctx, true), "%s in %s", name, where)
					}
				})
			}
		}
		works(t, here, 1)
	})
}

// in runs fn as a task and waits for it.
func in(t *testing.T, spawn func(context.Context, func(context.Context) (int, error), ...task.SpawnOption) *task.JoinHandle[int],
	ctx context.Context, fn func(ctx context.Context),
) {
	t.Helper()
	h := spawn(ctx, func(ctx context.Context) (int, error) { fn(ctx); return 0, nil })
	_, err := h.Await(context.Background())
	assert.NoError(t, err)
}

// In a task that was cancelled itself, before it makes the call.
func TestATaskThatWasCancelledGetsOneTryToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		elsewhere, here := start(t), start(t, task.WithWorkers(1), task.WithStallRelief(0))
		for name, call := range waitingCalls(elsewhere) {
			h := task.Go(here, func(ctx context.Context) error {
				<-ctx.Done()
				assert.NoError(t, call(ctx, false), "%s: it was possible", name)
				assert.Equal(t, context.Canceled, call(ctx, true), name)
				return nil
			})
			synctest.Wait()
			h.Cancel()
			_, err := h.Await(context.Background())
			assert.NoError(t, err)
		}
		works(t, here, 1)
	})
}

// These two have nothing to try: one has done its work when it looks at the context, the
// other needs a place.
func TestYieldNowAndBlockOnUnderAnEndedContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := start(t, task.WithWorkers(1), task.WithStallRelief(0))
		cancelled, cancel := context.WithCancel(ctx)
		cancel()
		late, stop := context.WithDeadline(ctx, time.Now().Add(-time.Second))
		defer stop()
		for why, ended := range map[error]context.Context{context.Canceled: cancelled, context.DeadlineExceeded: late} {
			assert.Equal(t, why, task.YieldNow(ended))
			_, err := task.Go(ctx, func(ctx context.Context) error {
				own, cancel := context.WithCancel(ctx)
				cancel()
				assert.Equal(t, context.Canceled, task.YieldNow(own))
				return nil
			}).Await(ctx)
			assert.NoError(t, err)

			block := func() (int, error) {
				return task.BlockOn(ended, func(ctx context.Context) (int, error) { return 7, ctx.Err() })
			}
			synctest.Wait() // until the worker has gone
			v, err := block()
			assert.Equal(t, why, err, "of the function, which runs: there is a place")
			assert.Equal(t, 7, v)
			gate := make(chan struct{})
			hog := task.Go(ctx, func(context.Context) error { <-gate; return nil })
			synctest.Wait()
			v, err = block()
			require.ErrorIs(t, err, why, "it does not run: there is none")
			require.Zero(t, v)
			close(gate)
			ends(t, hog.Done())
		}
		works(t, ctx, 1)
	})
}
