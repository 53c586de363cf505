package task

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
)

type countedWaker struct{ n int }

func (w *countedWaker) Wake() { w.n++ }

// setOf makes a set of n tasks that end when they are resolved.
func setOf(ctx context.Context, n int) (*JoinSet[int], []*future.Promise[int]) {
	set := new(JoinSet[int])
	var ps []*future.Promise[int]
	for range n {
		p, f := future.NewPromise[int]()
		set.Add(SpawnFuture(ctx, f))
		ps = append(ps, p)
	}
	return set, ps
}

// waits has n calls of Next wait.
func waits(t *testing.T, set *JoinSet[int], n int) ([]*nextFuture[int], []*countedWaker) {
	var futures []*nextFuture[int]
	var wakers []*countedWaker
	for range n {
		f, w := &nextFuture[int]{set: set}, new(countedWaker)
		_, ready, _ := f.Poll(future.NewContext(context.Background(), w))
		require.False(t, ready)
		futures, wakers = append(futures, f), append(wakers, w)
	}
	return futures, wakers
}

func woken(ws []*countedWaker) (n []int) {
	for i, w := range ws {
		if w.n > 0 {
			n = append(n, i)
		}
	}
	return n
}

func TestWaitersOfAJoinSetGetResultsInTheOrderInWhichTheyCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt, err := New()
		require.NoError(t, err)
		set, ps := setOf(rt.Context(context.Background()), 4)
		fs, ws := waits(t, set, 6)
		fs[1].Drop() // gives up before there is anything
		fs[1].Drop()
		ps[2].Resolve(2)
		synctest.Wait()
		assert.Equal(t, []int{0}, woken(ws))
		late := &nextFuture[int]{set: set}
		_, ready, _ := late.Poll(future.NewContext(context.Background(), new(countedWaker)))
		assert.False(t, ready, "a later call does not overtake")
		fs[0].Drop() // gives up with a result, which the next one gets
		assert.Equal(t, []int{0, 2}, woken(ws))
		m, ready, _ := fs[2].Poll(future.NewContext(context.Background(), ws[2]))
		require.True(t, ready)
		v, err := m.h.result()
		require.NoError(t, err)
		assert.Equal(t, 2, v)
		assert.Equal(t, 3, set.Len())
		for _, p := range ps {
			p.Resolve(0)
		}
		synctest.Wait()
		assert.Equal(t, []int{0, 2, 3, 4, 5}, woken(ws))
		for i := 3; i < 6; i++ {
			m, ready, _ := fs[i].Poll(future.NewContext(context.Background(), ws[i]))
			require.True(t, ready)
			require.NotNil(t, m)
		}
		m, ready, _ = late.Poll(future.NewContext(context.Background(), new(countedWaker)))
		assert.True(t, ready, "the set is empty")
		assert.Nil(t, m)
		require.NoError(t, rt.Shutdown(context.Background()))
	})
}

// The result that a waiter was given and that gives up without another waiter is there for
// the next call, before what has finished later.
func TestAResultThatAWaiterGaveBackIsTheFirstAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt, err := New()
		require.NoError(t, err)
		set, ps := setOf(rt.Context(context.Background()), 2)
		fs, _ := waits(t, set, 1)
		ps[1].Resolve(1)
		synctest.Wait()
		ps[0].Resolve(0)
		synctest.Wait()
		fs[0].Drop()
		for _, want := range []int{1, 0} {
			v, ok, err := set.Next(context.Background())
			require.NoError(t, err)
			require.True(t, ok)
			assert.Equal(t, want, v)
		}
		require.NoError(t, rt.Shutdown(context.Background()))
	})
}

// All that wait learn that nothing is left, though one of them took the last result.
func TestEveryWaiterLearnsThatTheSetIsEmpty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt, err := New()
		require.NoError(t, err)
		set, ps := setOf(rt.Context(context.Background()), 1)
		results := make(chan bool, 10)
		for range 10 {
			go func() {
				_, ok, err := set.Next(context.Background())
				assert.NoError(t, err)
				results <- ok
			}()
		}
		synctest.Wait()
		ps[0].Resolve(0)
		got := 0
		for range 10 {
			if <-results {
				got++
			}
		}
		assert.Equal(t, 1, got)
		require.NoError(t, rt.Shutdown(context.Background()))
	})
}

// A waiter gives up, and a task is removed, without a walk over the others: each is linked
// to its neighbours. And what is empty keeps nothing.
func TestAJoinSetKeepsNothingOfWhatHasLeftIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt, err := New(WithWorkers(1))
		require.NoError(t, err)
		const n = 1000
		set, ps := setOf(rt.Context(context.Background()), n)
		fs, _ := waits(t, set, n)
		for i := range n { // from the middle outwards
			f := fs[(n/2+i*7)%n]
			before, after := f.prev, f.next
			f.Drop()
			if before != nil {
				assert.Same(t, after, before.next)
			}
			if after != nil {
				assert.Same(t, before, after.prev)
			}
			assert.Nil(t, f.prev)
			assert.Nil(t, f.next)
		}
		assert.Equal(t, waiterList[int]{}, set.waiters)
		for i := range n {
			ps[(i*7)%n].Resolve(i)
		}
		synctest.Wait()
		got := make(map[int]bool)
		for range n {
			v, ok, err := set.Next(context.Background())
			require.NoError(t, err)
			require.True(t, ok)
			got[v] = true
		}
		assert.Len(t, got, n)
		assert.Zero(t, set.members)
		assert.Zero(t, set.finished)
		_, ok, err := set.Next(context.Background())
		require.NoError(t, err)
		require.False(t, ok)
		require.NoError(t, rt.Shutdown(context.Background()))
	})
}

func TestCancelAllFollowsTheOrderInWhichTasksWereAdded(t *testing.T) {
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			rt, err := New(WithWorkers(1))
			require.NoError(t, err)
			var set JoinSet[int]
			var order, want []string
			for i := range 20 {
				set.Add(SpawnFuture(rt.Context(context.Background()), &recordsDrop{at: func() { order = append(order, fmt.Sprint(i)) }}))
				want = append(want, fmt.Sprint(i))
			}
			synctest.Wait()
			set.CancelAll()
			synctest.Wait()
			require.Equal(t, want, order)
			require.NoError(t, rt.Shutdown(context.Background()))
		})
	}
}

type recordsDrop struct{ at func() }

func (*recordsDrop) Poll(*future.Context) (int, bool, error) { return 0, false, nil }
func (r *recordsDrop) Drop() {
	if at := r.at; at != nil {
		r.at = nil
		at()
	}
}
