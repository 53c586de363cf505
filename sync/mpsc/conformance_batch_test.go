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
