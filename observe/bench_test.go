package observe_test

import (
	"context"
	"testing"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/observe"
	"github.com/handoff-go/handoff/sync/mpsc"
	"github.com/handoff-go/handoff/task"
)

// What observing costs, at each level.
func BenchmarkObserved(b *testing.B) {
	for name, o := range map[string]*observe.Options{"off": nil, "counts": {}, "events": {Events: 1 << 12}} {
		b.Run("level="+name, func(b *testing.B) {
			if o != nil {
				defer observe.Enable(*o)()
			}
			b.Run("send and receive", func(b *testing.B) {
				tx, rx := mpsc.Channel[int]()
				defer rx.Drop()
				defer tx.Drop()
				b.ReportAllocs()
				for b.Loop() {
					_ = tx.Send(1)
					_, _ = rx.Recv()
				}
			})
			b.Run("make and drop", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					tx, rx := async.Bounded[int](1)
					tx.Drop()
					rx.Drop()
				}
			})
			rt, err := task.New(task.WithWorkers(1))
			if err != nil {
				b.Fatal(err)
			}
			defer rt.Shutdown(context.Background())
			ctx := rt.Context(context.Background())
			b.Run("spawn and await", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					_, _ = task.SpawnFuture(ctx, future.Ready(1)).Await(ctx)
				}
			})
			b.Run("ping-pong", func(b *testing.B) {
				pingpong(b, ctx)
			})
		})
	}
}

// pingpong sends a message to and fro between two tasks, which wait for each.
func pingpong(b *testing.B, ctx context.Context) {
	there, pings := async.Bounded[int](1)
	back, pongs := async.Bounded[int](1)
	echo := task.SpawnFuture(ctx, async.Pipe(pings, back, func(_ context.Context, n int) (int, error) { return n, nil }))
	b.ReportAllocs()
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
