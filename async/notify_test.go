package async_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
)

// Rule 5. The case async_recv_drop_recv of flume: a receive that was notified and
// is dropped notifies the next.
func TestADroppedReceivePassesItsNotificationOn(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		tx, rx := f.open()
		first, second := rx.Recv(), rx.Recv()
		woken := assertPending(t, first)
		next := assertPending(t, second)
		var send *async.SendFuture[int]
		if f.capacity == 0 {
			send = tx.Send(7)
			assertPending(t, send)
		} else {
			require.NoError(t, tx.TrySend(7))
		}
		require.Equal(t, 1, woken.count())
		require.Zero(t, next.count())
		first.Drop()
		require.Equal(t, 1, next.count())
		v, err := poll(t, second)
		require.NoError(t, err)
		require.Equal(t, 7, v)
	})
}

// A receive that finds a message though it was not notified, because it was polled for
// another reason, leaves the line.
func TestAReceiveThatWasNotNotifiedLeavesTheWaitQueue(t *testing.T) {
	forEachBuffer(t, func(t *testing.T, f flavour) {
		tx, rx := f.open()
		first, second := rx.Recv(), rx.Recv()
		woken := assertPending(t, first)
		assertPending(t, second)
		require.NoError(t, tx.TrySend(1))
		require.Equal(t, 1, woken.count())
		v, err := poll(t, second)
		require.NoError(t, err)
		require.Equal(t, 1, v)
		woken = assertPending(t, first)
		require.NoError(t, tx.TrySend(2))
		require.Equal(t, 1, woken.count())
		v, err = poll(t, first)
		require.NoError(t, err)
		require.Equal(t, 2, v)
	})
}

// Rule 5 with a goroutine behind the future that goes away.
func TestAPassedOnNotificationReachesAParkedGoroutine(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		synctest.Test(t, func(t *testing.T) {
			tx, rx := f.open()
			rx2 := rx.Clone()
			first := rx2.Recv()
			assertPending(t, first)
			got := make(chan int, 1)
			go func() {
				v, err := rx.RecvBlocking()
				assert.NoError(t, err)
				got <- v
			}()
			synctest.Wait()
			go func() { assert.NoError(t, tx.Send(7).Await(t.Context())) }()
			synctest.Wait()
			rx2.Drop() // and the future is only polled to see it
			_, err := poll(t, first)
			require.ErrorIs(t, err, async.ErrDropped)
			require.Equal(t, 7, <-got)
		})
	})
}

// The case forget_blocked_receiver of async-channel: a future that was polled once and
// then forgotten holds back one notification at most.
func TestAForgottenReceiveHoldsBackOneNotificationAtMost(t *testing.T) {
	forEachBuffer(t, func(t *testing.T, f flavour) {
		synctest.Test(t, func(t *testing.T) {
			tx, rx := f.open()
			assertPending(t, rx.Recv()) // forgotten
			second := rx.Recv()
			woken := assertPending(t, second)
			require.NoError(t, tx.TrySend(1))
			require.Zero(t, woken.count())
			v, err := rx.TryRecv() // a fresh try finds it
			require.NoError(t, err)
			require.Equal(t, 1, v)
			require.NoError(t, tx.TrySend(2)) // and the next operation wakes the next one
			require.Equal(t, 1, woken.count())
			v, err = poll(t, second)
			require.NoError(t, err)
			require.Equal(t, 2, v)
		})
	})
}

// The case forget_blocked_sender of async-channel. There the forgotten send keeps its
// value; here it offers it, so it is sent in FIFO order, and no send behind it waits.
func TestAnAbandonedSendHoldsNoOtherSendUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tx, rx := async.Bounded[int](2)
		require.NoError(t, tx.Send(3).Await(t.Context()))
		require.NoError(t, tx.Send(7).Await(t.Context()))
		assertPending(t, tx.Send(13)) // forgotten
		done := make(chan error, 1)
		go func() { done <- tx.Clone().Send(42).Await(t.Context()) }()
		synctest.Wait()
		for _, want := range []int{3, 7, 13, 42} {
			v, err := rx.Recv().Await(t.Context())
			require.NoError(t, err)
			require.Equal(t, want, v)
		}
		require.NoError(t, <-done)
	})
}

// A poll between a notification and its wake must neither lose the new waker nor
// be queued twice.
func TestAPollInsideOfAWakeIsHarmless(t *testing.T) {
	tx, rx := async.Unbounded[int]()
	f := rx.Recv()
	other := new(counter)
	inside := &pollInWake{}
	inside.wake = func() {
		_, err := rx.TryRecv() // another receive takes the message
		require.NoError(t, err)
		_, ready, _ := f.Poll(future.NewContext(t.Context(), other))
		require.False(t, ready)
	}
	_, ready, _ := f.Poll(future.NewContext(t.Context(), inside))
	require.False(t, ready)
	require.NoError(t, tx.TrySend(1))
	require.Zero(t, other.count())
	require.NoError(t, tx.TrySend(2))
	require.Equal(t, 1, other.count())
	v, err := poll(t, f)
	require.NoError(t, err)
	require.Equal(t, 2, v)
}

type pollInWake struct{ wake func() }

func (p *pollInWake) Wake() { p.wake() }
