package mpsc_test

import (
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/handoff-go/handoff/sync/mpsc"
)

// What has returned is seen by whoever looks afterwards, also by a call that does not wait.
// One goroutine does something and then looks for the other's mark, the other makes its mark
// and then looks for what was done: one of the two must see the other.
//
// Processors delay stores, and on amd64 the end of a send or a receive is such a store. The
// race detector leaves no store delayed, so it is without it that this test can fail.
func TestWhatHasReturnedIsSeenByCallsThatDoNotWait(t *testing.T) {
	if runtime.NumCPU() < 2 {
		t.Skip("nothing is delayed on one processor")
	}
	tx, rx := mpsc.SyncChannel[int](1)
	other, orx := mpsc.SyncChannel[int](1)
	full := func() {
		_ = tx.TrySend(1)
		_ = other.TrySend(1)
	}
	empty := func() { _, _ = rx.TryRecv() }
	var mark padded
	unmarked := func() bool { return mark.Load() == 0 }
	for name, c := range map[string]struct{ prepare, done, looks func() bool }{
		"a receive, by TrySend": {
			step(full), and(step(func() { _, _ = rx.Recv() }), unmarked),
			and(step(func() { mark.Store(1) }), func() bool { return errors.Is(tx.TrySend(2), mpsc.ErrFull) }),
		},
		"a receive, by Len": {
			step(full), and(step(func() { _, _ = rx.Recv() }), unmarked),
			and(step(func() { mark.Store(1) }), func() bool { return rx.Len() == 1 }),
		},
		"a send, by TryRecv": {
			step(empty), and(step(func() { _ = tx.Send(1) }), unmarked),
			and(step(func() { mark.Store(1) }), func() bool { _, err := rx.TryRecv(); return errors.Is(err, mpsc.ErrEmpty) }),
		},
		"a send, by IsEmpty": {
			step(empty), and(step(func() { _ = tx.Send(1) }), unmarked),
			and(step(func() { mark.Store(1) }), rx.IsEmpty),
		},
		"receives from two channels, by Len": {
			step(full), and(step(func() { _, _ = rx.Recv() }), func() bool { return orx.Len() == 1 }),
			and(step(func() { _, _ = orx.Recv() }), func() bool { return rx.Len() == 1 }),
		},
	} {
		t.Run(name, func(t *testing.T) {
			missed := missings(scaled(300_000), func() { mark.Store(0); c.prepare() }, c.done, c.looks)
			assert.Zero(t, missed, "rounds in which neither saw the other")
		})
	}
}

// padded is alone on its cache line.
type padded struct {
	_ [64]byte
	atomic.Int64
	_ [64]byte
}

func step(f func()) func() bool { return func() bool { f(); return true } }

func and(first, second func() bool) func() bool {
	return func() bool { return first() && second() }
}

// missings runs a and b at the same time, after prepare, and returns how often both return
// true.
func missings(rounds int, prepare func(), a, b func() bool) (n int) {
	var turn, done padded
	var other, stop atomic.Bool
	defer stop.Store(true)
	go func() {
		for i := range int64(rounds) {
			if !reach(&turn, i+1, &stop) {
				return
			}
			apart(int(i) * 3 % 37)
			other.Store(b())
			done.Store(i + 1)
		}
	}()
	begin := time.Now()
	for i := range int64(rounds) {
		if i%64 == 0 && time.Since(begin) > 2*time.Second {
			break // a busy machine: a round takes long, and few are as close
		}
		prepare()
		turn.Store(i + 1)
		apart(int(i) * 7 % 37)
		missed := a()
		reach(&done, i+1, &stop)
		if missed && other.Load() {
			n++
		}
	}
	return n
}

func reach(v *padded, n int64, stop *atomic.Bool) bool {
	for spins := 0; v.Load() < n; spins++ {
		if stop.Load() {
			return false
		}
		if spins > 5000 {
			runtime.Gosched()
		}
	}
	return true
}

// apart lets some nanoseconds pass.
//
//go:noinline
func apart(n int) {
	for range n {
	}
}
