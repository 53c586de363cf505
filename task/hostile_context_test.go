package task_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

// endless is a context with a Done of its own, whose Err is given.
type endless struct {
	context.Context

	done chan struct{}
	err  func() error
}

func (e endless) Done() <-chan struct{} { return e.done }
func (e endless) Err() error            { return e.err() }

// Package context asks a foreign context for Err on a goroutine of its own, where a panic
// ends the process.
func TestAForeignContextThatMisbehavesAtItsEndEndsItsTasksAlone(t *testing.T) {
	for name, at := range map[string]func() error{
		"a panic":           func() error { panic("Err") },
		"no error at all":   func() error { return nil },
		"a Goexit":          func() error { runtime.Goexit(); return nil },
		"an ordinary error": func() error { return context.Canceled },
	} {
		for _, seeded := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					opts := []task.Option{quiet(), task.WithPanicHandler(func(*task.PanicError) {})}
					if seeded {
						opts = append(opts, task.WithSeed(1))
					}
					rt, err := task.New(opts...)
					require.NoError(t, err)
					var ended atomic.Bool
					foreign := endless{context.Background(), make(chan struct{}), func() error {
						if ended.Load() {
							return at()
						}
						return nil
					}}
					h := task.SpawnFuture(rt.Context(foreign), future.Pending[int]())
					synctest.Wait()
					ended.Store(true)
					close(foreign.done)
					_, err = h.Await(context.Background())
					assert.Error(t, err)
					assert.NoError(t, rt.Shutdown(context.Background()))
				})
			})
		}
	}
}

func TestAContextThatAlwaysEndsItsGoroutineLosesNoTask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt, err := task.New(quiet(), task.WithWorkers(1), task.WithPanicHandler(func(*task.PanicError) {}))
		require.NoError(t, err)
		var armed atomic.Bool
		ctx := rt.Context(endless{context.Background(), make(chan struct{}), func() error {
			if armed.Load() {
				runtime.Goexit()
			}
			return nil
		}})
		arm := func(context.Context) (int, error) { armed.Store(true); return 1, nil }
		for _, spawn := range []func() *task.JoinHandle[int]{
			func() *task.JoinHandle[int] { return task.Spawn(ctx, arm) },
			func() *task.JoinHandle[int] { return task.SpawnBlocking(ctx, arm) },
			func() *task.JoinHandle[int] {
				return task.SpawnFuture(ctx, future.PollFunc(func(cx *future.Context) (int, bool, error) {
					v, err := arm(cx)
					return v, true, err
				}), task.Named("in the tree"))
			},
		} {
			h := spawn()
			_, _ = h.Await(context.Background())
			armed.Store(false)
		}
		assert.NoError(t, rt.Shutdown(context.Background()))
	})
}
