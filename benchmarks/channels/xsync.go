package channels

import (
	"context"
	"runtime"

	"github.com/puzpuzpuz/xsync/v4"
)

func xsyncSPSC(capacity int) link { return &spsc{xsync.NewSPSCQueue[uint64](capacity)} }
func xsyncMPMC(capacity int) link { return &mpmc{xsync.NewMPMCQueue[uint64](capacity)} }
func xsyncUMPSC(int) link         { return &umpsc{xsync.NewUMPSCQueue[uint64]()} }

// spsc waits for a bounded queue in the only way there is, by trying again. That takes a
// processor as long as it lasts, which no other peer does.
type spsc struct{ q *xsync.SPSCQueue[uint64] }

func (p *spsc) seq(_ context.Context, n uint64) (sum uint64) {
	for v := uint64(1); v <= n; v++ {
		p.enqueue(v)
		sum += p.dequeue()
	}
	return sum
}

func (p *spsc) produce(_ context.Context, n uint64) {
	for v := uint64(1); v <= n; v++ {
		p.enqueue(v)
	}
}

func (p *spsc) consume(_ context.Context, n uint64) (sum uint64) {
	for range n {
		sum += p.dequeue()
	}
	return sum
}

func (p *spsc) enqueue(v uint64) {
	for !p.q.TryEnqueue(v) {
		runtime.Gosched()
	}
}

func (p *spsc) dequeue() uint64 {
	for {
		if v, ok := p.q.TryDequeue(); ok {
			return v
		}
		runtime.Gosched()
	}
}

func (p *spsc) send(_ context.Context, v uint64) { p.enqueue(v) }
func (p *spsc) recv(context.Context) uint64      { return p.dequeue() }
func (p *spsc) sendMany(_ context.Context, vs []uint64) {
	for _, v := range vs {
		p.enqueue(v)
	}
}

func (p *spsc) recvMany(_ context.Context, buf []uint64) int {
	for i := range buf {
		buf[i] = p.dequeue()
	}
	return len(buf)
}

func (p *spsc) end() {}

// mpmc does the same with the queue for several producers and consumers. A type parameter would
// save these lines, and call through a dictionary for each message.
type mpmc struct{ q *xsync.MPMCQueue[uint64] }

func (p *mpmc) seq(_ context.Context, n uint64) (sum uint64) {
	for v := uint64(1); v <= n; v++ {
		p.enqueue(v)
		sum += p.dequeue()
	}
	return sum
}

func (p *mpmc) produce(_ context.Context, n uint64) {
	for v := uint64(1); v <= n; v++ {
		p.enqueue(v)
	}
}

func (p *mpmc) consume(_ context.Context, n uint64) (sum uint64) {
	for range n {
		sum += p.dequeue()
	}
	return sum
}

func (p *mpmc) enqueue(v uint64) {
	for !p.q.TryEnqueue(v) {
		runtime.Gosched()
	}
}

func (p *mpmc) dequeue() uint64 {
	for {
		if v, ok := p.q.TryDequeue(); ok {
			return v
		}
		runtime.Gosched()
	}
}

func (p *mpmc) send(_ context.Context, v uint64) { p.enqueue(v) }
func (p *mpmc) recv(context.Context) uint64      { return p.dequeue() }
func (p *mpmc) sendMany(_ context.Context, vs []uint64) {
	for _, v := range vs {
		p.enqueue(v)
	}
}

func (p *mpmc) recvMany(_ context.Context, buf []uint64) int {
	for i := range buf {
		buf[i] = p.dequeue()
	}
	return len(buf)
}

func (p *mpmc) end() {}

// umpsc is the unbounded queue, whose consumer waits.
type umpsc struct{ q *xsync.UMPSCQueue[uint64] }

func (u *umpsc) seq(_ context.Context, n uint64) (sum uint64) {
	for v := uint64(1); v <= n; v++ {
		u.q.Enqueue(v)
		sum += u.q.Dequeue()
	}
	return sum
}

func (u *umpsc) produce(_ context.Context, n uint64) {
	for v := uint64(1); v <= n; v++ {
		u.q.Enqueue(v)
	}
}

func (u *umpsc) consume(_ context.Context, n uint64) (sum uint64) {
	for range n {
		sum += u.q.Dequeue()
	}
	return sum
}

func (u *umpsc) send(_ context.Context, v uint64) { u.q.Enqueue(v) }
func (u *umpsc) recv(context.Context) uint64      { return u.q.Dequeue() }
func (u *umpsc) sendMany(_ context.Context, vs []uint64) {
	for _, v := range vs {
		u.q.Enqueue(v)
	}
}

func (u *umpsc) recvMany(_ context.Context, buf []uint64) int {
	for i := range buf {
		buf[i] = u.q.Dequeue()
	}
	return len(buf)
}

func (u *umpsc) end() {}
