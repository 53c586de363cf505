package leaks_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/handoff-go/handoff/leaks"
	"github.com/handoff-go/handoff/sync/mpsc"
)

// A goroutine that is left behind is seen by goleak, and the handles that it has are not
// garbage: the leak is reported once, by the one or by the other.
func TestAHandleOfAGoroutineThatIsLeftIsGoleaksToReport(t *testing.T) {
	var end *mpsc.Sender[int]
	assert.Empty(t, found(func() {
		tx, rx := mpsc.Channel[int]()
		end = tx
		go func() {
			defer rx.Drop()
			_, _ = rx.Recv()
		}()
		assert.ErrorContains(t, goleak.Find(), "mpsc.(*Receiver", "while it waits")
	}))
	end.Drop()
	assert.NoError(t, goleak.Find())
}

// The other way round: what ends the goroutine is reported.
func TestAGoroutineThatALostHandleHeldUpIsReportedByTheHandle(t *testing.T) {
	assertLeaks(t, found(func() {
		_, rx := mpsc.Channel[int]()
		go func() {
			defer rx.Drop()
			_, _ = rx.Recv()
		}()
		assert.Error(t, goleak.Find(), "nothing was collected yet, unless somebody else did")
		before := leaks.Count()
		require.True(t, collectUntil(func() bool { return leaks.Count() > before }))
		assert.NoError(t, goleak.Find())
	}), "mpsc.Sender[int]")
}

// A goroutine that waits for ever on a channel that nobody else has keeps it, with
// tracking and without. profile_test.go has the same with the profile that finds it.
func TestTheReceiverOfACallThatWaitsIsNoGarbage(t *testing.T) {
	tx, rx := mpsc.Channel[int]()
	done := make(chan struct{})
	stop := leaks.Track()
	defer stop()
	before := leaks.Count()
	go func() {
		defer close(done)
		_, _ = rx.Recv()
	}()
	collect()
	assert.Equal(t, before, leaks.Count())
	tx.Drop()
	<-done
	runtime.KeepAlive(tx)
}
