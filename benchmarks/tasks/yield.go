package tasks

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/handoff-go/handoff/benchmarks/bench"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

func yield(tasks int) bench.Scenario {
	return bench.Scenario{
		Name:    fmt.Sprintf("yield/tasks=%d", tasks),
		Text:    fmt.Sprintf("%d tasks do nothing but let the others run. Time for one yield.", tasks),
		Metrics: []string{"ns/yield"},
		Base:    "go",
		Args:    []string{"yield", "0", strconv.Itoa(tasks), "1", "8"},
		Peers: []bench.Peer{
			{Name: "go", Run: yields(tasks, func(each int) (int, error) {
				done := make([]int, tasks)
				var wg sync.WaitGroup
				for i := range done {
					wg.Go(func() {
						for range each {
							runtime.Gosched()
							done[i]++
						}
					})
				}
				wg.Wait()
				return sum(done), nil
			})},
			{Name: "handoff polled", Ours: true, Run: yieldTasks(tasks, func(ctx context.Context, each int) *task.JoinHandle[int] {
				return task.SpawnFuture[int](ctx, &yielder{left: each})
			})},
			{Name: "handoff function", Ours: true, Run: yieldTasks(tasks, func(ctx context.Context, each int) *task.JoinHandle[int] {
				return task.Spawn(ctx, func(ctx context.Context) (n int, err error) {
					for range each {
						if err := task.YieldNow(ctx); err != nil {
							return n, err
						}
						n++
					}
					return n, nil
				})
			})},
		},
	}
}

func yields(tasks int, run func(each int) (int, error)) func(n int) ([]float64, error) {
	return func(n int) ([]float64, error) {
		each := (n + tasks - 1) / tasks
		start := time.Now()
		done, err := run(each)
		ns := bench.PerOperation(start, each*tasks)
		if err == nil {
			err = bench.Check("yields", done, each*tasks)
		}
		return []float64{ns}, err
	}
}

func yieldTasks(tasks int, spawn func(ctx context.Context, each int) *task.JoinHandle[int]) func(n int) ([]float64, error) {
	return func(n int) ([]float64, error) {
		return inRuntime(func(ctx context.Context) ([]float64, error) {
			return yields(tasks, func(each int) (total int, err error) {
				handles := make([]*task.JoinHandle[int], tasks)
				for i := range handles {
					handles[i] = spawn(ctx, each)
				}
				for _, h := range handles {
					n, err := h.Await(ctx)
					if err != nil {
						return 0, err
					}
					total += n
				}
				return total, nil
			})(n)
		})
	}
}

// yielder is a future that wakes itself and is polled again.
type yielder struct{ left, done int }

func (y *yielder) Poll(cx *future.Context) (int, bool, error) {
	if y.left == 0 {
		return y.done, true, nil
	}
	y.left--
	y.done++
	cx.Waker().Wake()
	return 0, false, nil
}

func (y *yielder) Drop() {}

func sum(vs []int) (n int) {
	for _, v := range vs {
		n += v
	}
	return n
}
