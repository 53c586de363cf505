package idle

import (
	"context"
	"time"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/benchmarks/bench"
	"github.com/handoff-go/handoff/sync/mpsc"
	"github.com/handoff-go/handoff/task"
)

// pause is long enough for every scheduler to have gone to sleep.
const pause = 3 * time.Millisecond

func wake() bench.Scenario {
	return bench.Scenario{
		Name: "wake",
		Text: "A message comes every 3 ms, when everything sleeps. Time from just before the send until the consumer has the message, " +
			"median and 99th percentile of a run.",
		Metrics: []string{"p50 ns", "p99 ns"},
		Base:    "go", Count: 100,
		Args: []string{"wake", "0", "1", "1", "8"},
		Peers: []bench.Peer{
			{Name: "go", Run: wakeGo},
			{Name: "handoff mpsc", Ours: true, Run: wakeMPSC},
			{Name: "handoff polled", Ours: true, Run: wakePolled},
			{Name: "handoff function", Ours: true, Run: wakeFunction},
		},
	}
}

// rouse sends n times after a pause. The consumer answers on heard with the time it took, so
// that no message is in flight when the next pause begins.
func rouse(n int, heard <-chan time.Duration, send func(time.Time)) []float64 {
	took := make([]float64, n)
	for i := range took {
		time.Sleep(pause)
		send(time.Now())
		took[i] = float64((<-heard).Nanoseconds())
	}
	return []float64{bench.Percentile(took, 0.5), bench.Percentile(took, 0.99)}
}

func wakeGo(n int) ([]float64, error) {
	ch, heard := make(chan time.Time), make(chan time.Duration, 1)
	go func() {
		for t := range ch {
			heard <- time.Since(t)
		}
	}()
	defer close(ch)
	return rouse(n, heard, func(t time.Time) { ch <- t }), nil
}

func wakeMPSC(n int) ([]float64, error) {
	tx, rx := mpsc.Channel[time.Time]()
	heard := make(chan time.Duration, 1)
	go func() {
		defer rx.Drop()
		for t := range rx.All() {
			heard <- time.Since(t)
		}
	}()
	defer tx.Drop()
	return rouse(n, heard, func(t time.Time) { bench.OK(tx.Send(t)) }), nil
}

func wakePolled(n int) ([]float64, error) {
	rt := bench.Must(task.New())
	tx, rx := async.Unbounded[time.Time]()
	heard := make(chan time.Duration, 1)
	task.SpawnFuture(rt.Context(background), async.ForEach(rx, func(_ context.Context, t time.Time) error {
		heard <- time.Since(t)
		return nil
	})).Drop()
	vs := rouse(n, heard, func(t time.Time) { bench.OK(tx.TrySend(t)) })
	tx.Drop()
	return vs, rt.Shutdown(background)
}

func wakeFunction(n int) ([]float64, error) {
	rt := bench.Must(task.New())
	tx, rx := async.Unbounded[time.Time]()
	heard := make(chan time.Duration, 1)
	task.Go(rt.Context(background), func(ctx context.Context) error {
		defer rx.Drop()
		for t := range rx.All(ctx) {
			heard <- time.Since(t)
		}
		return nil
	}).Drop()
	vs := rouse(n, heard, func(t time.Time) { bench.OK(tx.TrySend(t)) })
	tx.Drop()
	return vs, rt.Shutdown(background)
}
