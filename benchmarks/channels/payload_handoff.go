package channels

import (
	"context"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/benchmarks/bench"
	"github.com/handoff-go/handoff/sync/mpsc"
)

func carryMPSC[T any](capacity int) link {
	if capacity == unbounded {
		tx, rx := mpsc.Channel[T]()
		return &unboundedOf[T]{pack[T](), tx, rx}
	}
	tx, rx := mpsc.SyncChannel[T](capacity)
	return &boundedOf[T]{pack[T](), tx, rx}
}

// unboundedOf is an unbounded channel of package mpsc.
type unboundedOf[T any] struct {
	parcels[T]
	tx *mpsc.Sender[T]
	rx *mpsc.Receiver[T]
}

func (p *unboundedOf[T]) seq(_ context.Context, n uint64) (sum uint64) {
	for v := uint64(1); v <= n; v++ {
		bench.OK(p.tx.Send(p.at(v)))
		m := bench.Must(p.rx.Recv())
		sum += first(&m)
	}
	return sum
}

func (p *unboundedOf[T]) produce(_ context.Context, n uint64) {
	tx := p.tx.Clone()
	defer tx.Drop()
	for v := uint64(1); v <= n; v++ {
		bench.OK(tx.Send(p.at(v)))
	}
}

func (p *unboundedOf[T]) consume(_ context.Context, n uint64) (sum uint64) {
	for range n {
		m := bench.Must(p.rx.Recv())
		sum += first(&m)
	}
	return sum
}

func (p *unboundedOf[T]) end() {
	p.tx.Drop()
	p.rx.Drop()
}

// boundedOf is a bounded channel of package mpsc.
type boundedOf[T any] struct {
	parcels[T]
	tx *mpsc.SyncSender[T]
	rx *mpsc.Receiver[T]
}

func (p *boundedOf[T]) seq(_ context.Context, n uint64) (sum uint64) {
	for v := uint64(1); v <= n; v++ {
		bench.OK(p.tx.Send(p.at(v)))
		m := bench.Must(p.rx.Recv())
		sum += first(&m)
	}
	return sum
}

func (p *boundedOf[T]) produce(_ context.Context, n uint64) {
	tx := p.tx.Clone()
	defer tx.Drop()
	for v := uint64(1); v <= n; v++ {
		bench.OK(tx.Send(p.at(v)))
	}
}

func (p *boundedOf[T]) consume(_ context.Context, n uint64) (sum uint64) {
	for range n {
		m := bench.Must(p.rx.Recv())
		sum += first(&m)
	}
	return sum
}

func (p *boundedOf[T]) end() {
	p.tx.Drop()
	p.rx.Drop()
}

func carryAsync[T any](capacity int) link {
	tx, rx := async.Unbounded[T]()
	if capacity != unbounded {
		tx, rx = async.Bounded[T](capacity)
	}
	return &awaitedOf[T]{pack[T](), tx, rx}
}

// awaitedOf is a channel of package async, awaited.
type awaitedOf[T any] struct {
	parcels[T]
	tx *async.Sender[T]
	rx *async.Receiver[T]
}

func (p *awaitedOf[T]) seq(ctx context.Context, n uint64) (sum uint64) {
	for v := uint64(1); v <= n; v++ {
		bench.OK(p.tx.Send(p.at(v)).Await(ctx))
		m := bench.Must(p.rx.Recv().Await(ctx))
		sum += first(&m)
	}
	return sum
}

func (p *awaitedOf[T]) produce(ctx context.Context, n uint64) {
	tx := p.tx.Clone()
	defer tx.Drop()
	for v := uint64(1); v <= n; v++ {
		bench.OK(tx.Send(p.at(v)).Await(ctx))
	}
}

func (p *awaitedOf[T]) consume(ctx context.Context, n uint64) (sum uint64) {
	rx := p.rx.Clone()
	defer rx.Drop()
	for range n {
		m := bench.Must(rx.Recv().Await(ctx))
		sum += first(&m)
	}
	return sum
}

func (p *awaitedOf[T]) end() {
	p.tx.Drop()
	p.rx.Drop()
}
