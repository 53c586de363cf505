package tasks

import (
	"context"
	"time"

	"github.com/alitto/pond/v2"
	"github.com/panjf2000/ants/v2"
	"github.com/sourcegraph/conc"
	"golang.org/x/sync/errgroup"

	"github.com/handoff-go/handoff/benchmarks/bench"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

func spawnOutside() bench.Scenario {
	return bench.Scenario{
		Name:    "spawn/from a goroutine",
		Text:    "A goroutine starts one task and waits for its result, then the next one.",
		Metrics: []string{"ns/task"},
		Base:    "go",
		Args:    []string{"spawn", "0", "1", "1", "8"},
		Peers: []bench.Peer{
			{Name: "go", Run: spawns(goAwait)},
			{Name: "errgroup", Run: spawns(func() (v int) {
				var g errgroup.Group
				g.Go(func() error { v = 1; return nil })
				bench.OK(g.Wait())
				return v
			})},
			{Name: "ants", Run: spawnAnts},
			{Name: "pond", Run: spawnPond},
			{Name: "conc", Run: spawns(func() (v int) {
				var wg conc.WaitGroup
				wg.Go(func() { v = 1 })
				wg.Wait()
				return v
			})},
			{Name: "handoff polled", Ours: true, Run: func(n int) ([]float64, error) {
				return inRuntime(func(ctx context.Context) ([]float64, error) { return spawns(polledAwait(ctx))(n) })
			}},
			{Name: "handoff function", Ours: true, Run: func(n int) ([]float64, error) {
				return inRuntime(func(ctx context.Context) ([]float64, error) { return spawns(functionAwait(ctx))(n) })
			}},
		},
	}
}

func spawnInside() bench.Scenario {
	return bench.Scenario{
		Name:    "spawn/inside a task",
		Text:    "The same, from inside a task, which releases its worker while it waits. A goroutine is the same thing inside and outside.",
		Metrics: []string{"ns/task"},
		Base:    "go",
		Args:    []string{"spawn inside", "0", "1", "1", "8"},
		Peers: []bench.Peer{
			{Name: "go", Run: spawns(goAwait)},
			{Name: "handoff polled", Ours: true, Run: inTask(polledAwait)},
			{Name: "handoff function", Ours: true, Run: inTask(functionAwait)},
		},
	}
}

// spawns runs one task after the other and adds up what they return.
func spawns(await func() int) func(n int) ([]float64, error) {
	return func(n int) ([]float64, error) {
		sum := await() // warm
		start := time.Now()
		for range n {
			sum += await()
		}
		ns := bench.PerOperation(start, n)
		return []float64{ns}, bench.Check("results", sum, n+1)
	}
}

func inTask(await func(context.Context) func() int) func(n int) ([]float64, error) {
	return func(n int) ([]float64, error) {
		return inRuntime(func(ctx context.Context) ([]float64, error) {
			return task.BlockOn(ctx, func(ctx context.Context) ([]float64, error) {
				return spawns(await(ctx))(n)
			})
		})
	}
}

func goAwait() int {
	ch := make(chan int)
	go func() { ch <- 1 }()
	return <-ch
}

func functionAwait(ctx context.Context) func() int {
	return func() int { return bench.Must(task.Spawn(ctx, one).Await(ctx)) }
}

func polledAwait(ctx context.Context) func() int {
	return func() int { return bench.Must(task.SpawnFuture(ctx, future.Ready(1)).Await(ctx)) }
}

func spawnAnts(n int) ([]float64, error) {
	pool, err := ants.NewPool(-1)
	if err != nil {
		return nil, err
	}
	defer pool.Release()
	return spawns(func() int {
		ch := make(chan int)
		bench.OK(pool.Submit(func() { ch <- 1 }))
		return <-ch
	})(n)
}

func spawnPond(n int) ([]float64, error) {
	pool := pond.NewResultPool[int](0)
	defer pool.StopAndWait()
	return spawns(func() int {
		return bench.Must(pool.Submit(func() int { return 1 }).Wait())
	})(n)
}
