package mpsc_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/sync/mpsc"
)

// odd is a context whose Done is closed while Err is whatever the test wants.
type odd struct {
	context.Context
	done chan struct{}
	err  func() error
}

func (o odd) Done() <-chan struct{} { return o.done }
func (o odd) Err() error            { return o.err() }

func TestAContextThatContradictsItselfEndsTheWait(t *testing.T) {
	for _, bound := range []int{0, 1, 64} {
		synctest.Test(t, func(t *testing.T) {
			ctx := odd{t.Context(), make(chan struct{}), func() error { return nil }}
			tx, rx := mpsc.SyncChannel[int](bound)
			time.AfterFunc(time.Second, func() { close(ctx.done) })
			_, err := rx.RecvContext(ctx)
			require.ErrorIs(t, err, context.Canceled)
			for range bound {
				require.NoError(t, tx.TrySend(1))
			}
			require.ErrorIs(t, tx.SendContext(ctx, 2), context.Canceled)
			for range bound {
				_, err := rx.TryRecv()
				require.NoError(t, err)
			}
			// No waiter is left in a queue.
			require.ErrorIs(t, tx.SendTimeout(1, 0), map[bool]error{true: mpsc.ErrTimeout, false: nil}[bound == 0])
		})
	}
}

func TestAPanicInAContextLeavesTheReceiverUsable(t *testing.T) {
	// At the first look at Err, and after the wait.
	for _, at := range []int32{1, 2} {
		synctest.Test(t, func(t *testing.T) {
			var looks atomic.Int32
			ctx := odd{t.Context(), make(chan struct{}), func() error {
				if looks.Add(1) == at {
					panic("context")
				}
				return nil
			}}
			tx, rx := mpsc.SyncChannel[int](1)
			time.AfterFunc(time.Second, func() { close(ctx.done) })
			require.PanicsWithValue(t, "context", func() { _, _ = rx.RecvContext(ctx) })
			require.NoError(t, tx.Send(1))
			v, err := rx.Recv()
			require.NoError(t, err)
			require.Equal(t, 1, v)

			require.NoError(t, tx.Send(2))
			looks.Store(0)
			require.PanicsWithValue(t, "context", func() { _ = tx.SendContext(ctx, 3) })
			v, err = rx.Recv()
			require.NoError(t, err)
			require.Equal(t, 2, v)
			_, err = rx.TryRecv()
			require.ErrorIs(t, err, mpsc.ErrEmpty, "the send that panicked left nothing behind")
		})
	}
}

func TestDoneIsClosedOnceASendHasReportedErrDisconnected(t *testing.T) {
	for range testsize.Scaled(3000) {
		tx, rx := mpsc.SyncChannel[int](0)
		closed := func() bool {
			select {
			case <-tx.Done():
				return true
			default:
				return false
			}
		}
		_ = tx.Done()
		go rx.Drop()
		require.Error(t, tx.Send(1))
		require.True(t, closed(), "a send failed before Done was closed")
	}
	for range testsize.Scaled(3000) {
		tx, rx := mpsc.Channel[int]()
		rx.Drop()
		late := make(chan bool)
		for range 2 {
			go func() {
				select {
				case <-tx.Done():
					late <- false
				default:
					late <- true
				}
			}()
		}
		require.False(t, <-late)
		require.False(t, <-late)
	}
}

func TestAllContextEndsWhileThereAreMessages(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	tx, rx := mpsc.Channel[int]()
	n, err := tx.SendMany(make([]int, 10))
	require.NoError(t, err)
	require.Equal(t, 10, n)
	seen := 0
	for range rx.AllContext(ctx) {
		if seen++; seen == 3 {
			cancel()
		}
	}
	require.Equal(t, 3, seen)
	require.Equal(t, 7, rx.Len(), "the rest is there")
	for range rx.AllContext(ctx) {
		seen++
	}
	require.Equal(t, 4, seen, "an ended context gets one try")
}

func TestNothingToSendAndNothingToCompareAreNoErrors(t *testing.T) {
	tx, rx := mpsc.SyncChannel[int](1)
	utx, urx := mpsc.Channel[int]()
	defer rx.Drop()
	defer urx.Drop()
	require.False(t, tx.SameChannel(nil))
	require.False(t, utx.SameChannel(nil))
	tx.Drop()
	utx.Drop()
	n, err := tx.SendMany(nil)
	require.NoError(t, err)
	require.Zero(t, n)
	n, err = utx.SendMany(nil)
	require.NoError(t, err)
	require.Zero(t, n)
}
