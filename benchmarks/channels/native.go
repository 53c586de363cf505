package channels

import (
	"context"

	"github.com/gammazero/chanqueue"
	"github.com/smallnest/chanx"
)

// pipe is a peer that is used through native channels: one to send to, one to receive from.
type pipe struct {
	in  chan<- uint64
	out <-chan uint64
}

// native is the native chan.
func native(capacity int) link {
	if capacity == unbounded {
		capacity = 128
	}
	ch := make(chan uint64, capacity)
	return &pipe{ch, ch}
}

func chanX(int) link {
	c := chanx.NewUnboundedChan[uint64](context.Background(), 128)
	return &pipe{c.In, c.Out}
}

func chanQueue(capacity int) link {
	if capacity == unbounded {
		q := chanqueue.New[uint64]()
		return &pipe{q.In(), q.Out()}
	}
	q := chanqueue.New(chanqueue.WithCapacity[uint64](capacity))
	return &pipe{q.In(), q.Out()}
}

func (p *pipe) seq(_ context.Context, n uint64) (sum uint64) {
	for v := uint64(1); v <= n; v++ {
		p.in <- v
		sum += <-p.out
	}
	return sum
}

func (p *pipe) produce(_ context.Context, n uint64) {
	for v := uint64(1); v <= n; v++ {
		p.in <- v
	}
}

func (p *pipe) consume(_ context.Context, n uint64) (sum uint64) {
	for range n {
		sum += <-p.out
	}
	return sum
}

func (p *pipe) send(_ context.Context, v uint64) { p.in <- v }
func (p *pipe) recv(context.Context) uint64      { return <-p.out }
func (p *pipe) sendMany(_ context.Context, vs []uint64) {
	for _, v := range vs {
		p.in <- v
	}
}

func (p *pipe) recvMany(_ context.Context, buf []uint64) int {
	for i := range buf {
		buf[i] = <-p.out
	}
	return len(buf)
}

// end closes the channel, at which the goroutine that some peers have behind it ends.
func (p *pipe) end() {
	close(p.in)
	for range p.out {
	}
}
