package async_test

import (
	"errors"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/internal/testkit/litmus"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
)

// The test of this name in sync/mpsc says what it is about. Here are the calls that package
// mpsc does not have.
func TestWhatHasReturnedIsSeenByCallsThatDoNotWait(t *testing.T) {
	if runtime.NumCPU() < 2 {
		t.Skip("nothing is delayed on one processor")
	}
	tx, rx := async.Bounded[int](1)
	defer tx.Drop()
	defer rx.Drop()
	var mark litmus.Padded
	for name, full := range map[string]func() bool{
		"a receive, by TryReserve": func() bool {
			permit, err := tx.TryReserve()
			if err == nil {
				permit.Drop()
			}
			return errors.Is(err, async.ErrFull)
		},
		"a receive, by IsFull": tx.IsFull,
	} {
		t.Run(name, func(t *testing.T) {
			missed := litmus.Missings(testsize.Scaled(300_000), func() {
				mark.Store(0)
				_ = tx.TrySend(1)
			}, func() bool {
				_, _ = rx.TryRecv()
				return mark.Load() == 0
			}, func() bool {
				mark.Store(1)
				return full()
			})
			assert.Zero(t, missed, "rounds in which neither saw the other")
		})
	}
}
