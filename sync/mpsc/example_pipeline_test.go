package mpsc_test

import (
	"fmt"

	"github.com/handoff-go/handoff/sync/mpsc"
)

// through is a stage: it passes what comes from rx through fn, on a goroutine of its
// own, until rx ends or the results are not wanted.
func through[A, B any](rx *mpsc.Receiver[A], fn func(A) B) *mpsc.Receiver[B] {
	tx, out := mpsc.SyncChannel[B](4)
	go func() {
		defer rx.Drop() // tells the stage before: no more is wanted
		defer tx.Drop() // tells the stage after: no more comes
		for v := range rx.All() {
			if tx.Send(fn(v)) != nil {
				return
			}
		}
	}()
	return out
}

// Stages that run side by side. A Drop at either end ends them all.
func Example_pipeline() {
	tx, numbers := mpsc.SyncChannel[int](4)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		defer tx.Drop()
		for n := 1; tx.Send(n) == nil; n++ { // until the receiver was dropped
		}
	}()

	squares := through(numbers, func(n int) int { return n * n })
	lines := through(squares, func(n int) string { return fmt.Sprint("square ", n) })
	for range 3 {
		fmt.Println(lines.Recv())
	}
	lines.Drop() // that was enough
	<-stopped
	fmt.Println("all have stopped")
	// Output:
	// square 1 <nil>
	// square 4 <nil>
	// square 9 <nil>
	// all have stopped
}
