package mpsc_test

import (
	"context"
	"math"
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

// Rule 1: one try, never early, overflow is for ever.
func TestTimeoutsAreExactAndTryOnce(t *testing.T) {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	forEachFlavour(t, func(t *testing.T, f flavour) {
		synctest.Test(t, func(t *testing.T) {
			tx, rx := f.open(t)
			start := time.Now()
			for _, past := range []func() (int, error){
				func() (int, error) { return rx.RecvTimeout(0) },
				func() (int, error) { return rx.RecvTimeout(-1) },
				func() (int, error) { return rx.RecvTimeout(math.MinInt64) },
				func() (int, error) { return rx.RecvDeadline(time.Time{}) },
				func() (int, error) { return rx.RecvDeadline(start) },
			} {
				_, err := past()
				require.ErrorIs(t, err, mpsc.ErrTimeout)
				require.Zero(t, time.Since(start))
			}
			_, err := rx.RecvContext(ended)
			require.ErrorIs(t, err, context.Canceled)

			_, err = rx.RecvTimeout(time.Second)
			require.ErrorIs(t, err, mpsc.ErrTimeout)
			require.Equal(t, time.Second, time.Since(start))
			_, err = rx.RecvDeadline(start.Add(3 * time.Second))
			require.ErrorIs(t, err, mpsc.ErrTimeout)
			require.Equal(t, 3*time.Second, time.Since(start))

			// One try finds what is there, even with the limit in the past.
			for _, receive := range []func() (int, error){
				func() (int, error) { return rx.RecvTimeout(-1) },
				func() (int, error) { return rx.RecvDeadline(time.Time{}) },
				func() (int, error) { return rx.RecvContext(ended) },
			} {
				go func() { assert.NoError(t, tx.Send(7)) }()
				synctest.Wait()
				v, err := receive()
				require.NoError(t, err)
				require.Equal(t, 7, v)
			}

			// A duration that overflows the clock waits for ever.
			go func() {
				time.Sleep(1000 * time.Hour)
				assert.NoError(t, tx.Send(8))
			}()
			v, err := rx.RecvTimeout(math.MaxInt64)
			require.NoError(t, err)
			require.Equal(t, 8, v)
		})
	})
}

// Rule 1, for sends.
func TestSendTimeoutsAreExactAndTryOnce(t *testing.T) {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	forEachFlavour(t, func(t *testing.T, f flavour) {
		if f.bound == unbounded {
			return // never waits
		}
		synctest.Test(t, func(t *testing.T) {
			tx, rx := f.open(t)
			for i := range f.bound {
				require.NoError(t, tx.SendTimeout(i, -1), "one try finds room")
			}
			start := time.Now()
			assertRefused(t, 1, mpsc.ErrTimeout, tx.SendTimeout(1, 0))
			assertRefused(t, 2, mpsc.ErrTimeout, tx.SendTimeout(2, math.MinInt64))
			assertRefused(t, 3, mpsc.ErrTimeout, tx.SendDeadline(3, time.Time{}))
			assertRefused(t, 4, context.Canceled, tx.SendContext(ended, 4))
			require.Zero(t, time.Since(start))
			assertRefused(t, 5, mpsc.ErrTimeout, tx.SendTimeout(5, time.Second))
			assertRefused(t, 6, mpsc.ErrTimeout, tx.SendDeadline(6, start.Add(4*time.Second)))
			require.Equal(t, 4*time.Second, time.Since(start))

			go func() {
				time.Sleep(1000 * time.Hour)
				_, err := rx.Recv()
				assert.NoError(t, err)
			}()
			require.NoError(t, tx.SendTimeout(8, math.MaxInt64))
		})
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

// Rule 4: exact partial progress of a batch.
func TestACancelledBatchReportsWhatWasSent(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		if f.bound == unbounded {
			return
		}
		synctest.Test(t, func(t *testing.T) {
			tx, rx := f.open(t)
			vs := make([]int, f.bound+5)
			for i := range vs {
				vs[i] = i
			}
			ctx, cancel := context.WithCancel(t.Context())
			sent := make(chan int)
			go func() {
				n, err := tx.SendManyContext(ctx, vs)
				assert.ErrorIs(t, err, context.Canceled)
				sent <- n
			}()
			synctest.Wait()
			for i := range 2 {
				v, err := rx.Recv()
				require.NoError(t, err)
				require.Equal(t, i, v)
			}
			synctest.Wait()
			cancel()
			n := <-sent
			require.Equal(t, f.bound+2, n)
			tx.Drop()
			for v := range rx.All() {
				require.Less(t, v, n)
			}
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

// Batches: what is ready, at least one, and an empty buffer asks for nothing.
func TestRecvManyTakesWhatIsReady(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		synctest.Test(t, func(t *testing.T) {
			tx, rx := f.open(t)
			n, err := rx.RecvMany(nil)
			require.NoError(t, err)
			require.Zero(t, n)
			n, err = rx.TryRecvMany([]int{})
			require.NoError(t, err)
			require.Zero(t, n)
			buf := make([]int, 4)
			n, err = rx.TryRecvMany(buf)
			require.ErrorIs(t, err, mpsc.ErrEmpty)
			require.Zero(t, n)

			go func() {
				n, err := tx.SendMany([]int{0, 1, 2, 3, 4, 5})
				assert.Equal(t, 6, n)
				assert.NoError(t, err)
				n, err = tx.SendMany(nil)
				assert.Zero(t, n)
				assert.NoError(t, err)
			}()
			synctest.Wait()
			var got []int
			for len(got) < 6 {
				n, err := rx.RecvMany(buf)
				require.NoError(t, err)
				require.Positive(t, n)
				if f.buffers(4) && len(got) == 0 {
					require.Equal(t, 4, n)
				}
				got = append(got, buf[:n]...)
				synctest.Wait()
			}
			require.Equal(t, []int{0, 1, 2, 3, 4, 5}, got)

			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err = rx.RecvManyContext(ctx, buf)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			tx.Drop()
			_, err = rx.RecvMany(buf)
			require.ErrorIs(t, err, mpsc.ErrDisconnected)
		})
	})
}

// Iterators end where they say, and leaving one early loses nothing.
func TestIteratorsEndAndCanBeLeft(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		tx, rx := f.open(t)
		var wg sync.WaitGroup
		wg.Go(func() {
			defer tx.Drop()
			for i := range 10 {
				assert.NoError(t, tx.Send(i))
			}
		})
		next := 0
		for v := range rx.All() {
			require.Equal(t, next, v)
			if next++; next == 3 {
				break
			}
		}
		for v := range rx.AllContext(t.Context()) {
			require.Equal(t, next, v)
			next++
		}
		require.Equal(t, 10, next)
		wg.Wait()
		for range rx.TryAll() {
			require.Fail(t, "nothing is left")
		}
	})
}
