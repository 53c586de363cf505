package future_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
)

// kinds of waits that Await knows.
func kinds(t *testing.T) map[string]context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	return map[string]context.Context{
		"background": context.Background(),
		"cancelable": ctx,
		"task":       newHost().under(context.Background()),
	}
}

func TestSpuriousWakesOnlyMakeItPollAgain(t *testing.T) {
	for name := range kinds(t) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := kinds(t)[name]
				p := new(probe)
				r := await(ctx, p)
				synctest.Wait()
				for range 10 {
					p.polled()
					p.nudge()
					p.nudge()
					synctest.Wait()
					assertPending(t, r)
					n := p.polled()
					assert.True(t, n == 1 || n == 2, n)
				}
				p.complete(7, nil)
				assert.Equal(t, future.Result[int]{Value: 7}, <-r)
				for range 10 { // wakes for the next Await
					p.nudge()
					q := new(probe)
					r := await(ctx, q)
					p.nudge()
					synctest.Wait()
					assertPending(t, r)
					q.complete(8, nil)
					assert.Equal(t, future.Result[int]{Value: 8}, <-r)
				}
			})
		})
	}
}

func TestManyWakesDuringAPollAreOneMorePoll(t *testing.T) {
	for name := range kinds(t) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var polls atomic.Int32
				var waker atomic.Value
				r := await(kinds(t)[name], future.PollFunc(func(cx *future.Context) (int, bool, error) {
					waker.Store(cx.Waker())
					switch polls.Add(1) {
					case 1:
						for range 100 {
							cx.Waker().Wake()
						}
						return 0, false, nil
					case 2:
						return 0, false, nil
					}
					return 7, true, nil
				}))
				synctest.Wait()
				assert.EqualValues(t, 2, polls.Load())
				var wg sync.WaitGroup
				for range 10 {
					wg.Go(func() { waker.Load().(future.Waker).Wake() })
				}
				assert.Equal(t, future.Result[int]{Value: 7}, <-r)
				wg.Wait()
			})
		})
	}
}

// flagged is ready once its flag is set, and is then woken by the goroutine that set it.
type flagged struct {
	set   atomic.Bool
	mu    sync.Mutex
	waker future.Waker
}

func (f *flagged) Poll(cx *future.Context) (int, bool, error) {
	if f.set.Load() {
		return 7, true, nil
	}
	f.mu.Lock()
	f.waker = cx.Waker()
	f.mu.Unlock()
	return 7, f.set.Load(), nil
}

func (f *flagged) Drop() {}

func (f *flagged) fire() {
	f.set.Store(true)
	f.mu.Lock()
	w := f.waker
	f.mu.Unlock()
	if w != nil {
		w.Wake()
	}
}

func rounds() int {
	if !testsize.Long() {
		return 2_000
	}
	return 20_000
}

func TestNoWakeUpIsLostBetweenAPollAndTheWait(t *testing.T) {
	fires := make(chan *flagged, 1)
	var wg sync.WaitGroup
	wg.Go(func() {
		for f := range fires {
			f.fire()
		}
	})
	for name, ctx := range kinds(t) {
		t.Run(name, func(t *testing.T) {
			within(t, 60*time.Second, func() {
				for range rounds() {
					f := new(flagged)
					fires <- f
					if v, err := future.Await(ctx, f); v != 7 || err != nil {
						assert.Fail(t, "wrong result", "%v %v", v, err)
						return
					}
				}
			})
		})
	}
	close(fires)
	wg.Wait()
}

func TestNoWakeUpIsLostInACombinator(t *testing.T) {
	combine := map[string]func(a, b *flagged) future.Future[int]{
		"JoinAll": func(a, b *flagged) future.Future[int] {
			return future.Map(future.JoinAll[int](a, b, future.Ready(7)), func(rs []future.Result[int]) int {
				return rs[0].Value
			})
		},
		"Join2": func(a, b *flagged) future.Future[int] {
			return future.Map(future.Join2[int, int](a, b), func(p future.Pair[int, int]) int { return p.A })
		},
		"Race": func(a, b *flagged) future.Future[int] {
			return future.Map(future.Race(future.Pending[[]int](), future.TryJoinAll[int](a, b)), func(i future.Indexed[[]int]) int {
				return i.Value[1]
			})
		},
		"Chan": func(a, b *flagged) future.Future[int] {
			r := <-future.Chan(future.JoinAll[int](a, b))
			return future.Ready(r.Value[1].Value)
		},
	}
	fires := [2]chan *flagged{make(chan *flagged, 1), make(chan *flagged, 1)}
	var wg sync.WaitGroup
	for _, fires := range fires {
		wg.Go(func() {
			for f := range fires {
				f.fire()
			}
		})
	}
	for name, combine := range combine {
		t.Run(name, func(t *testing.T) {
			within(t, 60*time.Second, func() {
				for range rounds() / 2 {
					a, b := new(flagged), new(flagged)
					fires[0] <- a
					fires[1] <- b
					if v, err := future.Await(context.Background(), combine(a, b)); v != 7 || err != nil {
						assert.Fail(t, "wrong result", "%v %v", v, err)
						return
					}
				}
			})
		})
	}
	for _, fires := range fires {
		close(fires)
	}
	wg.Wait()
}

func TestManyGoroutinesMayWakeAtOnce(t *testing.T) {
	for range rounds() / 20 {
		f := new(flagged)
		r := await(context.Background(), f)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(f.fire)
		}
		require.Equal(t, future.Result[int]{Value: 7}, <-r)
		wg.Wait()
	}
}
