package async_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
)

type deaf struct{}

func (deaf) Wake() {}

func pend[T any](t *testing.T, f future.Future[T]) func() {
	_, ready, err := f.Poll(future.NewContext(t.Context(), deaf{}))
	require.NoError(t, err)
	require.False(t, ready)
	return f.Drop
}

func fullChannel(t *testing.T) (*async.Sender[int], *async.Receiver[int]) {
	tx, rx := async.Bounded[int](1)
	require.NoError(t, tx.TrySend(0))
	return tx, rx
}

// What ends a wait costs the same however many others wait, in whatever order they end: a
// search among them would take a hundred times as long for a hundred times as many.
func TestEndingAWaitCostsTheSameHoweverManyWait(t *testing.T) {
	vs, buf := make([]int, 3), make([]int, 3)
	kinds := map[string]func(n int) (end []func()){
		"receivers with a receive": func(n int) (end []func()) {
			_, rx := async.Unbounded[int]()
			for range n {
				own := rx.Clone()
				pend(t, own.Recv())
				end = append(end, own.Drop)
			}
			return end
		},
		"receivers with a Ready": func(n int) (end []func()) {
			_, rx := async.Unbounded[int]()
			for range n {
				own := rx.Clone()
				own.Ready()
				end = append(end, own.Drop)
			}
			return end
		},
		"senders of a full channel": func(n int) (end []func()) {
			tx, _ := fullChannel(t)
			for range n {
				own := tx.Clone()
				pend(t, own.Send(1))
				pend(t, own.Closed())
				end = append(end, own.Drop)
			}
			return end
		},
		"ForEach": func(n int) (end []func()) {
			_, rx := async.Unbounded[int]()
			for range n {
				end = append(end, pend(t, async.ForEach(rx.Clone(), sink)))
			}
			return end
		},
		"Pipe": func(n int) (end []func()) {
			_, rx := async.Unbounded[int]()
			tx, _ := fullChannel(t)
			for range n {
				end = append(end, pend(t, async.Pipe(rx.Clone(), tx.Clone(), same)))
			}
			return end
		},
		"futures of one receiver": func(n int) (end []func()) {
			_, rx := async.Unbounded[int]()
			for range n / 2 {
				end = append(end, pend(t, rx.Recv()), pend(t, rx.RecvMany(buf)))
			}
			return end
		},
		"futures of one sender": func(n int) (end []func()) {
			tx, _ := fullChannel(t)
			for range n / 4 {
				end = append(end, pend(t, tx.Send(1)), pend(t, tx.SendMany(vs)), pend(t, tx.Reserve()), pend(t, tx.Closed()))
			}
			return end
		},
		"rounds of Select": func(n int) (end []func()) {
			_, rx := async.Unbounded[int]()
			event := func(v int, _ error) int { return v }
			for range n {
				end = append(end, pend(t, async.Select(async.On(rx, event)).Next()))
			}
			return end
		},
		"messages": func(n int) (end []func()) {
			tx, rx := async.Unbounded[int]()
			for range n {
				pend(t, rx.Recv())
				end = append(end, func() { require.NoError(t, tx.TrySend(1)) })
			}
			return end
		},
	}
	for name, prepare := range kinds {
		t.Run(name, func(t *testing.T) {
			each := func(n int) time.Duration {
				best := time.Duration(1 << 62)
				for range 3 {
					end := prepare(n)
					rand.Shuffle(n, func(i, j int) { end[i], end[j] = end[j], end[i] })
					runtime.GC()
					start := time.Now()
					for _, f := range end {
						f()
					}
					best = min(best, time.Since(start))
				}
				return best / time.Duration(n)
			}
			few, many := 1000, 100_000
			if testsize.Race || !testsize.Long() {
				few, many = 300, 30_000
			}
			short, long := each(few), each(many)
			t.Logf("%v each of %d, %v each of %d", short, few, long, many)
			assert.LessOrEqual(t, float64(long), float64(many/few)/3*float64(short))
		})
	}
}

// The same of goroutines whose contexts end, which takes the runtime's time as well.
func TestCancellingAWaitCostsTheSameHoweverManyWait(t *testing.T) {
	if !testsize.Long() {
		t.Skip("starts many goroutines")
	}
	each := func(n int) time.Duration {
		tx, rx := fullChannel(t)
		_, empty := async.Unbounded[int]()
		defer rx.Drop()
		defer empty.Drop()
		var wg sync.WaitGroup
		var cancels []context.CancelFunc
		for i := range n {
			ctx, cancel := context.WithCancel(t.Context())
			cancels = append(cancels, cancel)
			wg.Go(func() {
				var err error
				switch i % 3 {
				case 0:
					_, err = empty.Recv().Await(ctx)
				case 1:
					err = tx.Send(1).Await(ctx)
				default:
					_, err = tx.Reserve().Await(ctx)
				}
				assert.ErrorIs(t, err, context.Canceled)
			})
		}
		for range 50 {
			runtime.Gosched()
		}
		time.Sleep(time.Duration(n) * 2 * time.Microsecond)
		rand.Shuffle(n, func(i, j int) { cancels[i], cancels[j] = cancels[j], cancels[i] })
		start := time.Now()
		for _, cancel := range cancels {
			cancel()
		}
		wg.Wait()
		return time.Since(start) / time.Duration(n)
	}
	const few, many = 1000, 50_000
	short, long := each(few), each(many)
	t.Logf("%v each of %d, %v each of %d", short, few, long, many)
	assert.LessOrEqual(t, float64(long), float64(many/few)/3*float64(short))
}
