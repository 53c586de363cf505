package designs

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// spinLock is a test-and-set lock with an exponential pause, as kanal's.
type spinLock struct{ taken atomic.Uint32 }

func (l *spinLock) Lock() {
	for n := 0; !l.taken.CompareAndSwap(0, 1); n++ {
		if n > 12 {
			runtime.Gosched()
			continue
		}
		for range 4 << min(n, 8) {
		}
	}
}

func (l *spinLock) Unlock() { l.taken.Store(0) }

// ring is one lock around a ring that grows: what kanal does.
type ring struct {
	mu      sync.Locker
	slots   []uint64
	head, n int
}

func newRing(mu sync.Locker) *ring { return &ring{mu: mu, slots: make([]uint64, 128)} }

func (q *ring) put(v uint64) {
	q.mu.Lock()
	if q.n == len(q.slots) {
		bigger := make([]uint64, 2*q.n)
		copy(bigger[copy(bigger, q.slots[q.head:]):], q.slots[:q.head])
		q.slots, q.head = bigger, 0
	}
	q.slots[(q.head+q.n)&(len(q.slots)-1)] = v
	q.n++
	q.mu.Unlock()
}

func (q *ring) take() (v uint64, ok bool) {
	q.mu.Lock()
	if ok = q.n > 0; ok {
		slot := &q.slots[q.head]
		v, *slot = *slot, 0
		q.head = (q.head + 1) & (len(q.slots) - 1)
		q.n--
	}
	q.mu.Unlock()
	return v, ok
}

// twoBuffers has the producers append to one buffer under a lock while the
// consumer empties the other; when that is empty they are swapped.
type twoBuffers struct {
	mu sync.Locker
	in []uint64
	_  [64]byte

	busy atomic.Uint32 // guards the consumer's half, as any real channel must
	out  []uint64
	next int
}

func newTwoBuffers(mu sync.Locker) *twoBuffers { return &twoBuffers{mu: mu} }

func (q *twoBuffers) put(v uint64) {
	q.mu.Lock()
	q.in = append(q.in, v)
	q.mu.Unlock()
}

func (q *twoBuffers) take() (v uint64, ok bool) {
	if !q.busy.CompareAndSwap(0, 1) {
		panic("two consumers")
	}
	if q.next == len(q.out) {
		q.mu.Lock()
		q.in, q.out = q.out[:0], q.in
		q.mu.Unlock()
		q.next = 0
	}
	if ok = q.next < len(q.out); ok {
		slot := &q.out[q.next]
		v, *slot = *slot, 0
		q.next++
	}
	q.busy.Store(0)
	return v, ok
}
