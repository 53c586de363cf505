package designs

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/handoff-go/handoff/internal/queue"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fifo is an unbounded queue for many producers and one consumer. Nothing in it
// blocks.
type fifo interface {
	put(v uint64)
	take() (v uint64, ok bool)
}

// designs are the candidates, the chosen one first.
var designs = []struct {
	name string
	make func() fifo
}{
	{"two-ends", func() fifo { return newTwoEnds() }},
	{"one-lock-ring", func() fifo { return newRing(&spinLock{}) }},
	{"one-mutex-ring", func() fifo { return newRing(&sync.Mutex{}) }},
	{"two-buffers-spin", func() fifo { return newTwoBuffers(&spinLock{}) }},
	{"two-buffers-mutex", func() fifo { return newTwoBuffers(&sync.Mutex{}) }},
	{"blocks-cas", func() fifo { return newBlocks(false, false) }},
	{"blocks-fetch-add", func() fifo { return newBlocks(true, false) }},
	{"blocks-fetch-add-reuse", func() fifo { return newBlocks(true, true) }},
}

// twoEnds is the queue of this module. Padded to a size that is allocated on a
// cache line, as package channel's use of it is: unaligned, it takes twice the time
// when two cores are far apart.
type twoEnds struct {
	_ [128]byte
	queue.List[uint64]
	_ [16]byte
}

func newTwoEnds() *twoEnds {
	q := new(twoEnds)
	q.Init(queue.Unlimited, 0)
	return q
}

func (q *twoEnds) put(v uint64) {
	if !q.Push(v, 0) {
		q.Tail.Unlock(q.Put(q.Tail.Lock(), v))
	}
}

func (q *twoEnds) take() (uint64, bool) {
	var v uint64
	if q.Pop(0, &v) {
		return v, true
	}
	w := q.Head.Lock()
	if q.Available(w, 1) == 0 {
		q.Head.Unlock(w)
		return 0, false
	}
	v, w = q.Take(w)
	q.Head.Unlock(w)
	return v, true
}

// blocking puts the same, simplest waiting around every candidate: the consumer
// raises a flag, looks again and sleeps on a channel.
type blocking struct {
	fifo
	asleep atomic.Uint32
	wake   chan struct{}
}

func (q *blocking) send(v uint64) {
	q.put(v)
	if q.asleep.Load() != 0 && q.asleep.CompareAndSwap(1, 0) {
		q.wake <- struct{}{}
	}
}

func (q *blocking) recv() uint64 {
	for {
		if v, ok := q.take(); ok {
			return v
		}
		q.asleep.Store(1)
		if v, ok := q.take(); ok {
			if !q.asleep.CompareAndSwap(1, 0) {
				<-q.wake // a sender is about to wake this goroutine
			}
			return v
		}
		<-q.wake
	}
}

// TestEveryDesignDeliversInOrder keeps the comparison fair: a queue that loses or
// reorders is fast for nothing.
func TestEveryDesignDeliversInOrder(t *testing.T) {
	const producers, each = 4, 5000
	for _, d := range designs {
		t.Run(d.name, func(t *testing.T) {
			q := &blocking{fifo: d.make(), wake: make(chan struct{}, 1)}
			var wg sync.WaitGroup
			for p := range producers {
				wg.Go(func() {
					for i := range each {
						q.send(uint64(p)<<32 | uint64(i))
					}
				})
			}
			var next [producers]uint64
			for range producers * each {
				v := q.recv()
				require.Equal(t, next[v>>32], v&(1<<32-1))
				next[v>>32]++
			}
			wg.Wait()
			_, ok := q.take()
			require.False(t, ok)
		})
	}
}

func BenchmarkSeq(b *testing.B) {
	each(b, func(b *testing.B, send func(uint64), recv func() uint64) {
		for i := range b.N {
			send(uint64(i))
			recv()
		}
	})
}

func BenchmarkProducers(b *testing.B) {
	for _, producers := range []int{1, 4} {
		b.Run(fmt.Sprintf("n=%d", producers), func(b *testing.B) {
			each(b, func(b *testing.B, send func(uint64), recv func() uint64) {
				n := b.N/producers + 1
				var wg sync.WaitGroup
				for range producers {
					wg.Go(func() {
						for i := range n {
							send(uint64(i))
						}
					})
				}
				for range n * producers {
					recv()
				}
				wg.Wait()
			})
		})
	}
}

func each(b *testing.B, run func(b *testing.B, send func(uint64), recv func() uint64)) {
	b.Run("design=chan-128", func(b *testing.B) {
		ch := make(chan uint64, 128)
		run(b, func(v uint64) { ch <- v }, func() uint64 { return <-ch })
	})
	for _, d := range designs {
		b.Run("design="+d.name, func(b *testing.B) {
			b.ReportAllocs()
			q := &blocking{fifo: d.make(), wake: make(chan struct{}, 1)}
			run(b, q.send, q.recv)
		})
	}
}
