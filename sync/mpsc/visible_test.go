package mpsc_test

import (
	"errors"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/handoff-go/handoff/internal/testkit/litmus"
	"github.com/handoff-go/handoff/internal/testkit/stall"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/sync/mpsc"
)

// What has returned is visible to every later call, also by a call that does not wait.
// One goroutine does something and then looks for the other's mark, the other makes its mark
// and then looks for what was done: one of the two must see the other.
//
// Processors delay stores, and on amd64 the end of a send or a receive is such a store. The
// race detector leaves no store delayed, so it is without it that this test can fail.
func TestWhatHasReturnedIsSeenByCallsThatDoNotWait(t *testing.T) {
	if runtime.NumCPU() < 2 {
		t.Skip("nothing is delayed on one processor")
	}
	progress := stall.Watch(t)
	tx, rx := mpsc.SyncChannel[int](1)
	defer tx.Drop()
	defer rx.Drop()
	other, orx := mpsc.SyncChannel[int](1)
	defer other.Drop()
	defer orx.Drop()
	full := func() {
		_ = tx.TrySend(1)
		_ = other.TrySend(1)
	}
	empty := func() { _, _ = rx.TryRecv() }
	var mark litmus.Padded
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
			missed := litmus.Missings(testsize.Scaled(300_000), func() { progress(); mark.Store(0); c.prepare() }, c.done, c.looks)
			assert.Zero(t, missed, "rounds in which neither saw the other")
		})
	}
}

func step(f func()) func() bool { return func() bool { f(); return true } }

func and(first, second func() bool) func() bool {
	return func() bool { return first() && second() }
}
