package tasks

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/benchmarks/bench"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

func pingPong() bench.Scenario {
	return bench.Scenario{
		Name: "pingpong/tasks",
		Text: "One message goes to and fro between two tasks, over two channels of capacity 1. Time for one round trip. " +
			"The polled tasks are two ForEach; bare is two polled tasks with a mutex and a flag instead of the channels.",
		Metrics: []string{"ns/round trip"},
		Base:    "go",
		Args:    []string{"pingpong", "1", "1", "1", "8"},
		Peers: []bench.Peer{
			{Name: "go", Run: pingPongGo},
			{Name: "handoff polled", Ours: true, Run: pingPongPolled},
			{Name: "handoff polled, bare", Ours: true, Run: pingPongBare},
			{Name: "handoff function", Ours: true, Run: pingPongFunction},
		},
	}
}

func pingPongGo(n int) ([]float64, error) {
	ping, pong := make(chan int, 1), make(chan int, 1)
	start := time.Now()
	go func() {
		for v := range ping {
			pong <- v + 1
		}
	}()
	v := 0
	for range n {
		ping <- v
		v = <-pong
	}
	ns := bench.PerOperation(start, n)
	close(ping)
	return []float64{ns}, bench.Check("round trips", v, n)
}

func pingPongFunction(n int) ([]float64, error) {
	return inRuntime(func(ctx context.Context) ([]float64, error) {
		ping, prx := async.Bounded[int](1)
		pong, qrx := async.Bounded[int](1)
		start := time.Now()
		echo := task.Go(ctx, func(ctx context.Context) error {
			defer prx.Drop()
			defer pong.Drop()
			for v := range prx.All(ctx) {
				if err := pong.Send(v + 1).Await(ctx); err != nil {
					return err
				}
			}
			return nil
		})
		v, err := task.Spawn(ctx, func(ctx context.Context) (v int, err error) {
			defer ping.Drop()
			defer qrx.Drop()
			for range n {
				if err := ping.Send(v).Await(ctx); err != nil {
					return v, err
				}
				if v, err = qrx.Recv().Await(ctx); err != nil {
					return v, err
				}
			}
			return v, nil
		}).Await(ctx)
		ns := bench.PerOperation(start, n)
		_, eerr := echo.Await(ctx)
		return []float64{ns}, errors.Join(err, eerr, bench.Check("round trips", v, n))
	})
}

func pingPongPolled(n int) ([]float64, error) {
	return inRuntime(func(ctx context.Context) ([]float64, error) {
		ping, prx := async.Bounded[int](1)
		pong, qrx := async.Bounded[int](1)
		start := time.Now()
		echo := task.SpawnFuture(ctx, async.ForEach(prx, func(_ context.Context, v int) error {
			return pong.TrySend(v + 1)
		}))
		last := 0
		serve := task.SpawnFuture(ctx, async.ForEach(qrx, func(_ context.Context, v int) error {
			if last = v; v < n {
				return ping.TrySend(v)
			}
			ping.Drop()
			pong.Drop()
			return nil
		}))
		err := ping.TrySend(0)
		_, serr := serve.Await(ctx)
		ns := bench.PerOperation(start, n)
		_, eerr := echo.Await(ctx)
		return []float64{ns}, errors.Join(err, serr, eerr, bench.Check("round trips", last, n))
	})
}

func pingPongBare(n int) ([]float64, error) {
	return inRuntime(func(ctx context.Context) ([]float64, error) {
		var to, fro cell
		start := time.Now()
		a := task.SpawnFuture(ctx, player(&to, &fro, n))
		b := task.SpawnFuture(ctx, player(&fro, &to, n))
		to.put()
		x, err := a.Await(ctx)
		y, berr := b.Await(ctx)
		ns := bench.PerOperation(start, n)
		return []float64{ns}, errors.Join(err, berr, bench.Check("balls", x+y, 2*n))
	})
}

// cell holds a ball that two polled tasks pass to each other.
type cell struct {
	mu    sync.Mutex
	full  bool
	waker future.Waker
}

func (c *cell) put() {
	c.mu.Lock()
	c.full = true
	w := c.waker
	c.waker = nil
	c.mu.Unlock()
	if w != nil {
		w.Wake()
	}
}

func (c *cell) take(cx *future.Context) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.full {
		c.full = false
		return true
	}
	c.waker = cx.Waker()
	return false
}

// player takes the ball n times and puts it into the other cell each time.
func player(from, into *cell, n int) future.Future[int] {
	taken := 0
	return future.PollFunc(func(cx *future.Context) (int, bool, error) {
		for taken < n && from.take(cx) {
			taken++
			into.put()
		}
		return taken, taken == n, nil
	})
}
