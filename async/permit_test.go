package async_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/leaks"
)

// The case send_recv_with_buffer of tokio.
func TestAPermitSendsInItsTurnAndCostsASlot(t *testing.T) {
	tx, rx := async.Bounded[int](2)
	p, err := tx.TryReserve()
	require.NoError(t, err)
	require.NoError(t, tx.TrySend(1))
	assertRefused(t, 9, async.ErrFull, tx.TrySend(9))
	require.Zero(t, tx.Available())
	require.True(t, rx.IsFull())
	require.Equal(t, 1, rx.Len())
	require.NoError(t, p.Send(2))
	require.Equal(t, 2, rx.Len())
	assertRefused(t, 3, async.ErrDropped, p.Send(3))
	p.Drop()
	p.Drop()
	for _, want := range []int{1, 2} {
		v, err := rx.TryRecv()
		require.NoError(t, err)
		require.Equal(t, want, v)
	}
	require.Equal(t, 2, tx.Available())
}

// The case reserve_disarm of tokio.
func TestADroppedPermitServesTheNextWaiterAndASentOneDoesNot(t *testing.T) {
	tx, rx := async.Bounded[int](2)
	one, err := poll(t, tx.Reserve())
	require.NoError(t, err)
	two, err := poll(t, tx.Reserve())
	require.NoError(t, err)
	third, fourth := tx.Reserve(), tx.Reserve()
	woken3, woken4 := assertPending(t, third), assertPending(t, fourth)
	require.NoError(t, one.Send(1))
	require.Zero(t, woken3.count(), "the message is in the slot now")
	_, err = rx.TryRecv()
	require.NoError(t, err)
	require.Equal(t, 1, woken3.count())
	require.Zero(t, woken4.count())
	two.Drop()
	require.Equal(t, 1, woken4.count())
	p3, err := poll(t, third)
	require.NoError(t, err)
	p4, err := poll(t, fourth)
	require.NoError(t, err)
	_, err = tx.TryReserve()
	require.ErrorIs(t, err, async.ErrFull)
	p3.Drop()
	p4.Drop()
	require.Equal(t, 2, tx.Available())
}

// The cases try_reserve_fails and drop_permit_releases_permit of tokio.
func TestTryReserveFailsWhileEverythingIsTaken(t *testing.T) {
	forEachBuffer(t, func(t *testing.T, f flavour) {
		tx, rx := f.open()
		if f.capacity == unbounded {
			p, err := tx.TryReserve()
			require.NoError(t, err)
			require.Equal(t, math.MaxInt, tx.Available())
			require.NoError(t, p.Send(1))
			require.Equal(t, 1, rx.Len())
			return
		}
		all, err := tx.TryReserveMany(f.capacity)
		require.NoError(t, err)
		_, err = tx.TryReserve()
		require.ErrorIs(t, err, async.ErrFull)
		_, _, err = tx.ForceSend(1)
		assertRefused(t, 1, async.ErrFull, err)
		all.Drop()
		require.Equal(t, f.capacity, tx.Available())
		p, err := tx.TryReserve()
		require.NoError(t, err)
		p.Drop()
	})
}

// What is reserved is room in the buffer, and a message that is handed over needs none.
func TestAParkedReceiveTakesAMessageWhileEverySlotIsReserved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tx, rx := async.Bounded[int](1)
		p, err := tx.TryReserve()
		require.NoError(t, err)
		defer p.Drop()
		got := make(chan int, 1)
		go func() {
			v, _ := rx.RecvBlocking()
			got <- v
		}()
		synctest.Wait()
		require.True(t, tx.IsFull())
		require.NoError(t, tx.TrySend(1))
		require.Equal(t, 1, <-got)
		assertRefused(t, 2, async.ErrFull, tx.TrySend(2))
	})
}

// The cases try_reserve_many_full, try_reserve_many_and_send, reserve_many_and_send and
// drop_permit_iterator_releases_permits of tokio.
func TestPartlyUsedPermitsGiveTheRestBack(t *testing.T) {
	for n := range 20 {
		for used := range n + 1 {
			tx, rx := async.Bounded[int](20)
			var permits *async.Permits[int]
			var err error
			if n%2 == 0 {
				permits, err = tx.TryReserveMany(n)
			} else {
				permits, err = tx.ReserveMany(n).Await(t.Context())
			}
			require.NoError(t, err)
			require.Equal(t, n, permits.Len())
			for i := range used {
				require.NoError(t, permits.Send(i))
				require.Equal(t, n-1-i, permits.Len())
				require.Equal(t, i+1, rx.Len())
				require.Equal(t, 20-n, tx.Available())
			}
			permits.Drop()
			require.Zero(t, permits.Len())
			assertRefused(t, 1, async.ErrDropped, permits.Send(1))
			require.Equal(t, 20-used, tx.Available())
			require.Equal(t, used, rx.Len())
		}
	}
}

// The cases reserve_many_above_cap, try_reserve_many_zero, reserve_many_zero and
// try_reserve_many_edge_cases of tokio.
func TestReservationsThatCannotBe(t *testing.T) {
	tx, _ := async.Bounded[int](2)
	for _, n := range []int{3, math.MaxInt} {
		_, err := tx.ReserveMany(n).Await(t.Context())
		require.ErrorIs(t, err, async.ErrCapacity)
		_, err = tx.TryReserveMany(n)
		require.ErrorIs(t, err, async.ErrCapacity)
	}
	fill(t, tx)
	none, err := tx.ReserveMany(0).Await(t.Context())
	require.NoError(t, err, "even if the channel is full")
	require.Zero(t, none.Len())
	none, err = tx.TryReserveMany(0)
	require.NoError(t, err)
	assertRefused(t, 1, async.ErrDropped, none.Send(1))
	free, _ := async.Unbounded[int]()
	permits, err := free.TryReserveMany(1 << 30)
	require.NoError(t, err)
	permits.Drop()
	if math.MaxInt > math.MaxInt32 {
		_, err = free.TryReserveMany(math.MaxInt)
		require.ErrorIs(t, err, async.ErrCapacity)
	}
	assert.Panics(t, func() { tx.ReserveMany(-1) })
	assert.Panics(t, func() { _, _ = tx.TryReserveMany(-1) })
	tx.Close()
	for _, n := range []int{0, 1, 3} { // closed comes first
		_, err = tx.ReserveMany(n).Await(t.Context())
		require.ErrorIs(t, err, async.ErrClosed)
		_, err = tx.TryReserveMany(n)
		require.ErrorIs(t, err, async.ErrClosed)
	}

	zero, _ := async.Bounded[int](0)
	_, err = zero.Reserve().Await(t.Context())
	require.ErrorIs(t, err, errors.ErrUnsupported)
	_, err = poll(t, zero.Reserve())
	require.ErrorIs(t, err, errors.ErrUnsupported)
	_, err = zero.TryReserve()
	require.ErrorIs(t, err, errors.ErrUnsupported)
	_, err = zero.TryReserveMany(0)
	require.ErrorIs(t, err, errors.ErrUnsupported)
	_, _, err = zero.ForceSend(1)
	assertRefused(t, 1, errors.ErrUnsupported, err)
	zero.Close()
	_, err = zero.TryReserve()
	require.ErrorIs(t, err, async.ErrClosed)
}

// A reservation of many slots stays first in the queue until it can be granted as a whole. The
// waiters behind it go on if it is cancelled.
func TestALargeReservationIsNotOvertakenAndLetsOthersOnWhenItGoes(t *testing.T) {
	for _, how := range []string{"drop", "cancel", "handle"} {
		t.Run(how, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tx, rx := async.Bounded[int](3)
				n := fill(t, tx)
				own := tx.Clone()
				large := own.ReserveMany(3)
				ctx, cancel := context.WithCancel(t.Context())
				if how == "cancel" {
					go func() {
						_, err := large.Await(ctx)
						assert.ErrorIs(t, err, context.Canceled)
					}()
					synctest.Wait()
				} else {
					assertPending(t, large)
				}
				behind := tx.Send(7)
				woken := assertPending(t, behind)
				for range n - 1 {
					_, err := rx.TryRecv()
					require.NoError(t, err)
				}
				require.Zero(t, woken.count())
				require.Zero(t, tx.Available())
				assertRefused(t, 1, async.ErrFull, tx.TrySend(1))
				switch how {
				case "drop":
					large.Drop()
				case "handle":
					own.Drop()
				}
				cancel()
				synctest.Wait()
				require.Equal(t, 1, woken.count())
				_, err := poll(t, behind)
				require.NoError(t, err)
				require.Equal(t, 1, tx.Available())
			})
		})
	}
}

// A granted reservation that is dropped before it was polled gives its slots back; one
// that is forgotten keeps them.
func TestAGrantedReservationIsKeptUntilItIsDropped(t *testing.T) {
	tx, rx := async.Bounded[int](1)
	fill(t, tx)
	f := tx.Reserve()
	woken := assertPending(t, f)
	_, err := rx.TryRecv()
	require.NoError(t, err)
	require.Equal(t, 1, woken.count())
	assertRefused(t, 1, async.ErrFull, tx.TrySend(1))
	next := tx.Send(2)
	woken = assertPending(t, next)
	f.Drop()
	require.Equal(t, 1, woken.count())
	v, err := rx.TryRecv()
	require.NoError(t, err)
	require.Equal(t, 2, v)
}

func TestTheZeroPermitIsADroppedOne(t *testing.T) {
	var p async.Permit[int]
	assertRefused(t, 1, async.ErrDropped, p.Send(1))
	p.Drop()
	var ps async.Permits[int]
	assertRefused(t, 1, async.ErrDropped, ps.Send(1))
	ps.Drop()
}

// No program needs so many slots. But an unbounded channel that is full would break what every
// send on it relies on.
func TestNoReservationMakesAnUnboundedChannelFull(t *testing.T) {
	ctx := t.Context()
	tx, rx := async.Unbounded[int]()
	var limit uint64 = 1 << 60
	most := int(min(limit, math.MaxInt)) // where an int is small, all of them
	one, err := tx.TryReserveMany(most / 2)
	require.NoError(t, err)
	two, err := tx.ReserveMany(most - most/2).Await(ctx)
	require.NoError(t, err)
	for _, n := range []int{1, most / 2, most, math.MaxInt} {
		_, err = tx.TryReserveMany(n)
		require.ErrorIs(t, err, async.ErrCapacity)
		_, err = tx.ReserveMany(n).Await(ctx)
		require.ErrorIs(t, err, async.ErrCapacity)
		_, err = poll(t, tx.ReserveMany(n))
		require.ErrorIs(t, err, async.ErrCapacity)
	}
	_, err = tx.TryReserve()
	require.ErrorIs(t, err, async.ErrCapacity)
	_, err = tx.Reserve().Await(ctx)
	require.ErrorIs(t, err, async.ErrCapacity)
	none, err := tx.TryReserveMany(0)
	require.NoError(t, err)
	none.Drop()

	require.False(t, tx.IsFull())
	require.Equal(t, math.MaxInt, tx.Available())
	require.NoError(t, tx.TrySend(1))
	require.NoError(t, tx.Send(2).Await(ctx))
	require.NoError(t, two.Send(3))
	for want := range 3 {
		v, err := rx.TryRecv()
		require.NoError(t, err)
		require.Equal(t, want+1, v)
	}
	p, err := tx.TryReserve() // in the place of the one that was used
	require.NoError(t, err)
	p.Drop()
	one.Drop()
	one, err = poll(t, tx.ReserveMany(most/2))
	require.NoError(t, err)
	one.Drop()
	two.Drop()
}

func TestABoundedChannelReservesAllItsSlotsHoweverManyTheyAre(t *testing.T) {
	for _, capacity := range []int{math.MaxInt / 8, math.MaxInt/4 + 1, math.MaxInt/2 + 1, math.MaxInt/2 + 2, math.MaxInt} {
		for _, tracked := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d, tracked %t", capacity, tracked), func(t *testing.T) {
				if tracked {
					defer leaks.Track()()
				}
				tx, rx := async.Bounded[int](capacity)
				defer tx.Drop()
				defer rx.Drop()
				n, bounded := tx.Capacity()
				require.True(t, bounded)
				require.Equal(t, capacity, n)
				all, err := tx.TryReserveMany(capacity)
				require.NoError(t, err)
				require.Equal(t, capacity, all.Len())
				require.True(t, tx.IsFull())
				assertRefused(t, 1, async.ErrFull, tx.TrySend(1))
				_, err = tx.TryReserve()
				require.ErrorIs(t, err, async.ErrFull)
				require.NoError(t, all.Send(1))
				require.Equal(t, capacity-1, all.Len())
				assertRefused(t, 1, async.ErrFull, tx.TrySend(1))
				_, err = rx.TryRecv()
				require.NoError(t, err)
				require.Equal(t, 1, tx.Available())
				all.Drop()
				require.Equal(t, capacity, tx.Available())
				if capacity < math.MaxInt {
					_, err = tx.TryReserveMany(capacity + 1)
					require.ErrorIs(t, err, async.ErrCapacity)
				}
			})
		}
	}
}
