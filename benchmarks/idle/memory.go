package idle

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"sync/atomic"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/benchmarks/bench"
	"github.com/handoff-go/handoff/benchmarks/stats"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

// functionCrowd bounds a crowd of function tasks, which take long to start and to end.
const functionCrowd = 10_000

func memory(n int) bench.Scenario {
	peers := []bench.Peer{
		{Name: "go", Run: weigh(goroutines)},
		{Name: "handoff polled, unbounded", Ours: true, Run: weigh(consumers(unbounded))},
		{Name: "handoff polled, capacity 1", Ours: true, Run: weigh(consumers(1))},
	}
	if n <= functionCrowd {
		peers = append(peers, bench.Peer{Name: "handoff function, capacity 1", Ours: true, Run: weigh(functions)})
	}
	return bench.Scenario{
		Name: fmt.Sprintf("memory/own channel/consumers=%d", n),
		Text: "Consumers wait, each on a channel of its own. Memory that the Go runtime holds for one of them, its channel included " +
			"(for Rust, what the process has in memory): before anything was sent, and when each has received one message and waits again.",
		Metrics: []string{"bytes/consumer", "bytes after a message"},
		Base:    "go", Count: n, Fresh: true, Rounds: rounds(n),
		Args:  []string{"memory", "0", "1", "1", "8"},
		Peers: peers,
	}
}

// rounds bounds how often a crowd is measured. A million takes seconds, and weighs the same each time.
func rounds(n int) int {
	if n > 100_000 {
		return stats.Spread
	}
	return 0
}

func sharedMemory(n int) bench.Scenario {
	var args []string
	if n <= 100_000 { // a million in Rust shows nothing more, and takes the time of a round
		args = []string{"memory shared", "0", "1", "1", "8"}
	}
	return bench.Scenario{
		Name:    fmt.Sprintf("memory/shared channel/consumers=%d", n),
		Text:    "The same with one channel that all of them wait on; what is sent goes to one of them.",
		Metrics: []string{"bytes/consumer", "bytes after a message"},
		Base:    "go", Count: n, Fresh: true, Rounds: rounds(n),
		Args: args,
		Peers: []bench.Peer{
			{Name: "go", Run: weigh(sharedGoroutines)},
			{Name: "handoff polled", Ours: true, Run: weigh(sharedConsumers)},
		},
	}
}

func promiseMemory() bench.Scenario {
	return bench.Scenario{
		Name:    "memory/promise/consumers=100000",
		Text:    "Each waits for a value that comes once: a goroutine on a channel, a polled task on a promise. After the message it has ended.",
		Metrics: []string{"bytes/consumer", "bytes after a message"},
		Base:    "go", Count: 100_000, Fresh: true,
		Args: []string{"memory promise", "0", "1", "1", "8"},
		Peers: []bench.Peer{
			{Name: "go", Run: weigh(onceGoroutines)},
			{Name: "handoff polled", Ours: true, Run: weigh(promises)},
		},
	}
}

// weigh starts n consumers and divides what the process holds more by n. What the measurement
// itself needs, one word for each consumer, was there before; got counts the messages received.
func weigh(start func(ends []any, got *atomic.Int64) crowd) func(n int) ([]float64, error) {
	return func(n int) ([]float64, error) {
		var got atomic.Int64
		ends := make([]any, n)
		before := held()
		c := start(ends, &got)
		err := until("all consumers wait", c.waiting)
		waiting := held()
		for i := range n {
			c.poke(i)
		}
		err = errors.Join(err, until("all messages are received", func() bool { return got.Load() == int64(n) }))
		after := held()
		per := func(bytes uint64) float64 { return max(0, float64(int64(bytes-before))) / float64(n) }
		return []float64{per(waiting), per(after)}, errors.Join(err, c.end())
	}
}

// held is what the process has from the system and has not given back, after everything was
// collected that can be. It is what the resident size would show without the program's own code.
func held() uint64 {
	debug.FreeOSMemory()
	samples := []metrics.Sample{
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
	}
	metrics.Read(samples)
	return samples[0].Value.Uint64() - samples[1].Value.Uint64()
}

// startGoroutines has them run for the life of a crowd. started reports that they are about to wait.
func startGoroutines(n int, run func(i int)) (wait func(), started func() bool) {
	var wg sync.WaitGroup
	var count atomic.Int64
	for i := range n {
		wg.Go(func() {
			count.Add(1)
			run(i)
		})
	}
	return wg.Wait, func() bool { return count.Load() == int64(n) }
}

func goroutines(ends []any, got *atomic.Int64) crowd {
	for i := range ends {
		ends[i] = make(chan int)
	}
	wait, started := startGoroutines(len(ends), func(i int) {
		for range ends[i].(chan int) {
			got.Add(1)
		}
	})
	return crowd{
		waiting: started,
		poke:    func(i int) { ends[i].(chan int) <- i },
		end: func() error {
			for _, ch := range ends {
				close(ch.(chan int))
			}
			wait()
			return nil
		},
	}
}

func onceGoroutines(ends []any, got *atomic.Int64) crowd {
	c := goroutines(ends, got)
	c.poke = func(i int) {
		ch := ends[i].(chan int)
		ch <- i
		close(ch)
		ends[i] = nil
	}
	c.end = func() error { return nil }
	return c
}

func sharedGoroutines(ends []any, got *atomic.Int64) crowd {
	ch := make(chan int)
	wait, started := startGoroutines(len(ends), func(int) {
		for range ch {
			got.Add(1)
		}
	})
	return crowd{
		waiting: started,
		poke:    func(i int) { ch <- i },
		end: func() error {
			close(ch)
			wait()
			return nil
		},
	}
}

func consumers(capacity int) func(ends []any, got *atomic.Int64) crowd {
	return func(ends []any, got *atomic.Int64) crowd {
		receive := func(context.Context, int) error { got.Add(1); return nil }
		_, c := inRuntime(len(ends), func(ctx context.Context, i int) {
			ends[i] = forEach(ctx, capacity, receive)
		})
		c.poke = func(i int) { bench.OK(ends[i].(*async.Sender[int]).TrySend(i)) }
		return c
	}
}

func sharedConsumers(ends []any, got *atomic.Int64) crowd {
	tx, rx := async.Unbounded[int]()
	receive := func(context.Context, int) error { got.Add(1); return nil }
	_, c := inRuntime(len(ends), func(ctx context.Context, _ int) {
		task.SpawnFuture(ctx, async.ForEach(rx.Clone(), receive)).Drop()
	})
	rx.Drop()
	c.poke = func(i int) { bench.OK(tx.TrySend(i)) }
	shutdown := c.end
	c.end = func() error {
		// All at once: receivers that leave one by one each look through those that still wait.
		tx.Close()
		return shutdown()
	}
	return c
}

func functions(ends []any, got *atomic.Int64) crowd {
	_, c := inRuntime(len(ends), func(ctx context.Context, i int) {
		tx, rx := async.Bounded[int](1)
		ends[i] = tx
		task.Go(ctx, func(ctx context.Context) error {
			defer rx.Drop()
			for range rx.All(ctx) {
				got.Add(1)
			}
			return nil
		}).Drop()
	})
	c.poke = func(i int) { bench.OK(ends[i].(*async.Sender[int]).TrySend(i)) }
	return c
}

func promises(ends []any, got *atomic.Int64) crowd {
	_, c := inRuntime(len(ends), func(ctx context.Context, i int) { ends[i] = promised(ctx) })
	c.poke = func(i int) {
		if ends[i].(*future.Promise[int]).Resolve(i) {
			got.Add(1)
		}
		ends[i] = nil
	}
	return c
}
