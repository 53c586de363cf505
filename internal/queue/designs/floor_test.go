package designs

import (
	"sync"
	"sync/atomic"
	"testing"
)

// slot is the least that can be called a channel made outside the runtime: one
// message, one receiver, the two words of the chosen design and its way to sleep.
// BenchmarkPingPong shows how near a library can come to a native channel at all.
type slot struct {
	tail   atomic.Uint64 // bit 0: locked, bit 1: the receiver sleeps, above: sent
	_      [56]byte
	head   atomic.Uint64 // bit 0: locked, bit 1: inside, above: received
	_      [56]byte
	asleep sync.Cond
	word   uint64 // to release the tail with
	v      uint64
}

func newSlot() *slot {
	s := new(slot)
	s.asleep.L = (*slotLocker)(s)
	return s
}

// slotLocker releases the tail when the receiver falls asleep.
type slotLocker slot

func (s *slotLocker) Lock()   {}
func (s *slotLocker) Unlock() { s.tail.Store(s.word) }

func lockWord(w *atomic.Uint64) uint64 {
	for {
		if v := w.Load(); v&1 == 0 && w.CompareAndSwap(v, v|1) {
			return v
		}
	}
}

func (s *slot) send(v uint64) {
	t := lockWord(&s.tail)
	s.v = v
	if t&2 == 0 {
		s.tail.Store(t + 4)
		return
	}
	s.tail.Store(t &^ 2)
	s.asleep.Signal()
}

func (s *slot) recv() uint64 {
	h := lockWord(&s.head)
	t := lockWord(&s.tail)
	if t>>2 != h>>2 {
		v := s.v
		s.tail.Store(t)
		s.head.Store(h + 4)
		return v
	}
	s.head.Store(h | 2)
	s.word = t | 2
	s.asleep.Wait()
	v := s.v
	s.head.And(^uint64(2))
	return v
}

func BenchmarkPingPong(b *testing.B) {
	pingPong := func(b *testing.B, sendA func(uint64), recvA func() uint64, sendB func(uint64), recvB func() uint64) {
		var wg sync.WaitGroup
		wg.Go(func() {
			for range b.N {
				sendB(recvA())
			}
		})
		for i := range b.N {
			sendA(uint64(i))
			recvB()
		}
		wg.Wait()
	}
	b.Run("design=chan-1", func(b *testing.B) {
		x, y := make(chan uint64, 1), make(chan uint64, 1)
		pingPong(b, func(v uint64) { x <- v }, func() uint64 { return <-x }, func(v uint64) { y <- v }, func() uint64 { return <-y })
	})
	b.Run("design=floor", func(b *testing.B) {
		x, y := newSlot(), newSlot()
		pingPong(b, x.send, x.recv, y.send, y.recv)
	})
}
