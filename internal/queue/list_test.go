package queue

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// forEachList runs a check for block lengths at which boundaries are met often.
func forEachList(t *testing.T, limit uint64, check func(t *testing.T, l *List[int])) {
	for _, slots := range []int{1, 2, 3, 8, 0} {
		t.Run(fmt.Sprintf("slots=%d", slots), func(t *testing.T) {
			l := new(List[int])
			l.Init(limit, slots)
			check(t, l)
		})
	}
}

// put and take use the fast forms, falling back to the long ones as channels do.
func put(l *List[int], v int) bool {
	if l.Push(v, 0) {
		return true
	}
	w := l.Tail.Lock()
	full := l.Full(w)
	if !full {
		w = l.Put(w, v)
	}
	l.Tail.Unlock(w)
	return !full
}

func take(l *List[int]) (v int, ok bool) {
	if l.Pop(0, &v) {
		return v, true
	}
	w := l.Head.Lock()
	if ok = l.Available(w, 1) > 0; ok {
		v, w = l.Take(w)
	}
	l.Head.Unlock(w)
	return v, ok
}

// A slice is the oracle for random mixes of all operations, single and batch.
func TestAListIsAFIFOOfLimitedLength(t *testing.T) {
	for _, limit := range []uint64{1, 2, 7, 40, Unlimited} {
		t.Run(fmt.Sprintf("limit=%d", limit), func(t *testing.T) {
			forEachList(t, limit, func(t *testing.T, l *List[int]) {
				rng := rand.New(rand.NewPCG(1, limit))
				var want []int
				next := 0
				for range 5000 {
					switch rng.IntN(4) {
					case 0:
						ok := put(l, next)
						require.Equal(t, uint64(len(want)) < limit, ok)
						if ok {
							want = append(want, next)
							next++
						}
					case 1:
						v, ok := take(l)
						require.Equal(t, len(want) > 0, ok)
						if ok {
							require.Equal(t, want[0], v)
							want = want[1:]
						}
					case 2:
						vs := make([]int, rng.IntN(12))
						w := l.Tail.Lock()
						room := l.Room(w, len(vs))
						require.EqualValues(t, min(uint64(len(vs)), limit-uint64(len(want))), room)
						for i := range room {
							vs[i] = next
							want = append(want, next)
							next++
						}
						l.Tail.Unlock(l.PutMany(w, vs[:room]))
					case 3:
						buf := make([]int, rng.IntN(12))
						w := l.Head.Lock()
						n := min(len(buf), l.Available(w, len(buf)))
						require.Equal(t, min(len(buf), len(want)), n)
						l.Head.Unlock(l.TakeMany(w, buf[:n]))
						require.Equal(t, append([]int{}, want[:n]...), append([]int{}, buf[:n]...))
						want = want[n:]
					}
					require.Equal(t, len(want), l.Len())
				}
			})
		})
	}
}

// blocks counts what the list holds on to.
func (l *List[T]) blocks() (n, slots int) {
	seen := map[*block[T]]bool{}
	for _, b := range []*block[T]{l.head.block, l.tail.block, l.spare.Load()} {
		for ; b != nil && !seen[b]; b = b.next {
			seen[b] = true
			n, slots = n+1, slots+len(b.slots)
		}
	}
	return n, slots
}

func TestAfterABurstAtMostOneSpareBlockStays(t *testing.T) {
	forEachList(t, Unlimited, func(t *testing.T, l *List[int]) {
		n, _ := l.blocks()
		assert.Zero(t, n, "nothing before the first message")
		for round := range 3 {
			for i := range 10_000 {
				put(l, i)
			}
			for range 10_000 {
				_, ok := take(l)
				require.True(t, ok)
			}
			n, slots := l.blocks()
			// The head stands on the tail's block, or still on an emptied one before it.
			assert.LessOrEqual(t, n, 3, "round %d", round)
			assert.LessOrEqual(t, slots, 3*maxSlots)
		}
	})
}

func TestEverySlotOutsideTheQueueIsZero(t *testing.T) {
	forEachList(t, Unlimited, func(t *testing.T, l *List[int]) {
		for i := 1; i <= 1000; i++ {
			put(l, i)
			if i%3 != 0 {
				take(l)
			}
			if i%50 == 0 {
				buf := make([]int, l.Len())
				w := l.Head.Lock()
				l.Available(w, len(buf))
				l.Head.Unlock(l.TakeMany(w, buf))
				for _, b := range []*block[int]{l.head.block, l.tail.block, l.spare.Load()} {
					for ; b != nil; b = b.next {
						for _, v := range b.slots {
							require.Zero(t, v)
						}
					}
				}
			}
		}
	})
}

func TestResetForgetsEverything(t *testing.T) {
	forEachList(t, Unlimited, func(t *testing.T, l *List[int]) {
		for i := range 500 {
			put(l, i)
		}
		h, tail := l.Head.Lock(), l.Tail.Lock()
		h, _ = l.Reset(h, tail)
		l.Tail.Unlock(tail)
		l.Head.Unlock(h)
		n, _ := l.blocks()
		assert.Zero(t, n)
		assert.Zero(t, l.Len())
		put(l, 7)
		v, ok := take(l)
		assert.True(t, ok)
		assert.Equal(t, 7, v)
	})
}

func TestPushAndPopReportObstacles(t *testing.T) {
	var l List[int]
	l.Init(1, 0)
	free := func() { // each has released the lock
		for _, c := range []*Cursor{&l.Tail, &l.Head} {
			require.False(t, c.Load().Locked())
		}
	}
	require.False(t, l.Push(1, Flag0), "no block yet")
	free()
	l.Tail.Unlock(l.Put(l.Tail.Lock(), 1) | Flag0)
	require.False(t, l.Push(2, Flag0), "the flag stops it")
	free()
	l.Tail.Unlock(l.Tail.Lock() &^ Flag0)
	require.False(t, l.Push(2, Flag0), "full")
	free()

	var v, none int
	require.True(t, l.Pop(Flag0, &v))
	require.Equal(t, 1, v)
	require.False(t, l.Pop(Flag0, &none), "empty")
	free()
	require.False(t, l.Head.Load().Has(Flag0), "and not inside any more")
	w, ok := l.Head.Enter(Flag0, Flag0)
	require.True(t, ok)
	l.Head.Unlock(w)
	require.False(t, l.Pop(Flag0, &none), "another receive is inside")
	free()
}

// Both ends at once: every message once, in the order of its sender.
func TestManySendersAndReceiversLoseNothing(t *testing.T) {
	const senders, receivers, each = 3, 3, 3000
	forEachList(t, 10, func(t *testing.T, l *List[int]) {
		var wg, done sync.WaitGroup
		got := make([][]int, receivers)
		stop := make(chan struct{})
		for s := range senders {
			wg.Go(func() {
				for i := 0; i < each; {
					if put(l, s*each+i) {
						i++
					} else {
						runtime.Gosched()
					}
				}
			})
		}
		for r := range receivers {
			done.Go(func() {
				for {
					if v, ok := take(l); ok {
						got[r] = append(got[r], v)
						continue
					}
					select {
					case <-stop:
						return
					default:
						runtime.Gosched()
					}
				}
			})
		}
		wg.Wait()
		for l.Len() > 0 {
			runtime.Gosched()
		}
		close(stop)
		done.Wait()
		seen := map[int]bool{}
		for _, vs := range got {
			last := [senders]int{-1, -1, -1}
			for _, v := range vs {
				require.False(t, seen[v])
				seen[v] = true
				require.Greater(t, v%each, last[v/each])
				last[v/each] = v % each
			}
		}
		require.Len(t, seen, senders*each)
	})
}
