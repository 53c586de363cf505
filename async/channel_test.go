package async_test

import (
	"errors"
	"math"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
)

// The cases smoke and smoke_blocking of async-channel.
func TestBothHalvesWorkTogether(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		synctest.Test(t, func(t *testing.T) {
			tx, rx := f.open()
			go func() {
				assert.NoError(t, tx.SendBlocking(1))
				assert.NoError(t, tx.Send(2).Await(t.Context()))
				n, err := tx.SendMany([]int{3, 4, 5}).Await(t.Context())
				assert.NoError(t, err)
				assert.Equal(t, 3, n)
				tx.Drop()
			}()
			v, err := rx.Recv().Await(t.Context())
			require.NoError(t, err)
			require.Equal(t, 1, v)
			v, err = rx.RecvBlocking()
			require.NoError(t, err)
			require.Equal(t, 2, v)
			want := 3
			for v := range rx.All(t.Context()) {
				require.Equal(t, want, v)
				want++
			}
			require.Equal(t, 6, want)
		})
	})
}

// The cases capacity, len_empty_full and len of async-channel, zero's len_empty_full of
// crossbeam.
func TestWhatAChannelSaysOfItself(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		tx, rx := f.open()
		n, bounded := tx.Capacity()
		m, alsoBounded := rx.Capacity()
		assert.Equal(t, n, m)
		assert.Equal(t, bounded, alsoBounded)
		if f.capacity == unbounded {
			assert.False(t, bounded)
			assert.Equal(t, math.MaxInt, n)
			assert.Equal(t, math.MaxInt, rx.Available())
			for range 1000 {
				require.NoError(t, tx.TrySend(1))
			}
			assert.Equal(t, 1000, rx.Len())
			assert.False(t, rx.IsFull())
			return
		}
		assert.True(t, bounded)
		assert.Equal(t, f.capacity, n)
		for i := range n {
			assert.False(t, tx.IsFull())
			assert.Equal(t, n-i, rx.Available())
			assert.Equal(t, i, tx.Len())
			require.NoError(t, tx.TrySend(1))
		}
		assert.True(t, rx.IsFull())
		assert.Equal(t, n == 0, rx.IsEmpty())
		assert.Zero(t, tx.Available())
	})
}

// The cases receiver_count and sender_count of async-channel, and tokio's counts.
func TestCounts(t *testing.T) {
	tx, rx := async.Unbounded[int]()
	var txs []*async.Sender[int]
	var rxs []*async.Receiver[int]
	weak, weakRx := tx.Downgrade(), rx.Downgrade()
	for range 20 {
		txs, rxs = append(txs, tx.Clone()), append(rxs, rx.Clone())
	}
	assert.Equal(t, 21, tx.SenderCount())
	assert.Equal(t, 21, rx.SenderCount())
	assert.Equal(t, 21, tx.ReceiverCount())
	upgraded, ok := weak.Upgrade()
	assert.True(t, ok)
	assert.Equal(t, 22, tx.SenderCount())
	upgradedRx, ok := weakRx.Upgrade()
	assert.True(t, ok)
	assert.Equal(t, 22, tx.ReceiverCount())
	assert.True(t, upgraded.SameChannel(tx))
	assert.True(t, upgradedRx.SameChannel(rx))
	other, otherRx := async.Unbounded[int]()
	assert.False(t, other.SameChannel(tx))
	assert.False(t, otherRx.SameChannel(rx))
	assert.False(t, tx.SameChannel(nil))
	for i := range txs {
		txs[i].Drop()
		rxs[i].Drop()
		rxs[i].Drop()
	}
	upgraded.Drop()
	upgradedRx.Drop()
	assert.Equal(t, 1, rx.SenderCount())
	assert.Equal(t, 1, rx.ReceiverCount())
	assert.False(t, rx.IsClosed())
}

// The cases send_after_close and recv_after_close of async-channel.
func TestCloseEndsSendsAndLeavesWhatIsBuffered(t *testing.T) {
	forEachBuffer(t, func(t *testing.T, f flavour) {
		tx, rx := f.open()
		tx2 := tx.Clone()
		require.NoError(t, tx.TrySend(1))
		assert.NoError(t, tx.Cause())
		assert.True(t, rx.Close())
		assert.False(t, rx.Close())
		assert.False(t, tx.Close())
		assert.False(t, tx.CloseCause(errors.New("late")))
		assert.Equal(t, async.ErrClosed, tx.Cause())
		for _, s := range []*async.Sender[int]{tx, tx2, tx.Clone()} {
			assert.True(t, s.IsClosed())
			assertRefused(t, 4, async.ErrClosed, s.Send(4).Await(t.Context()))
			assertRefused(t, 5, async.ErrClosed, s.TrySend(5))
			<-s.Done()
			_, err := poll(t, s.Closed())
			assert.NoError(t, err)
		}
		assert.Equal(t, 1, rx.Len())
		v, err := rx.Recv().Await(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, v)
		_, err = rx.Recv().Await(t.Context())
		require.ErrorIs(t, err, async.ErrClosed)
	})
}

func TestACauseIsFoundInEveryErrorBesideErrClosed(t *testing.T) {
	cause := errors.New("the disk is full")
	forEachFlavour(t, func(t *testing.T, f flavour) {
		synctest.Test(t, func(t *testing.T) {
			tx, rx := f.open()
			both := func(err error) {
				t.Helper()
				assert.ErrorIs(t, err, async.ErrClosed)
				assert.ErrorIs(t, err, cause)
			}
			if f.capacity != unbounded {
				fill(t, tx)
				go func() { both(tx.Send(1).Await(t.Context())) }()
				go func() {
					_, err := tx.SendMany([]int{1}).Await(t.Context())
					both(err)
				}()
			}
			synctest.Wait()
			assert.True(t, tx.CloseCause(cause))
			assert.Equal(t, cause, rx.Cause())
			synctest.Wait()
			both(tx.TrySend(1))
			both(tx.SendBlocking(1))
			_, err := tx.TryReserve()
			both(err)
			_, _, err = tx.ForceSend(1)
			both(err)
			for range rx.All(t.Context()) {
			}
			_, err = rx.TryRecv()
			both(err)
			_, err = rx.Recv().Await(t.Context())
			both(err)
			_, err = rx.RecvBlocking()
			both(err)
			assert.Contains(t, err.Error(), "disk")
			tx.Drop()
			rx.Drop()
			assert.Equal(t, cause, rx.Cause())
		})
	})
}

// The case closed of async-channel and the loom models closing_{bounded,unbounded}_rx.
func TestClosedIsPendingWhileAReceiverLives(t *testing.T) {
	tx, rx := async.Bounded[int](1)
	one, two := tx.Closed(), tx.Clone().Closed()
	woken1, woken2 := assertPending(t, one), assertPending(t, two)
	dropped := tx.Closed()
	woken3 := assertPending(t, dropped)
	dropped.Drop()
	done := tx.Done()
	rx.Drop()
	<-done
	assert.Equal(t, 1, woken1.count())
	assert.Equal(t, 1, woken2.count())
	assert.Zero(t, woken3.count())
	_, err := poll(t, one)
	require.NoError(t, err)
	_, err = poll(t, tx.Closed())
	require.NoError(t, err)
}

// The case force_send of async-channel.
func TestForceSendMakesRoomByTheOldest(t *testing.T) {
	tx, rx := async.Bounded[int](1)
	_, replaced, err := tx.ForceSend(7)
	require.NoError(t, err)
	require.False(t, replaced)
	old, replaced, err := tx.ForceSend(8)
	require.NoError(t, err)
	require.True(t, replaced)
	require.Equal(t, 7, old)
	waiting := tx.Send(9)
	assertPending(t, waiting)
	old, replaced, err = tx.ForceSend(10) // ahead of the one that waits
	require.NoError(t, err)
	require.True(t, replaced)
	require.Equal(t, 8, old)
	for _, want := range []int{10, 9} {
		v, err := rx.TryRecv()
		require.NoError(t, err)
		require.Equal(t, want, v)
	}
	_, err = poll(t, waiting)
	require.NoError(t, err)

	free, frx := async.Unbounded[int]()
	for i := range 1000 {
		_, replaced, err = free.ForceSend(i)
		require.NoError(t, err)
		require.False(t, replaced)
	}
	require.Equal(t, 1000, frx.Len())
}

func TestForceSendWakesAReceiver(t *testing.T) {
	forEachBuffer(t, func(t *testing.T, f flavour) {
		tx, rx := f.open()
		receive := rx.Recv()
		woken := assertPending(t, receive)
		_, _, err := tx.ForceSend(1)
		require.NoError(t, err)
		require.Equal(t, 1, woken.count())
		v, err := poll(t, receive)
		require.NoError(t, err)
		require.Equal(t, 1, v)
	})
}

// The cases weak of async-channel, and weak_sender, downgrade_upgrade_sender_{success,failure},
// downgrade_drop_upgrade and test_rx_is_closed_when_dropping_all_senders_except_weak_senders
// of tokio. As in async-channel, nothing upgrades once the channel is closed.
func TestAWeakHandleKeepsNothingOpen(t *testing.T) {
	tx, rx := async.Unbounded[int]()
	weak, weakRx := tx.Downgrade(), rx.Downgrade()
	up, ok := weak.Upgrade()
	require.True(t, ok)
	tx.Drop()
	require.NoError(t, up.TrySend(1))
	again := up.Downgrade()
	up.Drop()
	require.True(t, rx.IsClosed())
	for _, w := range []*async.WeakSender[int]{weak, again} {
		_, ok = w.Upgrade()
		require.False(t, ok)
	}
	_, ok = weakRx.Upgrade()
	require.False(t, ok, "closed")
	v, err := rx.TryRecv()
	require.NoError(t, err)
	require.Equal(t, 1, v)

	tx, rx = async.Unbounded[int]()
	weakRx = rx.Downgrade()
	rx2, ok := weakRx.Upgrade()
	require.True(t, ok)
	rx.Drop()
	require.False(t, tx.IsClosed())
	rx2.Drop()
	require.True(t, tx.IsClosed())
	_, ok = weakRx.Upgrade()
	require.False(t, ok)

	tx, _ = async.Unbounded[int]()
	weak = tx.Downgrade()
	tx.Close()
	_, ok = weak.Upgrade()
	require.False(t, ok, "closed with a sender left")
	_, ok = new(async.WeakSender[int]).Upgrade()
	require.False(t, ok)
	_, ok = new(async.WeakReceiver[int]).Upgrade()
	require.False(t, ok)
}

func TestReadyIsReadableWhileThereIsSomethingToReceive(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		synctest.Test(t, func(t *testing.T) {
			tx, rx := f.open()
			go func() {
				for i := range 10 {
					assert.NoError(t, tx.Send(i).Await(t.Context()))
				}
				tx.Drop()
			}()
			for next := 0; ; {
				<-rx.Ready()
				v, err := rx.TryRecv()
				if errors.Is(err, async.ErrClosed) {
					require.Equal(t, 10, next)
					return
				}
				if err == nil {
					require.Equal(t, next, v)
					next++
				}
			}
		})
	})
}

// A slot that waits for a large reservation is nothing to receive.
func TestReadyIsNotReadableBecauseAReservationWaits(t *testing.T) {
	tx, rx := async.Bounded[int](2)
	p, err := tx.TryReserve()
	require.NoError(t, err)
	assertPending(t, tx.ReserveMany(2))
	select {
	case <-rx.Ready():
		require.Fail(t, "there is nothing")
	default:
	}
	p.Drop()
}
