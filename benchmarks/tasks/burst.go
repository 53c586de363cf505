package tasks

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alitto/pond/v2"
	"github.com/panjf2000/ants/v2"
	"github.com/sourcegraph/conc"
	"golang.org/x/sync/errgroup"

	"github.com/handoff-go/handoff/benchmarks/bench"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

const burstSize = 1000

func burst() bench.Scenario {
	return bench.Scenario{
		Name:    "burst",
		Text:    "A thousand tasks are started and waited for together, again and again. Each adds one to a counter. Time for one of them.",
		Metrics: []string{"ns/task"},
		Base:    "go",
		Args:    []string{"burst", "1000", "1", "1", "8"},
		Peers: []bench.Peer{
			{Name: "go", Run: bursts(func(j *job) {
				j.wg.Add(burstSize)
				for range burstSize {
					go j.step()
				}
				j.wg.Wait()
			})},
			{Name: "errgroup", Run: bursts(func(j *job) {
				var g errgroup.Group
				for range burstSize {
					g.Go(j.count)
				}
				bench.OK(g.Wait())
			})},
			{Name: "ants", Run: burstAnts},
			{Name: "pond", Run: burstPond},
			{Name: "conc", Run: bursts(func(j *job) {
				var wg conc.WaitGroup
				for range burstSize {
					wg.Go(j.work)
				}
				wg.Wait()
			})},
			{Name: "handoff polled", Ours: true, Run: burstPolled},
			{Name: "handoff function", Ours: true, Run: burstFunction},
		},
	}
}

// job is what the tasks of a burst do, and how they are waited for where the peer has no wait
// of its own. The counter stands beside the WaitGroup: where both are used the second one costs
// next to nothing, and everything is checked.
type job struct {
	wg sync.WaitGroup
	n  atomic.Int64
}

func (j *job) work()                                            { j.n.Add(1) }
func (j *job) step()                                            { j.n.Add(1); j.wg.Done() }
func (j *job) count() error                                     { j.n.Add(1); return nil }
func (j *job) function(context.Context) (int, error)            { j.step(); return 0, nil }
func (j *job) Poll(*future.Context) (v int, ok bool, err error) { j.step(); return 0, true, nil }
func (j *job) Drop()                                            {}

// bursts runs one after the other. The first warms up whatever the peer keeps for later.
func bursts(run func(j *job)) func(n int) ([]float64, error) {
	return func(n int) ([]float64, error) {
		var j job
		run(&j)
		rounds := (n + burstSize - 1) / burstSize
		start := time.Now()
		for range rounds {
			run(&j)
		}
		ns := bench.PerOperation(start, rounds*burstSize)
		return []float64{ns}, bench.Check("tasks run", j.n.Load(), int64((rounds+1)*burstSize))
	}
}

func burstAnts(n int) ([]float64, error) {
	pool, err := ants.NewPool(-1)
	if err != nil {
		return nil, err
	}
	defer pool.Release()
	return bursts(func(j *job) {
		j.wg.Add(burstSize)
		step := j.step
		for range burstSize {
			bench.OK(pool.Submit(step))
		}
		j.wg.Wait()
	})(n)
}

func burstPond(n int) ([]float64, error) {
	pool := pond.NewPool(0)
	defer pool.StopAndWait()
	return bursts(func(j *job) {
		g := pool.NewGroup()
		work := j.work
		for range burstSize {
			g.Submit(work)
		}
		bench.OK(g.Wait())
	})(n)
}

func burstPolled(n int) ([]float64, error) {
	return inRuntime(func(ctx context.Context) ([]float64, error) {
		return bursts(func(j *job) {
			j.wg.Add(burstSize)
			for range burstSize {
				task.SpawnFuture[int](ctx, j)
			}
			j.wg.Wait()
		})(n)
	})
}

func burstFunction(n int) ([]float64, error) {
	return inRuntime(func(ctx context.Context) ([]float64, error) {
		return bursts(func(j *job) {
			j.wg.Add(burstSize)
			for range burstSize {
				task.Spawn(ctx, j.function)
			}
			j.wg.Wait()
		})(n)
	})
}
