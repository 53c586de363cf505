package async_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
)

// Cases of tokio's and crossbeam's suites that ask something port_test.go does not, each
// with its name there.

// test_is_empty_32_msgs, test_rx_len_*: Len and IsEmpty are right at every message of
// several blocks, when filled at once and when each message is taken at once.
func TestLenIsRightAtEveryBoundaryOfABlock(t *testing.T) {
	const n = 300
	forEachBuffer(t, func(t *testing.T, f flavour) {
		if !f.buffers(1) {
			return
		}
		tx, rx := f.open()
		for i := range n {
			require.True(t, rx.IsEmpty())
			require.NoError(t, tx.TrySend(i))
			require.Equal(t, 1, rx.Len())
			v, err := rx.TryRecv()
			require.NoError(t, err)
			require.Equal(t, i, v)
		}
		k := 0
		for k < n && tx.TrySend(k) == nil {
			k++
			require.Equal(t, k, tx.Len())
		}
		for _, end := range []func(){func() {}, func() { tx.Close() }, tx.Drop} {
			end() // neither a close nor the last sender's leaving counts as a message
			require.Equal(t, k, rx.Len())
		}
		for ; k > 0; k-- {
			_, err := rx.TryRecv()
			require.NoError(t, err)
			require.Equal(t, k-1, rx.Len())
		}
		require.True(t, rx.IsEmpty())
	})
}

// try_reserve_many_full, try_reserve_many_and_send, drop_permit_iterator_releases_permits:
// every split of every capacity into reserved, used and free slots adds up.
func TestEverySplitOfACapacityAddsUp(t *testing.T) {
	for capacity := 1; capacity <= 12; capacity++ {
		for reserved := range capacity + 1 {
			for used := range reserved + 1 {
				tx, rx := async.Bounded[int](capacity)
				permits, err := tx.TryReserveMany(reserved)
				require.NoError(t, err)
				for i := range used {
					require.NoError(t, permits.Send(i))
				}
				require.Equal(t, reserved-used, permits.Len())
				require.Equal(t, used, rx.Len())
				require.Equal(t, capacity-reserved, tx.Available())
				_, err = tx.TryReserveMany(capacity - reserved + 1)
				if reserved == 0 {
					require.ErrorIs(t, err, async.ErrCapacity)
				} else {
					require.ErrorIs(t, err, async.ErrFull)
				}
				permits.Drop()
				require.Equal(t, capacity-used, tx.Available())
				for range used {
					_, err := rx.TryRecv()
					require.NoError(t, err)
				}
				require.Equal(t, capacity, rx.Available())
			}
		}
	}
}

// reserve_disarm, start_send_past_cap: a permit that sends frees nothing, a receive frees
// a slot for the first waiter alone, and a waiter that was removed is skipped.
func TestASlotGoesToTheFirstWaiterThatWasNotDropped(t *testing.T) {
	tx, rx := async.Bounded[int](2)
	a, err := tx.TryReserve()
	require.NoError(t, err)
	b, err := tx.TryReserve()
	require.NoError(t, err)
	gone, first, second := tx.Reserve(), tx.Reserve(), tx.Reserve()
	goneWoken, firstWoken := assertPending(t, gone), assertPending(t, first)
	secondWoken := assertPending(t, second)
	gone.Drop()

	require.NoError(t, a.Send(1))
	require.Zero(t, firstWoken.count(), "sending frees nothing")
	_, err = rx.TryRecv()
	require.NoError(t, err)
	require.Equal(t, 1, firstWoken.count())
	require.Zero(t, secondWoken.count())
	b.Drop()
	require.Equal(t, 1, secondWoken.count())
	require.Zero(t, goneWoken.count())
	for _, granted := range []*async.ReserveFuture[int]{first, second} {
		p, err := poll(t, granted)
		require.NoError(t, err)
		p.Drop()
	}
	require.Equal(t, 2, tx.Available())
}

// {failed,cancelled}_reserve{,_many}_wakes_closed_receiver, dropping_last_*_wakes and
// sending_last_*_wakes_closed_receiver: whatever the last thing is that keeps a closed
// channel from its end, its going wakes who waits for the end.
func TestTheLastThingThatKeepsAnEndAwayWakesTheReceiver(t *testing.T) {
	for name, last := range map[string]func(p *async.Permit[int], ps *async.Permits[int], f future.Future[*async.Permits[int]]){
		"drops": func(p *async.Permit[int], ps *async.Permits[int], _ future.Future[*async.Permits[int]]) {
			p.Drop()
			ps.Drop()
		},
		"sends": func(p *async.Permit[int], ps *async.Permits[int], _ future.Future[*async.Permits[int]]) {
			p.Send(1)
			ps.Drop()
		},
		"many sends": func(p *async.Permit[int], ps *async.Permits[int], _ future.Future[*async.Permits[int]]) {
			p.Drop()
			ps.Send(1)
			ps.Send(2)
		},
		"a waiting one drops": func(p *async.Permit[int], ps *async.Permits[int], f future.Future[*async.Permits[int]]) {
			p.Drop()
			f.Drop()
			ps.Drop()
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tx, rx := async.Bounded[int](3)
				p, err := tx.TryReserve()
				require.NoError(t, err)
				ps, err := tx.TryReserveMany(2)
				require.NoError(t, err)
				waiting := tx.ReserveMany(3)
				assertPending(t, waiting)
				over := make(chan error)
				go func() {
					for {
						if _, err := rx.Recv().Await(t.Context()); err != nil {
							over <- err
							return
						}
					}
				}()
				synctest.Wait()
				tx.Drop()
				synctest.Wait()
				select {
				case err := <-over:
					require.Fail(t, "permits were out", "%v", err)
				default:
				}
				last(p, ps, waiting)
				require.ErrorIs(t, <-over, async.ErrClosed)
			})
		})
	}
}

// matching, matching_with_leftover: parties that send and receive on one rendezvous
// channel pair up, each with another one, and an odd one is left.
func TestPartiesOnARendezvousPairUpAndTheOddOneIsLeft(t *testing.T) {
	for _, parties := range []int{44, 55} {
		synctest.Test(t, func(t *testing.T) {
			tx, rx := async.Bounded[int](0)
			var met atomic.Int32
			var all sync.WaitGroup
			for i := range parties {
				all.Go(func() {
					if _, err := rx.TryRecv(); err == nil {
						met.Add(1)
						return
					}
					if tx.Send(i).Await(t.Context()) == nil {
						met.Add(1)
					}
				})
				if i%2 == 0 {
					synctest.Wait()
				}
			}
			synctest.Wait()
			odd := int32(parties % 2)
			assert.EqualValues(t, int32(parties)-odd, met.Load())
			if odd != 0 {
				v, err := rx.TryRecv()
				assert.NoError(t, err)
				assert.Less(t, v, parties)
			}
			all.Wait()
		})
	}
}

// linearizable_timeout: who has sent finds something within no time at all, even where
// messages go from hand to hand.
func TestASendIsFoundWithinATimeoutOfZero(t *testing.T) {
	for _, capacity := range []int{4, unbounded} {
		tx, rx := open[int](capacity)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for range testsize.Scaled(1000) {
					assert.NoError(t, tx.SendBlocking(1))
					_, err := future.Await(t.Context(), future.Timeout(0*time.Second, future.Future[int](rx.Recv())))
					assert.NoError(t, err)
				}
			})
		}
		all.Wait()
	}
}
