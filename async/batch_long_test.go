package async_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
)

type longBatch struct {
	capacity int
	before   bool // the channel holds the batch
	sends    bool
	recvs    bool
}

// In each round the time of the batch is divided into so many parts.
const parts = 50

// A long batch does not hold up calls that do not wait. In every part of its time calls return,
// while none would if the batch held a lock during that part. A call or the batch may lose its
// processor, so some rounds count together: what is held up is held up in each of them.
func TestCallsThatDoNotWaitGoOnBesideALongBatch(t *testing.T) {
	if runtime.GOMAXPROCS(0) == 1 {
		t.Skip("a call that loses its processor to the batch takes as long as the batch has it")
	}
	const n = 3_000_000
	batch := make([]int, n)
	for i := range batch {
		batch[i] = i + 1
	}
	sendAll := func(tx *async.Sender[int]) { // fails when the receivers leave
		_, _ = tx.SendMany(batch).Await(t.Context())
	}
	recvAll := func(rx *async.Receiver[int]) {
		for buf, got := make([]int, n), 0; got < n/2; {
			k, err := rx.RecvMany(buf).Await(t.Context())
			if !assert.NoError(t, err) {
				return
			}
			got += k
		}
	}
	kinds := map[string]longBatch{
		"SendMany":          {unbounded, false, true, false},
		"SendMany, bounded": {4 * n, false, true, false},
		"SendMany of more than there is room for": {n / 2, false, true, true},
		"RecvMany":                          {unbounded, true, false, true},
		"RecvMany, bounded":                 {4 * n, true, false, true},
		"RecvMany of a SendMany that waits": {0, false, true, true},
	}
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			var seen [parts]bool
			covered := 0
			for range 30 {
				returns, all := besideABatch(t, kind, sendAll, recvAll)
				for _, at := range returns {
					if part := int(at * parts / all); part < parts && !seen[part] {
						seen[part] = true
						covered++
					}
				}
				if covered > parts*9/10 {
					return
				}
			}
			assert.Fail(t, "in a large part of the batch no call returns", "%t", seen)
		})
	}
}

// besideABatch returns when calls that do not wait returned, from the start of the batch, and how
// long the batch took.
func besideABatch(t *testing.T, kind longBatch, sendAll func(*async.Sender[int]), recvAll func(*async.Receiver[int])) (returns []time.Duration, all time.Duration) {
	tx, rx := open[int](kind.capacity)
	defer tx.Drop()
	if kind.before {
		sendAll(tx)
	}
	var running, over atomic.Bool
	var beside, own sync.WaitGroup
	var begin time.Time
	beside.Go(func() {
		for !over.Load() {
			_ = tx.TrySend(-1)
			_ = tx.Len()
			_ = tx.IsFull()
			if !kind.sends {
				_, _ = rx.TryRecv()
			}
			if running.Load() {
				returns = append(returns, time.Since(begin))
			}
		}
	})
	begin = time.Now()
	running.Store(true)
	if kind.sends {
		own.Go(func() { sendAll(tx) })
	}
	if kind.recvs {
		recvAll(rx)
		rx.Drop()
	}
	own.Wait()
	all = time.Since(begin)
	over.Store(true)
	beside.Wait()
	rx.Drop()
	return returns, all
}

// What a long batch sends stays together, whatever others send at that time.
func TestALongBatchStaysTogether(t *testing.T) {
	for _, capacity := range []int{unbounded, 1 << 20} {
		forSlots := []int{0, 1, 7}
		for _, slots := range forSlots {
			tx, rx := flavour{capacity, slots}.open()
			var wg, others sync.WaitGroup
			var over atomic.Bool
			others.Go(func() {
				for i := 0; !over.Load() && i < 100_000; i++ {
					assert.NoError(t, tx.TrySend(-1))
				}
			})
			const senders, batches, size = 3, 10, 5000
			for s := range senders {
				wg.Go(func() {
					vs := make([]int, size)
					for b := range batches {
						for i := range vs {
							vs[i] = (s*batches+b)*size + i
						}
						_, err := tx.SendMany(vs).Await(t.Context())
						assert.NoError(t, err)
					}
				})
			}
			wg.Wait()
			over.Store(true)
			others.Wait()
			tx.Drop()
			buf, total := make([]int, 3000), 0
			at := -1 // in a batch
			for {
				n, err := rx.RecvMany(buf).Await(t.Context())
				if err != nil {
					break
				}
				for _, v := range buf[:n] {
					switch {
					case at >= 0:
						require.Equal(t, at+1, v)
						at = v
					case v >= 0:
						require.Zero(t, v%size)
						at = v
					}
					if v >= 0 {
						total++
						if v%size == size-1 {
							at = -1
						}
					}
				}
			}
			require.Equal(t, senders*batches*size, total)
		}
	}
}
