package waitq

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type bell struct{ rung int }

func (b *bell) Wake() { b.rung++ }

func line(n int) (q *Queue[int], ws []*Waiter[int], bells []*bell) {
	q = new(Queue[int])
	for i := range n {
		b := new(bell)
		w := &Waiter[int]{Target: b, Value: i}
		q.Push(w)
		ws, bells = append(ws, w), append(bells, b)
	}
	return q, ws, bells
}

func values(q *Queue[int]) (vs []int) {
	for w := q.First(); w != nil; w = q.Next(w) {
		vs = append(vs, w.Value)
	}
	return vs
}

func TestALineIsFirstComeFirstServed(t *testing.T) {
	q, ws, _ := line(4)
	require.Equal(t, []int{0, 1, 2, 3}, values(q))
	for _, w := range ws {
		require.Same(t, w, q.First())
		require.Equal(t, Waiting, w.Signal())
		q.DequeueFirst(Notified)
		require.Equal(t, Notified, w.Signal())
		require.False(t, w.Queued())
	}
	require.True(t, q.Empty())
	require.Nil(t, q.First())
}

func TestAWaiterMayLeaveFromAnyPlaceOnceAndComeBack(t *testing.T) {
	for leaver := range 4 {
		q, ws, _ := line(4)
		require.True(t, q.Remove(ws[leaver]))
		require.False(t, q.Remove(ws[leaver]))
		require.False(t, ws[leaver].Queued())
		q.Push(ws[leaver])
		want := []int{}
		for i := range 4 {
			if i != leaver {
				want = append(want, i)
			}
		}
		require.Equal(t, append(want, leaver), values(q))
	}
}

func TestTheSettledAreWokenOnceInOrderAndMayBeUsedAgain(t *testing.T) {
	q, ws, bells := line(3)
	var wake Wakeups[int]
	assert.True(t, wake.Empty())
	q.Dequeue(ws[1], Done, &wake)
	q.DequeueAll(Disconnected, &wake)
	assert.True(t, q.Empty())
	for _, b := range bells {
		assert.Zero(t, b.rung, "not before Wake")
	}
	order := []int{}
	for i, w := range ws {
		w.Target = wakeFunc(func() {
			order = append(order, i)
			q.Push(w) // it is its owner's again
		})
	}
	wake.Wake()
	wake.Wake() // forgets
	assert.Equal(t, []int{1, 0, 2}, order)
	assert.Equal(t, order, values(q))
}

// Each of many targets may panic, or end the goroutine, and the others are woken nevertheless.
func TestNoTargetKeepsTheOthersFromBeingWoken(t *testing.T) {
	const n = 2000
	for name, end := range map[string]func(){"panic": func() { panic("boom") }, "Goexit": runtime.Goexit} {
		q, ws, _ := line(n)
		var wake Wakeups[int]
		woken, deepest := 0, 0
		for _, w := range ws {
			w.Target = wakeFunc(func() {
				woken++
				deepest = max(deepest, runtime.Callers(0, make([]uintptr, 2*n)))
				end()
			})
		}
		q.DequeueAll(Done, &wake)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			defer func() { _ = recover() }()
			wake.Wake()
		}()
		<-ended
		assert.Equal(t, n, woken, name)
		assert.Less(t, deepest, 100, "%s: each of them is deeper in the stack than the one before", name)
	}
}

type wakeFunc func()

func (f wakeFunc) Wake() { f() }
