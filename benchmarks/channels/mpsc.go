package channels

import (
	"context"

	"github.com/handoff-go/handoff/benchmarks/bench"
	"github.com/handoff-go/handoff/sync/mpsc"
)

func handoffMPSC(capacity int) link {
	if capacity == unbounded {
		tx, rx := mpsc.Channel[uint64]()
		return &singleUnbounded{tx, rx}
	}
	tx, rx := mpsc.SyncChannel[uint64](capacity)
	return &singleBounded{tx, rx}
}

// singleUnbounded is an unbounded channel of package mpsc. Each producer has a handle of its own.
type singleUnbounded struct {
	tx *mpsc.Sender[uint64]
	rx *mpsc.Receiver[uint64]
}

func (s *singleUnbounded) seq(_ context.Context, n uint64) (sum uint64) {
	for v := uint64(1); v <= n; v++ {
		bench.OK(s.tx.Send(v))
		sum += bench.Must(s.rx.Recv())
	}
	return sum
}

func (s *singleUnbounded) produce(_ context.Context, n uint64) {
	tx := s.tx.Clone()
	defer tx.Drop()
	for v := uint64(1); v <= n; v++ {
		bench.OK(tx.Send(v))
	}
}

func (s *singleUnbounded) consume(_ context.Context, n uint64) (sum uint64) {
	for range n {
		sum += bench.Must(s.rx.Recv())
	}
	return sum
}

func (s *singleUnbounded) send(_ context.Context, v uint64)        { bench.OK(s.tx.Send(v)) }
func (s *singleUnbounded) recv(context.Context) uint64             { return bench.Must(s.rx.Recv()) }
func (s *singleUnbounded) sendMany(_ context.Context, vs []uint64) { bench.Must(s.tx.SendMany(vs)) }
func (s *singleUnbounded) recvMany(_ context.Context, b []uint64) int {
	return bench.Must(s.rx.RecvMany(b))
}

func (s *singleUnbounded) end() {
	s.tx.Drop()
	s.rx.Drop()
}

// singleBounded is a bounded one. A type parameter would save these lines, and call through a
// dictionary for each message.
type singleBounded struct {
	tx *mpsc.SyncSender[uint64]
	rx *mpsc.Receiver[uint64]
}

func (s *singleBounded) seq(_ context.Context, n uint64) (sum uint64) {
	for v := uint64(1); v <= n; v++ {
		bench.OK(s.tx.Send(v))
		sum += bench.Must(s.rx.Recv())
	}
	return sum
}

func (s *singleBounded) produce(_ context.Context, n uint64) {
	tx := s.tx.Clone()
	defer tx.Drop()
	for v := uint64(1); v <= n; v++ {
		bench.OK(tx.Send(v))
	}
}

func (s *singleBounded) consume(_ context.Context, n uint64) (sum uint64) {
	for range n {
		sum += bench.Must(s.rx.Recv())
	}
	return sum
}

func (s *singleBounded) send(_ context.Context, v uint64)        { bench.OK(s.tx.Send(v)) }
func (s *singleBounded) recv(context.Context) uint64             { return bench.Must(s.rx.Recv()) }
func (s *singleBounded) sendMany(_ context.Context, vs []uint64) { bench.Must(s.tx.SendMany(vs)) }
func (s *singleBounded) recvMany(_ context.Context, b []uint64) int {
	return bench.Must(s.rx.RecvMany(b))
}

func (s *singleBounded) end() {
	s.tx.Drop()
	s.rx.Drop()
}
