package channels

import (
	"context"
	"runtime"

	"github.com/puzpuzpuz/xsync/v4"
)

// spscOf waits by trying again, like spsc.
type spscOf[T any] struct {
	parcels[T]
	q *xsync.SPSCQueue[T]
}

func (p *spscOf[T]) seq(_ context.Context, n uint64) (sum uint64) {
	for v := uint64(1); v <= n; v++ {
		p.enqueue(p.at(v))
		m := p.dequeue()
		sum += first(&m)
	}
	return sum
}

func (p *spscOf[T]) produce(_ context.Context, n uint64) {
	for v := uint64(1); v <= n; v++ {
		p.enqueue(p.at(v))
	}
}

func (p *spscOf[T]) consume(_ context.Context, n uint64) (sum uint64) {
	for range n {
		m := p.dequeue()
		sum += first(&m)
	}
	return sum
}

func (p *spscOf[T]) end() {}

func (p *spscOf[T]) enqueue(v T) {
	for !p.q.TryEnqueue(v) {
		runtime.Gosched()
	}
}

func (p *spscOf[T]) dequeue() T {
	for {
		if v, ok := p.q.TryDequeue(); ok {
			return v
		}
		runtime.Gosched()
	}
}

// mpmcOf waits by trying again, like mpmc.
type mpmcOf[T any] struct {
	parcels[T]
	q *xsync.MPMCQueue[T]
}

func (p *mpmcOf[T]) seq(_ context.Context, n uint64) (sum uint64) {
	for v := uint64(1); v <= n; v++ {
		p.enqueue(p.at(v))
		m := p.dequeue()
		sum += first(&m)
	}
	return sum
}

func (p *mpmcOf[T]) produce(_ context.Context, n uint64) {
	for v := uint64(1); v <= n; v++ {
		p.enqueue(p.at(v))
	}
}

func (p *mpmcOf[T]) consume(_ context.Context, n uint64) (sum uint64) {
	for range n {
		m := p.dequeue()
		sum += first(&m)
	}
	return sum
}

func (p *mpmcOf[T]) end() {}

func (p *mpmcOf[T]) enqueue(v T) {
	for !p.q.TryEnqueue(v) {
		runtime.Gosched()
	}
}

func (p *mpmcOf[T]) dequeue() T {
	for {
		if v, ok := p.q.TryDequeue(); ok {
			return v
		}
		runtime.Gosched()
	}
}

// umpscOf is the unbounded queue.
type umpscOf[T any] struct {
	parcels[T]
	q *xsync.UMPSCQueue[T]
}

func (p *umpscOf[T]) seq(_ context.Context, n uint64) (sum uint64) {
	for v := uint64(1); v <= n; v++ {
		p.q.Enqueue(p.at(v))
		m := p.q.Dequeue()
		sum += first(&m)
	}
	return sum
}

func (p *umpscOf[T]) produce(_ context.Context, n uint64) {
	for v := uint64(1); v <= n; v++ {
		p.q.Enqueue(p.at(v))
	}
}

func (p *umpscOf[T]) consume(_ context.Context, n uint64) (sum uint64) {
	for range n {
		m := p.q.Dequeue()
		sum += first(&m)
	}
	return sum
}

func (p *umpscOf[T]) end() {}
