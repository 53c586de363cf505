package probe

import (
	"runtime"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
)

func TestAGoroutineFindsTheNumberThatTracebacksShow(t *testing.T) {
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			for range 10 {
				assert.Equal(t, numberInTraceback(), Goroutine())
				runtime.Gosched() // perhaps to another thread
			}
		})
	}
	wg.Wait()
	synctest.Test(t, func(t *testing.T) { assert.Equal(t, numberInTraceback(), Goroutine()) })
}

// Without this a new version of Go could make everything that is recorded slow, unseen.
func TestTheNumberIsFoundInTheDescriptor(t *testing.T) {
	if runtime.Compiler != "gc" || runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		t.Skip("no assembly for " + runtime.Compiler + " on " + runtime.GOARCH)
	}
	assert.NotZero(t, numberPlace())
	synctest.Test(t, func(t *testing.T) { assert.Equal(t, numberPlace(), findNumber()) })
	assert.Zero(t, testing.AllocsPerRun(100, func() { Goroutine() }))
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
