package task_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
	"github.com/handoff-go/handoff/task/tasktest"
)

// A cancel is part of the order that a seed decides, also where it comes through
// contexts that package context derived.
func TestACancelThroughDerivedContextsFollowsTheSeed(t *testing.T) {
	for name, program := range map[string]func(context.Context) []int{
		"one context, many tasks": cancelOneContext,
		"many contexts of a task": cancelManyContexts,
	} {
		t.Run(name, func(t *testing.T) {
			run := func() (orders [][]int) {
				tasktest.Explore(t, 20, func(ctx context.Context) { orders = append(orders, program(ctx)) })
				return orders
			}
			first := run()
			for range 10 {
				require.Equal(t, first, run())
			}
		})
	}
}

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
