package probe

import (
	"context"
	"runtime"
	"runtime/pprof"
	"sync"
	"testing"
	"testing/synctest"
	"unsafe"

	"github.com/stretchr/testify/assert"
)

func TestAGoroutineFindsTheNumberThatTracebacksShow(t *testing.T) {
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			for range 10 {
				number := numberInTraceback()
				assert.Equal(t, number, Goroutine())
				if quick, ok := Quick(); ok {
					assert.Equal(t, number, quick)
				}
				runtime.Gosched() // perhaps to another thread
			}
		})
	}
	wg.Wait()
	synctest.Test(t, func(t *testing.T) { assert.Equal(t, numberInTraceback(), Goroutine()) })
}

// Without this a new version of Go could make everything that is recorded slow, and each task
// slow that is looked at for a lock, unseen.
func TestPlacesAreFoundInTheDescriptor(t *testing.T) {
	needsAssembly(t)
	assert.True(t, Described())
	assert.True(t, Here().Known())
	_, ok := Quick()
	assert.True(t, ok)
	synctest.Test(t, func(t *testing.T) { assert.Equal(t, known(), find()) })
	assert.Zero(t, testing.AllocsPerRun(100, func() { Goroutine(); Here() }))
}

// Two words that both fit are no place, nor is none.
func TestAPlaceIsTheOnlyOneThatFits(t *testing.T) {
	var c candidates
	assert.Zero(t, c.only())
	c[5] = true
	assert.Equal(t, 5*unsafe.Sizeof(uintptr(0)), c.only())
	c[7] = true
	assert.Zero(t, c.only())
	c.keep(func(is *candidates) { is[3], is[7] = true, true })
	assert.Equal(t, 7*unsafe.Sizeof(uintptr(0)), c.only())
}

func needsAssembly(t *testing.T) {
	if purego {
		t.Skip("the build is without assembly")
	}
	if runtime.Compiler != "gc" || runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		t.Skip("no assembly for " + runtime.Compiler + " on " + runtime.GOARCH)
	}
}

// Both ways of looking agree with what the goroutine has done, wherever it runs.
func TestAGoroutineSeesThatItIsLocked(t *testing.T) {
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			m := Here()
			for locks := range 3 {
				for range locks {
					runtime.LockOSThread()
				}
				for left := locks; ; left-- {
					runtime.Gosched() // to another thread, if it is not locked
					assert.Equal(t, left > 0, m.Locked())
					assert.Equal(t, left > 0, lockedInTraceback())
					if left == 0 {
						break
					}
					runtime.UnlockOSThread()
				}
			}
		})
	}
	wg.Wait()
	synctest.Test(t, func(t *testing.T) {
		runtime.LockOSThread()
		assert.True(t, lockedInTraceback(), "the header is longer in a bubble")
		assert.True(t, Here().Locked())
		runtime.UnlockOSThread()
		assert.False(t, Here().Locked())
	})
}

func TestAGoroutineSeesThatItHasLabels(t *testing.T) {
	needsAssembly(t)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			m := Here()
			assert.False(t, m.Labelled())
			pprof.Do(t.Context(), pprof.Labels("a", "1"), func(ctx context.Context) {
				runtime.Gosched()
				assert.True(t, m.Labelled())
				pprof.Do(ctx, pprof.Labels("b", "2"), func(context.Context) { assert.True(t, m.Labelled()) })
				assert.True(t, m.Labelled())
				wg.Go(func() { assert.True(t, Here().Labelled(), "inherited") })
			})
			assert.False(t, m.Labelled())
		})
	}
	wg.Wait()
}

func TestMarksThatAreNotKnownClaimNothing(t *testing.T) {
	var m Marks
	assert.False(t, m.Known())
	assert.True(t, m.Labelled(), "it may be")
	assert.False(t, m.Locked())
	runtime.LockOSThread()
	assert.True(t, m.Locked(), "by the traceback")
	runtime.UnlockOSThread()
}

func BenchmarkGoroutine(b *testing.B) {
	for name, number := range map[string]func() uint64{"descriptor": Goroutine, "traceback": numberInTraceback} {
		b.Run("from="+name, func(b *testing.B) {
			for b.Loop() {
				number()
			}
		})
	}
}

func BenchmarkMarks(b *testing.B) {
	m := Here()
	for name, look := range map[string]func() bool{"descriptor": func() bool { return m.Locked() || m.Labelled() }, "traceback": lockedInTraceback} {
		b.Run("from="+name, func(b *testing.B) {
			for b.Loop() {
				look()
			}
		})
	}
}
