package task_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
	"github.com/handoff-go/handoff/task/tasktest"
)

func cancelOneContext(ctx context.Context) (order []int) {
	own, cancel := context.WithCancel(ctx)
	var handles []*task.JoinHandle[int]
	for i := range 3 {
		handles = append(handles, task.Spawn(own, func(ctx context.Context) (int, error) {
			_, err := future.Await(ctx, future.Pending[int]())
			order = append(order, i)
			return 0, err
		}), task.Spawn(ctx, func(ctx context.Context) (int, error) {
			for range 3 {
				_ = task.YieldNow(ctx)
				order = append(order, 10+i)
			}
			return 0, nil
		}))
	}
	_ = task.YieldNow(ctx)
	cancel()
	for _, h := range handles {
		_, _ = h.Await(ctx)
	}
	return order
}

func cancelManyContexts(ctx context.Context) (order []int) {
	owner := task.Spawn(ctx, func(ctx context.Context) (int, error) {
		var handles []*task.JoinHandle[int]
		for i := range 4 {
			own, cancel := context.WithCancel(ctx)
			defer cancel()
			handles = append(handles, task.Spawn(own, func(ctx context.Context) (int, error) {
				_, err := future.Await(ctx, future.Pending[int]())
				order = append(order, i)
				return 0, err
			}))
		}
		for _, h := range handles {
			_, _ = h.Await(context.WithoutCancel(ctx))
		}
		return 0, nil
	})
	for range 20 {
		_ = task.YieldNow(ctx)
	}
	owner.Cancel()
	_, _ = owner.Await(ctx)
	return order
}

// cancelThroughValues is cancelManyContexts with values between the contexts.
func cancelThroughValues(ctx context.Context) (order []int) {
	owner := task.Spawn(ctx, func(ctx context.Context) (int, error) {
		var handles []*task.JoinHandle[int]
		for i := range 4 {
			own, cancel := context.WithCancel(context.WithValue(ctx, testKey{}, i))
			defer cancel()
			again, stop := context.WithCancel(context.WithValue(own, testKey{}, 10+i))
			defer stop()
			for j, under := range []context.Context{own, again} {
				handles = append(handles, task.Spawn(under, func(ctx context.Context) (int, error) {
					_, err := future.Await(ctx, future.Pending[int]())
					order = append(order, 10*i+j)
					return 0, err
				}))
			}
		}
		for _, h := range handles {
			_, _ = h.Await(context.WithoutCancel(ctx))
		}
		return 0, nil
	})
	for range 40 {
		_ = task.YieldNow(ctx)
	}
	owner.Cancel()
	_, _ = owner.Await(ctx)
	return order
}

func cancelASet(ctx context.Context) (order []int) {
	var set task.JoinSet[int]
	for i := range 8 {
		set.Spawn(ctx, func(ctx context.Context) (int, error) {
			_, err := future.Await(ctx, future.Pending[int]())
			order = append(order, i)
			return i, err
		})
	}
	for range 20 {
		_ = task.YieldNow(ctx)
	}
	set.CancelAll()
	for {
		v, ok, _ := set.Next(ctx)
		if !ok {
			return order
		}
		order = append(order, 100+v)
	}
}

// What a seed shows, it shows again, by itself as with HANDOFF_SEED: the orders depend on
// nothing else, and not all of them are the same.
func TestASeedDecidesEveryOrderOfCancels(t *testing.T) {
	for name, program := range map[string]func(context.Context) []int{
		"CancelAll":                       cancelASet,
		"WithCancel of WithValue":         cancelThroughValues,
		"one context, many tasks":         cancelOneContext,
		"WithCancel of a task's, in turn": cancelManyContexts,
	} {
		t.Run(name, func(t *testing.T) {
			run := func() (orders [][]int) {
				tasktest.Explore(t, 20, func(ctx context.Context) { orders = append(orders, program(ctx)) })
				return orders
			}
			first := run()
			for range 15 {
				require.Equal(t, first, run())
			}
			different := make(map[string]bool)
			for _, order := range first {
				different[fmt.Sprint(order)] = true
			}
			require.Greater(t, len(different), 1)
		})
	}
}

// At Shutdown the panic handler is called in the order of the tasks.
func TestPanicsAreReportedAtShutdownInTheOrderOfTheTasks(t *testing.T) {
	for range 5 {
		var got, want []any
		rt, err := task.New(task.WithSeed(1), task.WithPanicHandler(func(p *task.PanicError) { got = append(got, p.Value) }))
		require.NoError(t, err)
		ctx := rt.Context(context.Background())
		var handles []*task.JoinHandle[int]
		for i := range 20 {
			handles = append(handles, task.Spawn(ctx, func(context.Context) (int, error) { panic(i) }))
			want = append(want, i)
		}
		for _, h := range handles {
			ends(t, h.Done())
		}
		require.NoError(t, rt.Shutdown(within(t)))
		require.Equal(t, want, got)
		runtime.KeepAlive(handles)
	}
}

// A Race in a task draws from the seed under whichever context of the runtime.
func TestARaceUnderTheContextOfTheRuntimeDrawsFromTheSeed(t *testing.T) {
	run := func(seed uint64) (winners []int) {
		rt, err := task.New(task.WithSeed(seed))
		require.NoError(t, err)
		ctx := rt.Context(context.Background())
		h := task.Go(ctx, func(context.Context) error {
			for range 64 {
				won, err := future.Await(ctx, future.Race(future.Ready(0), future.Ready(1)))
				if err != nil {
					return err
				}
				winners = append(winners, won.Index)
			}
			return nil
		})
		_, err = h.Await(within(t))
		require.NoError(t, err)
		require.NoError(t, rt.Shutdown(within(t)))
		return winners
	}
	require.Equal(t, run(7), run(7))
	require.NotEqual(t, run(7), run(8))
}
