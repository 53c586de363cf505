package mpsc_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/sync/mpsc"
)

func readable(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}

func TestReadyIsReadableExactlyWhileThereIsSomething(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		synctest.Test(t, func(t *testing.T) {
			tx, rx := f.open(t)
			for round := range 5 {
				require.False(t, readable(rx.Ready()), round)
				go func() { assert.NoError(t, tx.Send(round)) }()
				synctest.Wait()
				require.True(t, readable(rx.Ready()))
				require.True(t, readable(rx.Ready()), "called again, it is readable again")
				v, err := rx.TryRecv()
				require.NoError(t, err)
				require.Equal(t, round, v)
			}
			require.False(t, readable(rx.Ready()))
			tx.Drop()
			require.True(t, readable(rx.Ready()), "the end is something too")
			require.True(t, readable(rx.Ready()))
		})
	})
}

// One goroutine selects over two channels, a timer and a native channel.
func TestAChannelStandsInASelectBesideNativeOnes(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		synctest.Test(t, func(t *testing.T) {
			a, arx := f.open(t)
			b, brx := f.open(t)
			native := make(chan int)
			go func() {
				defer a.Drop()
				for i := range 10 {
					time.Sleep(3 * time.Second)
					assert.NoError(t, a.Send(i))
				}
			}()
			go func() {
				defer b.Drop()
				for i := range 10 {
					time.Sleep(5 * time.Second)
					assert.NoError(t, b.Send(100+i))
				}
				native <- 1
			}()
			tick := time.NewTicker(7 * time.Second)
			defer tick.Stop()
			var got, ticks, open int
			open = 3
			aReady, bReady := arx.Ready, brx.Ready
			never := func() <-chan struct{} { return nil }
			for open > 0 {
				select {
				case <-aReady():
					if _, err := arx.TryRecv(); err == nil {
						got++
					} else {
						require.ErrorIs(t, err, mpsc.ErrDisconnected)
						aReady = never
						open--
					}
				case <-bReady():
					if _, err := brx.TryRecv(); err == nil {
						got++
					} else {
						require.ErrorIs(t, err, mpsc.ErrDisconnected)
						bReady = never
						open--
					}
				case <-native:
					open--
				case <-tick.C:
					ticks++
				}
			}
			require.Equal(t, 20, got)
			require.Equal(t, 7, ticks) // 50 seconds
		})
	})
}

func TestAForgottenReadyHoldsNothingBack(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		synctest.Test(t, func(t *testing.T) {
			tx, rx := f.open(t)
			ready := rx.Ready() // asked for, then ignored
			got := make(chan int)
			go func() {
				v, err := rx.Recv()
				assert.NoError(t, err)
				got <- v
			}()
			synctest.Wait()
			require.NoError(t, tx.Send(1))
			require.Equal(t, 1, <-got)
			_ = ready
			require.False(t, readable(rx.Ready()), "the buffered messages were discarded")
		})
	})
}

func TestDoneClosesWhenTheReceiverGoesAndOnlyThen(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		tx, rx := f.open(t)
		other := tx.CloneSender()
		done := tx.Done()
		require.Equal(t, done, other.Done())
		tx.Drop()
		require.False(t, readable(done))
		other.Drop()
		require.False(t, readable(done), "senders that leave never close it")
		rx.Drop()
		require.True(t, readable(done))
		require.True(t, readable(other.Done()))

		late, rx := f.open(t)
		rx.Drop()
		require.True(t, readable(late.Done()), "asked for afterwards")
	})
}

func TestReadyAndDoneStartNoGoroutine(t *testing.T) {
	// The bubble would not end: a wait on a channel that is never dropped does not end.
	synctest.Test(t, func(*testing.T) {
		tx, rx := mpsc.Channel[int]()
		_, _ = rx.Ready(), tx.Done()
	})
}
