package future_test

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
)

var settlers = []struct {
	name     string
	complete func(p *future.Promise[int]) (completed bool)
	want     future.Result[int]
}{
	{"Resolve", func(p *future.Promise[int]) bool { return p.Resolve(7) }, future.Result[int]{Value: 7}},
	{"Reject", func(p *future.Promise[int]) bool { return p.Reject(errBoom) }, future.Result[int]{Err: errBoom}},
	{"Drop", func(p *future.Promise[int]) bool { p.Drop(); return true }, future.Result[int]{Err: future.ErrDropped}},
}

func TestTheFirstToCompleteAPromiseWins(t *testing.T) {
	for _, first := range settlers {
		for _, second := range settlers {
			t.Run(first.name+"Then"+second.name, func(t *testing.T) {
				p, f := future.NewPromise[int]()
				assert.True(t, first.complete(p))
				assert.Equal(t, second.name == "Drop", second.complete(p))
				v, err := future.Await(context.Background(), f)
				assert.Equal(t, first.want, future.Result[int]{Value: v, Err: err})
				assert.Equal(t, second.name == "Drop", second.complete(p))
			})
		}
	}
}

func TestAPromiseWakesItsWaiter(t *testing.T) {
	for _, s := range settlers {
		t.Run(s.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, f := future.NewPromise[int]()
				r := await(context.Background(), f)
				synctest.Wait()
				assertPending(t, r)
				s.complete(p)
				assert.Equal(t, s.want, <-r)
			})
		})
	}
}

func TestAPromiseWhoseFutureIsDroppedCannotBeCompleted(t *testing.T) {
	p, f := future.NewPromise[int]()
	cx, woken := newCx()
	_, ready, _ := f.Poll(cx)
	require.False(t, ready)
	f.Drop()
	assert.False(t, p.Resolve(7), "no future received it")
	assert.False(t, p.Reject(errBoom))
	p.Drop()
	assert.Zero(t, woken.count())
}

func TestDoneIsClosedWhenThereIsNoPointInWorking(t *testing.T) {
	ends := map[string]func(p *future.Promise[int], f future.Future[int]){
		"resolved":       func(p *future.Promise[int], _ future.Future[int]) { p.Resolve(7) },
		"rejected":       func(p *future.Promise[int], _ future.Future[int]) { p.Reject(errBoom) },
		"dropped":        func(p *future.Promise[int], _ future.Future[int]) { p.Drop() },
		"future dropped": func(_ *future.Promise[int], f future.Future[int]) { f.Drop() },
		"all of it": func(p *future.Promise[int], f future.Future[int]) {
			p.Resolve(7)
			p.Drop()
			f.Drop()
			f.Drop()
		},
		"lost a race": func(_ *future.Promise[int], f future.Future[int]) {
			_, _ = future.Await(context.Background(), future.RaceBiased(future.Ready(1), f))
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			p, f := future.NewPromise[int]()
			done := p.Done()
			assert.Equal(t, done, p.Done(), "one channel")
			assertPending(t, done)
			cx, _ := newCx()
			_, _, _ = f.Poll(cx)
			assertPending(t, done)
			end(p, f)
			assertClosed(t, done)

			p, f = future.NewPromise[int]()
			end(p, f)
			assertClosed(t, p.Done()) // asked for afterwards
		})
	}
}

func TestARejectionNeedsAnError(t *testing.T) {
	p, f := future.NewPromise[int]()
	assert.Panics(t, func() { p.Reject(nil) })
	assert.True(t, p.Resolve(7), "a panic completes nothing")
	v, err := future.Await(context.Background(), f)
	assert.NoError(t, err)
	assert.Equal(t, 7, v)
}

func TestOfManyCompletionsOfAPromiseOneWins(t *testing.T) {
	for range rounds() / 20 {
		p, f := future.NewPromise[int]()
		var wins, winner atomic.Int64
		var wg sync.WaitGroup
		for i := range 6 {
			wg.Go(func() {
				if p.Resolve(i) {
					wins.Add(1)
					winner.Store(int64(i))
				}
				p.Drop()
				<-p.Done()
			})
		}
		v, err := future.Await(context.Background(), f)
		wg.Wait()
		if wins.Load() == 0 {
			assert.Fail(t, "Drop came before every Resolve")
		}
		require.NoError(t, err)
		require.EqualValues(t, 1, wins.Load())
		require.EqualValues(t, winner.Load(), v)
	}
}

func TestADropOfTheFutureRacesWithItsPromise(t *testing.T) {
	for range rounds() / 20 {
		p, f := future.NewPromise[int]()
		cx, woken := newCx()
		_, _, _ = f.Poll(cx)
		var completed bool
		var wg sync.WaitGroup
		wg.Go(func() { completed = p.Resolve(7) })
		f.Drop()
		wg.Wait()
		assertClosed(t, p.Done())
		require.False(t, p.Resolve(8))
		require.Equal(t, completed, woken.count() == 1)
	}
}

func TestAPromiseKeepsNoValueThatWasTaken(t *testing.T) {
	ends := map[string]func(f future.Future[*[64]int]){
		"dropped": func(f future.Future[*[64]int]) { f.Drop() },
		"fetched": func(f future.Future[*[64]int]) { _, _ = future.Await(context.Background(), f) },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			p, f := future.NewPromise[*[64]int]()
			gone := func() weak.Pointer[[64]int] {
				v := new([64]int)
				p.Resolve(v)
				return weak.Make(v)
			}()
			end(f)
			runtime.GC()
			assert.Nil(t, gone.Value())
			runtime.KeepAlive(p)
			runtime.KeepAlive(f)
		})
	}
}
