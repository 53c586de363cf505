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
	assert.NoError(t, leftBehind())
}

// leftBehind is goleak.Find with more patience for goroutines that are about to end. That
// gives up within a second, which is too soon on a machine that is busy.
func leftBehind() (err error) {
	for range 20 {
		if err = goleak.Find(); err == nil {
			return nil
		}
	}
	return err
}

// The other way round: what ends the goroutine is reported.
func TestAGoroutineThatALostHandleHeldUpIsReportedByTheHandle(t *testing.T) {
	assertLeaks(t, found(func() {
		tx, rx := mpsc.Channel[int]()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			defer rx.Drop()
			_, _ = rx.Recv()
		}()
		assert.Error(t, goleak.Find(), "the sender lives")
		runtime.KeepAlive(tx) // or it is lost before: garbage is collected at any time
		require.True(t, collectUntil(func() bool {
			select {
			case <-ended:
				return true
			default:
				return false
			}
		}))
		assert.NoError(t, leftBehind())
	}), "mpsc.Sender[int]")
}

// A goroutine that waits forever on a channel that nothing else refers to keeps it, with
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
