package task_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

type page struct{ mem [1 << 20]byte }

// collected fails t if the collector does not find that p is garbage.
func collected(t *testing.T, what string, p weak.Pointer[page]) {
	t.Helper()
	limit := within(t)
	for p.Value() != nil && limit.Err() == nil {
		runtime.GC()
		time.Sleep(time.Millisecond) // for what still runs to let it go
	}
	require.Nil(t, p.Value(), "%s is kept", what)
}

// The result, the function and the local values of a task are garbage when the task has ended
// and its handle was dropped, also while tasks live that it spawned.
func TestATaskThatLivesKeepsNothingOfTheOneThatSpawnedIt(t *testing.T) {
	local := task.NewLocal[*page](nil)
	type parts struct{ result, body, local weak.Pointer[page] }
	spawns := map[string]func(ctx context.Context, body *page, kids func(context.Context)) *task.JoinHandle[*page]{
		"Spawn": func(ctx context.Context, body *page, kids func(context.Context)) *task.JoinHandle[*page] {
			return task.Spawn(ctx, func(ctx context.Context) (*page, error) {
				local.Set(ctx, new(page))
				kids(ctx)
				body.mem[0] = 1
				return new(page), nil
			})
		},
		"SpawnBlocking": func(ctx context.Context, body *page, kids func(context.Context)) *task.JoinHandle[*page] {
			return task.SpawnBlocking(ctx, func(ctx context.Context) (*page, error) {
				local.Set(ctx, new(page))
				kids(ctx)
				body.mem[0] = 1
				return new(page), nil
			})
		},
		"SpawnFuture": func(ctx context.Context, body *page, kids func(context.Context)) *task.JoinHandle[*page] {
			return task.SpawnFuture(ctx, future.PollFunc(func(cx *future.Context) (*page, bool, error) {
				local.Set(cx.Context, new(page))
				kids(cx.Context)
				body.mem[0] = 1
				return new(page), true, nil
			}))
		},
	}
	kinds := map[string]func(ctx context.Context, end <-chan struct{}){
		"functions": func(ctx context.Context, end <-chan struct{}) {
			task.Go(ctx, func(ctx context.Context) error { _, err := future.Await(ctx, chanClosed(end)); return err }).Drop()
		},
		"futures": func(ctx context.Context, end <-chan struct{}) { task.SpawnFuture(ctx, chanClosed(end)).Drop() },
		"blocking tasks": func(ctx context.Context, end <-chan struct{}) {
			task.SpawnBlocking(ctx, func(context.Context) (int, error) { <-end; return 0, nil }).Drop()
		},
	}
	for way, spawn := range spawns {
		for kind, kid := range kinds {
			for _, n := range []int{1, 2, 3} {
				t.Run(fmt.Sprintf("%s/%d %s", way, n, kind), func(t *testing.T) {
					above, cancel := context.WithCancel(start(t))
					defer cancel()
					end := make(chan struct{})
					defer close(end)
					p := func() (p parts) {
						body := new(page)
						p.body = weak.Make(body)
						h := spawn(above, body, func(ctx context.Context) {
							v, _ := local.Get(ctx)
							p.local = weak.Make(v)
							for range n {
								kid(ctx, end)
							}
						})
						v, err := h.Await(within(t))
						require.NoError(t, err)
						p.result = weak.Make(v)
						return p
					}()
					collected(t, "the result", p.result)
					collected(t, "the body", p.body)
					collected(t, "the local value", p.local)
				})
			}
		}
	}
}
