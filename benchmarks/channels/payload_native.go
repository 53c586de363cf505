package channels

import (
	"context"

	"github.com/eapache/channels"
	"github.com/gammazero/chanqueue"
	"github.com/puzpuzpuz/xsync/v4"
	"github.com/smallnest/chanx"
)

// carriers are the links for messages of type T, by the name of the peer. They stand apart from
// those for words, which know their message and need no ring of them.
func carriers[T any]() map[string]func(capacity int) link {
	return map[string]func(capacity int) link{
		"chan":                 carryNative[T],
		"chanx":                carryChanX[T],
		"chanqueue":            carryChanQueue[T],
		"eapache":              carryEapache[T],
		"xsync spsc":           func(c int) link { return &spscOf[T]{pack[T](), xsync.NewSPSCQueue[T](c)} },
		"xsync mpmc":           func(c int) link { return &mpmcOf[T]{pack[T](), xsync.NewMPMCQueue[T](c)} },
		"xsync umpsc":          func(int) link { return &umpscOf[T]{pack[T](), xsync.NewUMPSCQueue[T]()} },
		"handoff mpsc":         carryMPSC[T],
		"handoff async":        carryAsync[T],
		"handoff async, tasks": carryAsync[T],
	}
}

// pipeOf is a native channel, or a pair of them with a library in between.
type pipeOf[T any] struct {
	parcels[T]
	in  chan<- T
	out <-chan T
}

func (p *pipeOf[T]) seq(_ context.Context, n uint64) (sum uint64) {
	for v := uint64(1); v <= n; v++ {
		p.in <- p.at(v)
		m := <-p.out
		sum += first(&m)
	}
	return sum
}

func (p *pipeOf[T]) produce(_ context.Context, n uint64) {
	for v := uint64(1); v <= n; v++ {
		p.in <- p.at(v)
	}
}

func (p *pipeOf[T]) consume(_ context.Context, n uint64) (sum uint64) {
	for range n {
		m := <-p.out
		sum += first(&m)
	}
	return sum
}

func (p *pipeOf[T]) end() {
	close(p.in)
	for range p.out {
	}
}

func carryNative[T any](capacity int) link {
	if capacity == unbounded {
		capacity = 128
	}
	ch := make(chan T, capacity)
	return &pipeOf[T]{pack[T](), ch, ch}
}

func carryChanX[T any](int) link {
	c := chanx.NewUnboundedChan[T](context.Background(), 128)
	return &pipeOf[T]{pack[T](), c.In, c.Out}
}

func carryChanQueue[T any](capacity int) link {
	q := chanqueue.New[T]()
	if capacity != unbounded {
		q = chanqueue.New(chanqueue.WithCapacity[T](capacity))
	}
	return &pipeOf[T]{pack[T](), q.In(), q.Out()}
}

// boxedOf puts each message into an interface value.
type boxedOf[T any] struct {
	parcels[T]
	ch  *channels.InfiniteChannel
	in  chan<- any
	out <-chan any
}

func (p *boxedOf[T]) seq(_ context.Context, n uint64) (sum uint64) {
	for v := uint64(1); v <= n; v++ {
		p.in <- p.at(v)
		m := (<-p.out).(T)
		sum += first(&m)
	}
	return sum
}

func (p *boxedOf[T]) produce(_ context.Context, n uint64) {
	for v := uint64(1); v <= n; v++ {
		p.in <- p.at(v)
	}
}

func (p *boxedOf[T]) consume(_ context.Context, n uint64) (sum uint64) {
	for range n {
		m := (<-p.out).(T)
		sum += first(&m)
	}
	return sum
}

func (p *boxedOf[T]) end() {
	p.ch.Close()
	for range p.out {
	}
}

func carryEapache[T any](int) link {
	ch := channels.NewInfiniteChannel()
	return &boxedOf[T]{pack[T](), ch, ch.In(), ch.Out()}
}
