package tasks

import (
	"context"
	"strconv"
	"time"

	"github.com/alitto/pond/v2"
	"github.com/panjf2000/ants/v2"
	"github.com/sourcegraph/conc/pool"
	"golang.org/x/sync/errgroup"

	"github.com/handoff-go/handoff/benchmarks/bench"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

// width is how many parts one job has.
const width = 16

func fanOut() bench.Scenario {
	return bench.Scenario{
		Name:    "fan-out",
		Text:    "A job is split into 16 tasks, and their results are collected and added up. Time for one task.",
		Metrics: []string{"ns/task"},
		Base:    "go",
		Args:    []string{"fan-out", "0", strconv.Itoa(width), "1", "8"},
		Peers: []bench.Peer{
			{Name: "go", Run: fans(func() (sum int) {
				out := make(chan int, width)
				for i := range width {
					go func() { out <- i }()
				}
				for range width {
					sum += <-out
				}
				return sum
			})},
			{Name: "errgroup", Run: fans(func() int {
				var g errgroup.Group
				out := make([]int, width)
				for i := range width {
					g.Go(func() error { out[i] = i; return nil })
				}
				bench.OK(g.Wait())
				return sum(out)
			})},
			{Name: "ants", Run: func(n int) ([]float64, error) {
				p, err := ants.NewPool(-1)
				if err != nil {
					return nil, err
				}
				defer p.Release()
				return fans(func() (sum int) {
					out := make(chan int, width)
					for i := range width {
						bench.OK(p.Submit(func() { out <- i }))
					}
					for range width {
						sum += <-out
					}
					return sum
				})(n)
			}},
			{Name: "pond", Run: func(n int) ([]float64, error) {
				p := pond.NewResultPool[int](0)
				defer p.StopAndWait()
				return fans(func() int {
					g := p.NewGroup()
					for i := range width {
						g.Submit(func() int { return i })
					}
					return sum(bench.Must(g.Wait()))
				})(n)
			}},
			{Name: "conc", Run: fans(func() int {
				p := pool.NewWithResults[int]()
				for i := range width {
					p.Go(func() int { return i })
				}
				return sum(p.Wait())
			})},
			{Name: "handoff polled", Ours: true, Run: func(n int) ([]float64, error) {
				return inRuntime(func(ctx context.Context) ([]float64, error) {
					return fans(func() (sum int) {
						var handles [width]*task.JoinHandle[int]
						for i := range handles {
							handles[i] = task.SpawnFuture(ctx, future.Ready(i))
						}
						for _, h := range handles {
							sum += bench.Must(h.Await(ctx))
						}
						return sum
					})(n)
				})
			}},
			{Name: "handoff function", Ours: true, Run: func(n int) ([]float64, error) {
				return inRuntime(func(ctx context.Context) ([]float64, error) {
					return fans(func() (sum int) {
						var set task.JoinSet[int]
						for i := range width {
							set.Spawn(ctx, func(context.Context) (int, error) { return i, nil })
						}
						for {
							v, ok, err := set.Next(ctx)
							bench.OK(err)
							if !ok {
								return sum
							}
							sum += v
						}
					})(n)
				})
			}},
		},
	}
}

func fans(run func() int) func(n int) ([]float64, error) {
	return func(n int) ([]float64, error) {
		total := run() // warm
		jobs := (n + width - 1) / width
		start := time.Now()
		for range jobs {
			total += run()
		}
		ns := bench.PerOperation(start, jobs*width)
		return []float64{ns}, bench.Check("sum", total, (jobs+1)*width*(width-1)/2)
	}
}
