package queue

import (
	"testing"

	"github.com/handoff-go/handoff/internal/sched"
)

// BenchmarkRelease takes a lock, with a compare-and-swap, and releases it in either way.
func BenchmarkRelease(b *testing.B) {
	var word struct {
		_ [64]byte
		w sched.Uint64
		_ [64]byte
	}
	take := func() uint64 {
		w := word.w.Load()
		if !word.w.CompareAndSwap(w, w|1) {
			b.Fatal("no other goroutine takes it")
		}
		return w
	}
	b.Run("with=Store", func(b *testing.B) {
		for range b.N {
			word.w.Store(take() + 2)
		}
	})
	b.Run("with=publish", func(b *testing.B) {
		if !plainStores {
			b.Skip("there is only Store in this build")
		}
		for range b.N {
			publish(&word.w, take()+2)
		}
	})
}
