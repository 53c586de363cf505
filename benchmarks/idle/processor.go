package idle

import (
	"errors"
	"math"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/handoff-go/handoff/benchmarks/bench"
)

// stillness is how long the idle processes are watched.
const stillness = 200 * time.Millisecond

func processor() bench.Scenario {
	return bench.Scenario{
		Name:    "idle processor/consumers=10000",
		Text:    "Consumers wait on channels of their own and nothing is sent. Processor time that the process uses in a second.",
		Metrics: []string{"µs/s"},
		Base:    "go", Count: 10_000, Fresh: true,
		Peers: []bench.Peer{
			{Name: "go", Run: watch(goroutines)},
			{Name: "handoff polled", Ours: true, Run: watch(consumers(unbounded))},
			{Name: "handoff function", Ours: true, Run: watch(functions)},
		},
	}
}

func watch(start func(ends []any, got *atomic.Int64) crowd) func(n int) ([]float64, error) {
	return func(n int) ([]float64, error) {
		var got atomic.Int64
		c := start(make([]any, n), &got)
		err := until("all consumers wait", c.waiting)
		runtime.GC()
		time.Sleep(stillness) // the collector, and workers that go home
		before, ok := processorTime()
		time.Sleep(stillness)
		after, _ := processorTime()
		used := float64((after - before).Microseconds()) / stillness.Seconds()
		if !ok {
			used = math.NaN()
		}
		return []float64{used}, errors.Join(err, c.end())
	}
}
