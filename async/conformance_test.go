package async_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
)

// The ten rules, over all flavours: the table of package mpsc in the words of this one.
// Whatever waits does so in a synctest bubble: synctest.Wait returns when every
// goroutine is durably blocked, so "it waits" is a fact there and not a guess.

// Rule 1.
func TestReceiveDeliversDataBeforeItReportsTheEnd(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		tx, rx := f.open()
		n := 0
		for ; n < 20 && f.buffers(n+1); n++ {
			require.NoError(t, tx.Send(n).Await(t.Context()))
		}
		tx.Drop()
		assert.True(t, rx.IsClosed())
		for i := range n {
			v, err := rx.Recv().Await(t.Context())
			require.NoError(t, err)
			require.Equal(t, i, v)
		}
		for range 3 { // for ever
			_, err := rx.Recv().Await(t.Context())
			require.ErrorIs(t, err, async.ErrClosed)
			_, err = rx.TryRecv()
			require.ErrorIs(t, err, async.ErrClosed)
			_, err = rx.RecvBlocking()
			require.ErrorIs(t, err, async.ErrClosed)
			_, err = poll(t, rx.Recv())
			require.ErrorIs(t, err, async.ErrClosed)
			_, err = rx.TryRecvMany(make([]int, 2))
			require.ErrorIs(t, err, async.ErrClosed)
		}
	})
}

// Rule 1.
func TestTrySendReportsTheEndBeforeFull(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		tx, rx := f.open()
		if f.capacity != unbounded {
			fill(t, tx)
			assertRefused(t, 99, async.ErrFull, tx.TrySend(99))
		}
		rx.Drop()
		assertRefused(t, 100, async.ErrClosed, tx.TrySend(100))
		assertRefused(t, 100, async.ErrClosed, tx.SendBlocking(100))
		_, err := tx.TryReserve()
		assert.ErrorIs(t, err, async.ErrClosed)
		_, _, err = tx.ForceSend(100)
		assertRefused(t, 100, async.ErrClosed, err)
		tx.Drop()
		assertRefused(t, 101, async.ErrDropped, tx.TrySend(101))
		assertRefused(t, 101, async.ErrDropped, tx.Send(101).Await(t.Context()))
	})
}

// Rule 2.
func TestOneOrderThatKeepsTheOrderOfEachSender(t *testing.T) {
	senders, each := 4, testsize.Scaled(300)
	forEachFlavour(t, func(t *testing.T, f flavour) {
		tx, rx := f.open()
		var wg sync.WaitGroup
		for s := range senders {
			own := tx.Clone()
			wg.Go(func() {
				defer own.Drop()
				for i := range each {
					if i%2 == 0 {
						assert.NoError(t, own.Send(s*each+i).Await(t.Context()))
					} else {
						_, err := future.Await(t.Context(), future.Future[struct{}](own.Send(s*each+i)))
						assert.NoError(t, err)
					}
				}
			})
		}
		tx.Drop()
		next := make([]int, senders)
		for v := range rx.All(t.Context()) {
			require.Equal(t, next[v/each], v%each)
			next[v/each]++
		}
		for _, n := range next {
			require.Equal(t, each, n)
		}
		wg.Wait()
	})
}

// Rule 2. The loom models len_nonzero_after_send and nonempty_after_send of tokio, and
// its test_is_empty_32_msgs.
func TestACompletedSendIsSeenByLenAndByTheNextReceive(t *testing.T) {
	forEachBuffer(t, func(t *testing.T, f flavour) {
		tx, rx := f.open()
		assert.True(t, rx.IsEmpty())
		for round := range 40 { // many times around every block
			n := 0
			for ; n < 5 && f.buffers(n+1); n++ {
				require.NoError(t, tx.TrySend(round))
				require.Equal(t, n+1, rx.Len())
				require.Equal(t, n+1, tx.Len())
				require.False(t, rx.IsEmpty())
			}
			for ; n > 0; n-- {
				v, err := poll(t, rx.Recv())
				require.NoError(t, err)
				require.Equal(t, round, v)
				require.Equal(t, n-1, rx.Len())
			}
			_, err := rx.TryRecv()
			require.ErrorIs(t, err, async.ErrEmpty)
		}
	})
}

// Rules 4 and 5: a cancelled send gives its value back, a cancelled receive loses
// nothing, and what waited behind it goes on in order. The case start_send_past_cap of
// tokio.
func TestCancellationLosesNothingAndKeepsTheLine(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		if f.capacity == unbounded {
			return
		}
		synctest.Test(t, func(t *testing.T) {
			tx, rx := f.open()
			n := fill(t, tx)
			ctx, cancel := context.WithCancel(t.Context())
			var wg sync.WaitGroup
			wg.Go(func() { assert.NoError(t, tx.Send(100).Await(t.Context())) })
			synctest.Wait()
			wg.Go(func() { assertRefused(t, 101, context.Canceled, tx.Send(101).Await(ctx)) })
			synctest.Wait()
			gone := tx.Send(102)
			woken := assertPending(t, gone)
			kept := tx.Send(103)
			assertPending(t, kept)
			wg.Go(func() {
				n, err := tx.SendMany([]int{104, 105}).Await(t.Context())
				assert.Equal(t, 2, n)
				assert.NoError(t, err)
			})
			synctest.Wait()
			cancel()
			gone.Drop()
			v, ok := gone.Unsent()
			assert.True(t, ok)
			assert.Equal(t, 102, v)
			synctest.Wait()
			var got []int
			for range n + 4 {
				v, err := rx.Recv().Await(t.Context())
				require.NoError(t, err)
				got = append(got, v)
			}
			wg.Wait()
			require.Equal(t, []int{100, 103, 104, 105}, got[n:])
			assert.Zero(t, woken.count())
			_, err := poll(t, kept)
			require.NoError(t, err)
			_, ok = kept.Unsent()
			assert.False(t, ok)

			// A receive that gives up leaves the next message for the next receive.
			short, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err = rx.Recv().Await(short)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			go func() { assert.NoError(t, tx.Send(5).Await(t.Context())) }()
			v, err = rx.Recv().Await(t.Context())
			require.NoError(t, err)
			require.Equal(t, 5, v)
		})
	})
}

// Rule 6: an ended context still gets one try.
func TestAnEndedContextStillGetsOneTry(t *testing.T) {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	forEachBuffer(t, func(t *testing.T, f flavour) {
		tx, rx := f.open()
		require.NoError(t, tx.Send(1).Await(ended))
		v, err := rx.Recv().Await(ended)
		require.NoError(t, err)
		require.Equal(t, 1, v)
		_, err = rx.Recv().Await(ended)
		require.ErrorIs(t, err, context.Canceled)
		_, err = rx.RecvMany(make([]int, 1)).Await(ended)
		require.ErrorIs(t, err, context.Canceled)
		p, err := tx.Reserve().Await(ended)
		require.NoError(t, err)
		p.Drop()
		if f.capacity != unbounded {
			fill(t, tx)
			assertRefused(t, 9, context.Canceled, tx.Send(9).Await(ended))
			_, err = tx.Reserve().Await(ended)
			require.ErrorIs(t, err, context.Canceled)
		}
	})
}

// Rule 7. The case send_recv_buffer_limited of tokio: a slot that a waiter will get is
// not for TrySend.
func TestWaitingSendersAreServedInOrderAndNotOvertaken(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		if f.capacity == unbounded {
			return
		}
		synctest.Test(t, func(t *testing.T) {
			tx, rx := f.open()
			n := fill(t, tx)
			const waiting = 6
			for i := range waiting {
				if i%2 == 0 {
					go func() { assert.NoError(t, tx.Send(n+i).Await(t.Context())) }()
					synctest.Wait()
				} else {
					assertPending(t, tx.Send(n+i))
				}
			}
			assertRefused(t, -1, async.ErrFull, tx.TrySend(-1))
			for i := range n + waiting {
				v, err := rx.Recv().Await(t.Context())
				require.NoError(t, err)
				require.Equal(t, i, v)
				if i < waiting-1 {
					assertRefused(t, -1, async.ErrFull, tx.TrySend(-1))
					require.True(t, tx.IsFull())
				}
			}
		})
	})
}
