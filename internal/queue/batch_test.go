package queue

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// Chains and cuts are one way more to put and to take, for batches of any length, wherever in
// a block the ends are.
func TestChainsAndCutsKeepTheOrderAndTheBlocks(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var l List[int]
		l.Init(Unlimited, 1+random.IntN(5))
		next, want := 1, 1
		numbers := func(n int) []int {
			vs := make([]int, n)
			for i := range vs {
				vs[i] = next
				next++
			}
			return vs
		}
		for range 60 {
			switch random.IntN(4) {
			case 0:
				vs := numbers(l.Run() + 1 + random.IntN(20))
				chain := l.Chain(vs[0], vs[1:])
				require.Equal(t, len(vs), chain.Len())
				l.Tail.Unlock(l.PutChain(l.Tail.Lock(), chain))
			case 1:
				vs := numbers(random.IntN(20))
				l.Tail.Unlock(l.PutMany(l.Tail.Lock(), vs))
			default:
				w := l.Head.Lock()
				n := min(1+random.IntN(40), l.Available(w, 40))
				if n <= 0 {
					l.Head.Unlock(w)
					continue
				}
				buf := make([]int, n)
				if random.IntN(2) == 0 {
					l.Head.Unlock(l.TakeMany(w, buf))
				} else {
					end, rest, from, to := l.Cut(w, buf)
					l.Head.Unlock(end)
					rest.CopyTo(buf[:from])
					buf = buf[:to]
				}
				for _, v := range buf {
					require.Equal(t, want, v)
					want++
				}
			}
			require.Equal(t, next-want, l.Len())
			// Only the slots between the two ends hold messages.
			at, left := l.head, l.Len()
			for b := at.block; b != nil; b, at.index = b.next, 0 {
				for i, v := range b.slots {
					full := uint64(i) >= at.index && left > 0
					require.Equal(t, full, v != 0)
					if full {
						left--
					}
				}
			}
			require.Zero(t, left)
		}
	}
}

// However long it is, a batch is linked with the work for one block, and cut with that for one
// and a look at some hundred others.
func TestALongBatchIsShortUnderTheLock(t *testing.T) {
	const n = 1 << 20
	var l List[int]
	l.Init(Unlimited, 0)
	l.Tail.Unlock(l.PutMany(l.Tail.Lock(), []int{1, 2, 3}))
	vs := make([]int, n)
	chain := l.Chain(vs[0], vs[1:])
	require.Zero(t, testing.AllocsPerRun(1, func() {
		if chain.Len() > 0 {
			l.Tail.Unlock(l.PutChain(l.Tail.Lock(), chain))
			chain = Chain[int]{}
		}
	}))
	buf := make([]int, n+3)
	for got := 0; got < len(buf); {
		w := l.Head.Lock()
		end, rest, from, to := l.Cut(w, buf[got:])
		l.Head.Unlock(end)
		require.LessOrEqual(t, to-from, maxSlots, "copied under the lock")
		require.LessOrEqual(t, to, (cutBlocks+1)*maxSlots)
		rest.CopyTo(buf[got:][:from])
		got += to
	}
	require.Zero(t, l.Len())
}
