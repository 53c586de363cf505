package channels

import (
	"context"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/benchmarks/bench"
)

// awaited is a channel of package async, awaited by goroutines or by tasks, whose context says
// which. Each side has a handle of its own.
type awaited struct {
	tx *async.Sender[uint64]
	rx *async.Receiver[uint64]
}

func handoffAsync(capacity int) link {
	if capacity == unbounded {
		tx, rx := async.Unbounded[uint64]()
		return &awaited{tx, rx}
	}
	tx, rx := async.Bounded[uint64](capacity)
	return &awaited{tx, rx}
}

func (a *awaited) seq(ctx context.Context, n uint64) (sum uint64) {
	for v := uint64(1); v <= n; v++ {
		bench.OK(a.tx.Send(v).Await(ctx))
		sum += bench.Must(a.rx.Recv().Await(ctx))
	}
	return sum
}

func (a *awaited) produce(ctx context.Context, n uint64) {
	tx := a.tx.Clone()
	defer tx.Drop()
	for v := uint64(1); v <= n; v++ {
		bench.OK(tx.Send(v).Await(ctx))
	}
}

func (a *awaited) consume(ctx context.Context, n uint64) (sum uint64) {
	rx := a.rx.Clone()
	defer rx.Drop()
	for range n {
		sum += bench.Must(rx.Recv().Await(ctx))
	}
	return sum
}

func (a *awaited) send(ctx context.Context, v uint64) { bench.OK(a.tx.Send(v).Await(ctx)) }
func (a *awaited) recv(ctx context.Context) uint64    { return bench.Must(a.rx.Recv().Await(ctx)) }

func (a *awaited) sendMany(ctx context.Context, vs []uint64) {
	bench.Must(a.tx.SendMany(vs).Await(ctx))
}

func (a *awaited) recvMany(ctx context.Context, buf []uint64) int {
	return bench.Must(a.rx.RecvMany(buf).Await(ctx))
}

func (a *awaited) end() {
	a.tx.Drop()
	a.rx.Drop()
}
