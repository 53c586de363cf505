package observe_test

import (
	"context"
	"sync"
	"testing"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/observe"
	"github.com/handoff-go/handoff/sync/mpsc"
	"github.com/handoff-go/handoff/task"
)

// What observing costs, at each level. The levels of a scenario run one after the other,
// so that benchstat -col /level compares neighbours.
func BenchmarkObserved(b *testing.B) {
	levels := []struct {
		name string
		o    *observe.Options
	}{{"off", nil}, {"counts", &observe.Options{}}, {"events", &observe.Options{Events: 1 << 12}}}
	for _, scenario := range []struct {
		name string
		run  func(*testing.B)
	}{
		{"seq", seq},
		{"unbounded-1", func(b *testing.B) { tx, rx := mpsc.Channel[int](); stream(b, 1, tx, rx) }},
		{"unbounded-4", func(b *testing.B) { tx, rx := mpsc.Channel[int](); stream(b, 4, tx, rx) }},
		{"bounded128-1", func(b *testing.B) { tx, rx := mpsc.SyncChannel[int](128); stream(b, 1, tx, rx) }},
		{"bounded128-4", func(b *testing.B) { tx, rx := mpsc.SyncChannel[int](128); stream(b, 4, tx, rx) }},
		{"make-and-drop", makeAndDrop},
		{"spawn-and-await", spawnAndAwait},
		{"ping-pong", pingPong},
	} {
		for _, level := range levels {
			b.Run(scenario.name+"/level="+level.name, func(b *testing.B) {
				if level.o != nil {
					defer observe.Enable(*level.o)()
				}
				b.ReportAllocs()
				scenario.run(b)
			})
		}
	}
}

func seq(b *testing.B) {
	tx, rx := mpsc.Channel[int]()
	defer rx.Drop()
	defer tx.Drop()
	for b.Loop() {
		_ = tx.Send(1)
		_, _ = rx.Recv()
	}
}

// sender is what a stream needs of both kinds of senders.
type sender[S any] interface {
	Send(v int) error
	Clone() S
	Drop()
}

// stream sends b.N messages from several goroutines to this one.
func stream[S sender[S]](b *testing.B, producers int, tx S, rx *mpsc.Receiver[int]) {
	defer rx.Drop()
	var wg sync.WaitGroup
	for range producers {
		mine := tx.Clone()
		wg.Go(func() {
			defer mine.Drop()
			for range b.N / producers {
				_ = mine.Send(1)
			}
		})
	}
	tx.Drop()
	for range rx.All() {
	}
	wg.Wait()
}

func makeAndDrop(b *testing.B) {
	for b.Loop() {
		tx, rx := async.Bounded[int](1)
		tx.Drop()
		rx.Drop()
	}
}

func spawnAndAwait(b *testing.B) {
	ctx := oneWorker(b)
	for b.Loop() {
		_, _ = task.SpawnFuture(ctx, future.Ready(1)).Await(ctx)
	}
}

func oneWorker(b *testing.B) context.Context {
	rt, err := task.New(task.WithWorkers(1))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = rt.Shutdown(context.Background()) })
	return rt.Context(context.Background())
}

// pingPong sends a message to and fro between two tasks, which wait for each.
func pingPong(b *testing.B) {
	ctx := oneWorker(b)
	there, pings := async.Bounded[int](1)
	back, pongs := async.Bounded[int](1)
	echo := task.SpawnFuture(ctx, async.Pipe(pings, back, func(_ context.Context, n int) (int, error) { return n, nil }))
	_, _ = task.BlockOn(ctx, func(ctx context.Context) (struct{}, error) {
		for b.Loop() {
			_ = there.Send(1).Await(ctx)
			_, _ = pongs.Recv().Await(ctx)
		}
		there.Drop()
		pongs.Drop()
		return echo.Await(ctx)
	})
}
