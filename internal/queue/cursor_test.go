package queue

import (
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAWordKeepsPositionAndFlagsApart(t *testing.T) {
	w := Word(0).at(1 << 40)
	assert.Equal(t, uint64(1<<40), w.Pos())
	w |= Flag0 | Flag3
	assert.True(t, w.Has(Flag0))
	assert.True(t, w.Has(Flag1|Flag3))
	assert.False(t, w.Has(Flag1|Flag2))
	assert.Equal(t, uint64(1<<40), w.Pos())
	assert.Equal(t, uint64(1<<40+1), (w + Step).Pos())
	assert.Equal(t, Flag0|Flag3, w.at(7)&flagMask)
}

// The counter is plain memory: under the race detector, and by its value, it shows
// that only one goroutine at a time holds the lock and that the position counts
// every one of them. With one processor a preempted holder is met, too.
func TestTheLockExcludesAndCounts(t *testing.T) {
	const goroutines, each = 8, 3000
	for _, procs := range []int{1, 2, 4} {
		t.Run(fmt.Sprintf("procs=%d", procs), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
			var c Cursor
			n := 0
			var wg sync.WaitGroup
			for g := range goroutines {
				wg.Go(func() {
					for i := range each {
						w := c.Lock()
						n++
						if (i+g)%500 == 0 {
							runtime.Gosched() // a holder that loses its processor
						}
						c.Unlock(w + Step)
					}
				})
			}
			wg.Wait()
			require.Equal(t, goroutines*each, n)
			require.EqualValues(t, n, c.Load().Pos())
			require.False(t, c.Load().Locked())
		})
	}
}

func TestEnterIsBarredByItsFlagAndSetsIt(t *testing.T) {
	var c Cursor
	w, ok := c.Enter(Flag0, Flag0)
	require.True(t, ok)
	require.True(t, w.Has(Flag0))
	_, ok = c.Enter(Flag0, Flag0)
	require.False(t, ok, "barred at once, although the lock is held")
	c.Unlock(w)
	_, ok = c.Enter(Flag0, Flag0)
	require.False(t, ok, "the flag outlives the lock")
	again := c.Lock()
	require.Equal(t, w, again, "others may lock")
	c.Unlock(again &^ Flag0)
	w, ok = c.Enter(Flag0, Flag0)
	require.True(t, ok)
	c.Unlock(w)
}

func TestMoveKeepsAFlagThatWasClearedMeanwhile(t *testing.T) {
	var c Cursor
	w, _ := c.Enter(Flag0, 0)
	c.Clear(Flag0)
	c.Move(w + 3*Step)
	assert.False(t, c.Load().Has(Flag0))
	assert.False(t, c.Load().Locked())
	assert.EqualValues(t, 3, c.Load().Pos())
}
