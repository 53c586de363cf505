package mpsc_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/sync/mpsc"
)

func TestANegativeBoundPanicsAtConstruction(t *testing.T) {
	assert.PanicsWithValue(t, "mpsc: SyncChannel with negative bound -1", func() { mpsc.SyncChannel[int](-1) })
	assert.Panics(t, func() { mpsc.SyncChannel[int](math.MinInt) })
}

func TestAHugeBoundCostsNothingUntilItIsUsed(t *testing.T) {
	tx, rx := mpsc.SyncChannel[[1 << 20]byte](math.MaxInt)
	require.NoError(t, tx.Send([1 << 20]byte{7}))
	v, err := rx.Recv()
	require.NoError(t, err)
	require.EqualValues(t, 7, v[0])

	// Messages without a size take no memory, but count.
	etx, erx := mpsc.SyncChannel[struct{}](300)
	n, err := etx.SendMany(make([]struct{}, 300))
	require.NoError(t, err)
	require.Equal(t, 300, n)
	require.ErrorIs(t, etx.TrySend(struct{}{}), mpsc.ErrFull)
	require.Equal(t, 300, erx.Len())
}

func TestUseAfterDropReturnsErrDroppedWithTheValue(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		tx, rx := f.open(t)
		keep := tx.CloneSender() // so that the channel does not end
		tx.Drop()
		tx.Drop()
		for _, send := range []func(int) error{
			tx.Send, tx.TrySend,
			func(v int) error { return tx.SendTimeout(v, time.Hour) },
			func(v int) error { return tx.SendDeadline(v, time.Now().Add(time.Hour)) },
			func(v int) error { return tx.SendContext(t.Context(), v) },
			tx.CloneSender().Send, // a handle made from a dropped one
		} {
			assertRefused(t, 5, mpsc.ErrDropped, send(5))
		}
		_, err := tx.SendMany([]int{1})
		assert.ErrorIs(t, err, mpsc.ErrDropped)
		_, err = tx.SendManyContext(t.Context(), []int{1})
		assert.ErrorIs(t, err, mpsc.ErrDropped)
		assert.False(t, rx.IsDisconnected())
		assert.False(t, keep.IsDisconnected())

		rx.Drop()
		rx.Drop()
		buf := make([]int, 1)
		for _, receive := range []func() error{
			func() error { _, err := rx.Recv(); return err },
			func() error { _, err := rx.TryRecv(); return err },
			func() error { _, err := rx.RecvTimeout(time.Hour); return err },
			func() error { _, err := rx.RecvDeadline(time.Time{}); return err },
			func() error { _, err := rx.RecvContext(t.Context()); return err },
			func() error { _, err := rx.RecvMany(buf); return err },
			func() error { _, err := rx.TryRecvMany(buf); return err },
			func() error { _, err := rx.RecvManyContext(t.Context(), buf); return err },
		} {
			assert.ErrorIs(t, receive(), mpsc.ErrDropped)
		}
		for range rx.All() {
			require.Fail(t, "dropped")
		}
		<-rx.Ready()
	})
}

func TestZeroHandlesBehaveLikeDroppedOnes(t *testing.T) {
	var tx mpsc.Sender[int]
	var stx mpsc.SyncSender[int]
	var rx mpsc.Receiver[int]
	assertRefused(t, 1, mpsc.ErrDropped, tx.Send(1))
	assertRefused(t, 1, mpsc.ErrDropped, stx.Send(1))
	assertRefused(t, 1, mpsc.ErrDropped, stx.TrySend(1))
	assertRefused(t, 1, mpsc.ErrDropped, tx.Clone().Send(1))
	assertRefused(t, 1, mpsc.ErrDropped, stx.Clone().Send(1))
	_, err := rx.Recv()
	assert.ErrorIs(t, err, mpsc.ErrDropped)
	assert.True(t, rx.IsEmpty())
	assert.True(t, rx.IsDisconnected())
	assert.True(t, tx.IsDisconnected())
	assert.Contains(t, tx.String()+stx.String()+rx.String(), "zero")
	<-rx.Ready()
	<-tx.Done() // no receiver is left
	tx.Drop()
	stx.Drop()
	rx.Drop()
}

// Rule 6: every wait ends when its own handle is dropped.
func TestDropOfAHandleEndsItsWaits(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		synctest.Test(t, func(t *testing.T) {
			_, gone := f.open(t)
			go func() {
				_, err := gone.Recv()
				assert.ErrorIs(t, err, mpsc.ErrDropped)
			}()
			synctest.Wait()
			gone.Drop()
			synctest.Wait()

			tx, rx := f.open(t)
			if f.bound == unbounded {
				return
			}
			for i := range f.bound {
				require.NoError(t, tx.Send(i))
			}
			other := tx.CloneSender()
			go func() { assertRefused(t, 77, mpsc.ErrDropped, other.Send(77)) }()
			synctest.Wait()
			go func() { assert.NoError(t, tx.Send(78)) }() // another handle waits on
			synctest.Wait()
			other.Drop()
			synctest.Wait()
			var last int
			for range f.bound + 1 {
				last, _ = rx.Recv()
			}
			assert.Equal(t, 78, last)
		})
	})
}

func TestTwoConsumersAtOncePanicAndHarmNothing(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		synctest.Test(t, func(t *testing.T) {
			tx, rx := f.open(t)
			got := make(chan int, 1)
			go func() {
				v, err := rx.Recv()
				assert.NoError(t, err)
				got <- v
			}()
			synctest.Wait()
			buf := make([]int, 2)
			for _, second := range []func(){
				func() { _, _ = rx.Recv() },
				func() { _, _ = rx.TryRecv() },
				func() { _, _ = rx.RecvTimeout(time.Second) },
				func() { _, _ = rx.RecvContext(t.Context()) },
				func() { _, _ = rx.RecvMany(buf) },
				func() { _, _ = rx.TryRecvMany(buf) },
			} {
				assert.PanicsWithValue(t, "mpsc: two goroutines receive from one Receiver at the same time; it has a single consumer", second)
			}
			require.NoError(t, tx.Send(42))
			require.Equal(t, 42, <-got)

			// Afterwards another goroutine may be the consumer.
			go func() { assert.NoError(t, tx.Send(43)) }()
			v, err := rx.Recv()
			require.NoError(t, err)
			require.Equal(t, 43, v)
		})
	})
}

// Two goroutines that hammer one receiver may panic at any moment; every message is
// still received once.
func TestRacingConsumersNeverCorruptOrLose(t *testing.T) {
	const n = 3000
	forEachFlavour(t, func(t *testing.T, f flavour) {
		tx, rx := f.open(t)
		var mu sync.Mutex
		seen := make(map[int]int)
		var consumers sync.WaitGroup
		for range 2 {
			consumers.Go(func() {
				for done := false; !done; {
					func() {
						defer func() { _ = recover() }()
						v, err := rx.Recv()
						if err != nil {
							done = errors.Is(err, mpsc.ErrDisconnected)
							return
						}
						mu.Lock()
						seen[v]++
						mu.Unlock()
					}()
				}
			})
		}
		for i := range n {
			require.NoError(t, tx.Send(i))
		}
		tx.Drop()
		consumers.Wait()
		require.Len(t, seen, n)
		for v, times := range seen {
			require.Equal(t, 1, times, v)
		}
	})
}

func TestErrorsSayWhatHappenedAndNothingOfTheValue(t *testing.T) {
	tx, rx := mpsc.Channel[string]()
	rx.Drop()
	err := tx.Send("secret")
	assert.EqualError(t, err, "send: handoff: channel closed")
	assert.NotContains(t, fmt.Sprint(err), "secret")

	var timeout interface{ Timeout() bool }
	require.ErrorAs(t, error(&mpsc.SendError[int]{Err: mpsc.ErrTimeout}), &timeout)
	assert.True(t, timeout.Timeout())
	assert.True(t, os.IsTimeout(mpsc.ErrTimeout))
}

func TestHandlesDescribeTheirChannel(t *testing.T) {
	tx, rx := mpsc.SyncChannel[int](3)
	clone := tx.Clone()
	require.NoError(t, tx.Send(1))
	assert.Equal(t, "mpsc.SyncSender(buffered 1, capacity 3, senders 2, receivers 1)", fmt.Sprint(tx))
	clone.Drop()
	assert.Equal(t, "mpsc.SyncSender(buffered 1, capacity 3, senders 1, receivers 1, dropped)", clone.String())
	rx.Drop()
	assert.Equal(t, "mpsc.Receiver(buffered 0, capacity 3, senders 1, receivers 0, disconnected, dropped)", rx.String())
	utx, _ := mpsc.Channel[int]()
	assert.Contains(t, utx.String(), "unbounded")
}

func TestSameChannelDistinguishesChannels(t *testing.T) {
	a, _ := mpsc.Channel[int]()
	b, _ := mpsc.Channel[int]()
	assert.True(t, a.SameChannel(a.Clone()))
	assert.False(t, a.SameChannel(b))
	c, _ := mpsc.SyncChannel[int](0)
	d, _ := mpsc.SyncChannel[int](0)
	assert.True(t, c.SameChannel(c.Clone()))
	assert.False(t, c.SameChannel(d))
}
