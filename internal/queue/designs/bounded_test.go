package designs

import (
	"runtime"
	"sync"
	"testing"

	"github.com/handoff-go/handoff/internal/queue"
)

// Is a ring of its own worth having for bounded channels, when the list takes a
// limit? BenchmarkBounded asks at capacity 128.

type boundedFIFO interface {
	tryPut(v uint64) bool
	take() (v uint64, ok bool)
}

// limitedList is the list of this module with a limit.
type limitedList struct{ twoEnds }

func newLimitedList(limit uint64) *limitedList {
	q := new(limitedList)
	q.Init(limit, 0)
	return q
}

func (q *limitedList) tryPut(v uint64) bool {
	if q.Push(v, 0) {
		return true
	}
	w := q.Tail.Lock()
	if q.Full(w) {
		q.Tail.Unlock(w)
		return false
	}
	q.Tail.Unlock(q.Put(w, v))
	return true
}

// limitedRing has the same two ends over an array.
type limitedRing struct {
	_    [128]byte
	head struct {
		queue.Cursor
		seen uint64
		_    [40]byte
	}
	tail struct {
		queue.Cursor
		seen uint64
	}
	slots []uint64
	_     [16]byte
}

func newLimitedRing(limit int) *limitedRing { return &limitedRing{slots: make([]uint64, limit)} }

func (q *limitedRing) tryPut(v uint64) bool {
	w := q.tail.Lock()
	n := uint64(len(q.slots))
	if w.Pos()-q.tail.seen >= n {
		if q.tail.seen = q.head.Load().Pos(); w.Pos()-q.tail.seen >= n {
			q.tail.Unlock(w)
			return false
		}
	}
	q.slots[w.Pos()&(n-1)] = v
	q.tail.Unlock(w + queue.Step)
	return true
}

func (q *limitedRing) take() (v uint64, ok bool) {
	w := q.head.Lock()
	if w.Pos() == q.head.seen {
		if q.head.seen = q.tail.Load().Pos(); w.Pos() == q.head.seen {
			q.head.Unlock(w)
			return 0, false
		}
	}
	slot := &q.slots[w.Pos()&uint64(len(q.slots)-1)]
	v, *slot = *slot, 0
	q.head.Unlock(w + queue.Step)
	return v, true
}

func BenchmarkBounded(b *testing.B) {
	for _, d := range []struct {
		name string
		make func() boundedFIFO
	}{
		{"list", func() boundedFIFO { return newLimitedList(128) }},
		{"ring", func() boundedFIFO { return newLimitedRing(128) }},
	} {
		b.Run("seq/design="+d.name, func(b *testing.B) {
			q := d.make()
			for i := range b.N {
				q.tryPut(uint64(i))
				q.take()
			}
		})
		b.Run("n=1/design="+d.name, func(b *testing.B) {
			q := d.make()
			var wg sync.WaitGroup
			wg.Go(func() {
				for i := range b.N {
					for !q.tryPut(uint64(i)) {
						runtime.Gosched()
					}
				}
			})
			for n := 0; n < b.N; {
				if _, ok := q.take(); ok {
					n++
				} else {
					runtime.Gosched()
				}
			}
			wg.Wait()
		})
	}
}
