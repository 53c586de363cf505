package mpsc_test

import (
	"context"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/sync/mpsc"
)

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
