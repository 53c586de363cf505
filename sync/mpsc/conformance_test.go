package mpsc_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/sync/mpsc"
)

// The ten rules, over all flavours. Whatever waits does so in a synctest bubble:
// synctest.Wait returns when every goroutine is durably blocked, so "it waits" is a
// fact there and not a guess, and the clock is exact.

// Rule 1.
func TestReceiveDeliversDataBeforeItReportsTheEnd(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		tx, rx := f.open(t)
		n := 0
		for ; n < 20 && f.buffers(n+1); n++ {
			require.NoError(t, tx.Send(n))
		}
		tx.Drop()
		assert.True(t, rx.IsDisconnected())
		for i := range n {
			v, err := rx.Recv()
			require.NoError(t, err)
			require.Equal(t, i, v)
		}
		for range 3 { // for ever
			_, err := rx.Recv()
			require.ErrorIs(t, err, mpsc.ErrDisconnected)
			_, err = rx.TryRecv()
			require.ErrorIs(t, err, mpsc.ErrDisconnected)
			_, err = rx.RecvTimeout(0)
			require.ErrorIs(t, err, mpsc.ErrDisconnected)
		}
	})
}

// Rule 1.
func TestTrySendReportsTheEndBeforeFull(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		tx, rx := f.open(t)
		if f.bound != unbounded {
			for i := range f.bound {
				require.NoError(t, tx.TrySend(i))
			}
			assertRefused(t, 99, mpsc.ErrFull, tx.TrySend(99))
		}
		rx.Drop()
		assertRefused(t, 100, mpsc.ErrDisconnected, tx.TrySend(100))
	})
}

// Rule 2.
func TestOneOrderThatKeepsTheOrderOfEachSender(t *testing.T) {
	const senders, each = 4, 300
	forEachFlavour(t, func(t *testing.T, f flavour) {
		tx, rx := f.open(t)
		var wg sync.WaitGroup
		for s := range senders {
			own := tx.CloneSender()
			wg.Go(func() {
				defer own.Drop()
				for i := range each {
					assert.NoError(t, own.Send(s*each+i))
				}
			})
		}
		tx.Drop()
		var next [senders]int
		for v := range rx.All() {
			require.Equal(t, next[v/each], v%each)
			next[v/each]++
		}
		for _, n := range next {
			require.Equal(t, each, n)
		}
		wg.Wait()
	})
}

// Rule 2.
func TestACompletedSendIsSeenByLenAndByTheNextReceive(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		tx, rx := f.open(t)
		assert.True(t, rx.IsEmpty())
		for round := range 40 { // many times around every block
			n := 0
			for ; n < 5 && f.buffers(n+1); n++ {
				require.NoError(t, tx.TrySend(round))
				require.Equal(t, n+1, rx.Len())
				require.False(t, rx.IsEmpty())
			}
			for ; n > 0; n-- {
				require.Equal(t, n, rx.Len())
				v, err := rx.TryRecv()
				require.NoError(t, err)
				require.Equal(t, round, v)
			}
			require.True(t, rx.IsEmpty())
			_, err := rx.TryRecv()
			require.ErrorIs(t, err, mpsc.ErrEmpty)
		}
	})
}

// Rule 3.
func TestTheReceiversDropDiscardsAndWakesEverySender(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		synctest.Test(t, func(t *testing.T) {
			tx, rx := f.open(t)
			const waiting = 3
			if f.bound != unbounded {
				for i := range f.bound {
					require.NoError(t, tx.Send(i))
				}
				for i := range waiting {
					go func() { assertRefused(t, 1000+i, mpsc.ErrDisconnected, tx.Send(1000+i)) }()
				}
				go func() {
					n, err := tx.SendMany([]int{1, 2, 3})
					assert.Zero(t, n)
					assert.ErrorIs(t, err, mpsc.ErrDisconnected)
				}()
			} else {
				require.NoError(t, tx.Send(1))
			}
			synctest.Wait()
			rx.Drop()
			synctest.Wait()
			assert.Zero(t, rx.Len())
			assert.True(t, tx.IsDisconnected())
			<-tx.Done()
			assertRefused(t, 9, mpsc.ErrDisconnected, tx.Send(9))
			assertRefused(t, 9, mpsc.ErrDisconnected, tx.CloneSender().Send(9))
		})
	})
}

// Rules 3 and 6.
func TestALastDropWakesAParkedReceive(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		synctest.Test(t, func(t *testing.T) {
			tx, rx := f.open(t)
			other := tx.CloneSender()
			done := make(chan struct{})
			go func() {
				defer close(done)
				_, err := rx.Recv()
				assert.ErrorIs(t, err, mpsc.ErrDisconnected)
			}()
			synctest.Wait()
			tx.Drop()
			tx.Drop() // counts once
			synctest.Wait()
			select {
			case <-done:
				require.Fail(t, "one sender is left")
			default:
			}
			other.Drop()
			<-done
		})
	})
}

// Rules 4 and 5: a cancelled send gives its value back, a cancelled receive loses
// nothing, and what waited behind it goes on in order.
func TestCancellationLosesNothingAndKeepsTheLine(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		if f.bound == unbounded {
			return
		}
		synctest.Test(t, func(t *testing.T) {
			tx, rx := f.open(t)
			for i := range f.bound {
				require.NoError(t, tx.Send(i))
			}
			ctx, cancel := context.WithCancel(t.Context())
			var wg sync.WaitGroup
			wg.Go(func() { assert.NoError(t, tx.Send(100)) })
			synctest.Wait()
			wg.Go(func() { assertRefused(t, 101, context.Canceled, tx.SendContext(ctx, 101)) })
			synctest.Wait()
			wg.Go(func() {
				n, err := tx.SendManyContext(t.Context(), []int{102, 103})
				assert.Equal(t, 2, n)
				assert.NoError(t, err)
			})
			synctest.Wait()
			cancel()
			synctest.Wait()
			var got []int
			for range f.bound + 3 {
				v, err := rx.Recv()
				require.NoError(t, err)
				got = append(got, v)
			}
			wg.Wait()
			require.Equal(t, []int{100, 102, 103}, got[f.bound:])

			// A receive that gives up leaves the next message for the next receive.
			ctx, cancel = context.WithCancel(t.Context())
			go func() { time.Sleep(time.Second); cancel() }()
			_, err := rx.RecvContext(ctx)
			require.ErrorIs(t, err, context.Canceled)
			go func() { assert.NoError(t, tx.Send(5)) }()
			v, err := rx.Recv()
			require.NoError(t, err)
			require.Equal(t, 5, v)
		})
	})
}

// Rule 7.
func TestWaitingSendersAreServedInOrderAndNotOvertaken(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		if f.bound == unbounded {
			return
		}
		synctest.Test(t, func(t *testing.T) {
			tx, rx := f.open(t)
			for i := range f.bound {
				require.NoError(t, tx.Send(i))
			}
			const waiting = 5
			for i := range waiting {
				go func() { assert.NoError(t, tx.Send(f.bound+i)) }()
				synctest.Wait()
			}
			assertRefused(t, -1, mpsc.ErrFull, tx.TrySend(-1))
			for i := range f.bound + waiting {
				v, err := rx.Recv()
				require.NoError(t, err)
				require.Equal(t, i, v)
				if i < waiting-1 {
					assertRefused(t, -1, mpsc.ErrFull, tx.TrySend(-1))
				}
			}
		})
	})
}
