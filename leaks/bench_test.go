package leaks_test

import (
	"testing"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/leaks"
)

// What tracking costs a handle that is dropped, and a message.
func BenchmarkTracking(b *testing.B) {
	for _, on := range []bool{false, true} {
		name := "tracking=off"
		if on {
			name = "tracking=on"
		}
		b.Run("open and drop/"+name, func(b *testing.B) {
			defer track(on)()
			b.ReportAllocs()
			for b.Loop() {
				tx, rx := async.Bounded[int](1)
				tx.Drop()
				rx.Drop()
			}
		})
		b.Run("clone and drop/"+name, func(b *testing.B) {
			defer track(on)()
			tx, rx := async.Bounded[int](1)
			defer rx.Drop()
			defer tx.Drop()
			b.ReportAllocs()
			for b.Loop() {
				tx.Clone().Drop()
			}
		})
		b.Run("send and receive/"+name, func(b *testing.B) {
			defer track(on)()
			tx, rx := async.Bounded[int](1)
			defer rx.Drop()
			defer tx.Drop()
			b.ReportAllocs()
			for b.Loop() {
				_ = tx.TrySend(1)
				_, _ = rx.TryRecv()
			}
		})
	}
}

func track(on bool) (stop func()) {
	if !on {
		return func() {}
	}
	return leaks.Track()
}
