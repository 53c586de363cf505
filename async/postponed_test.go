package async_test

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/testkit/stall"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
)

// A future may be polled at any moment, also between its notification and its wake,
// and its waker may be any code. The tests here poll where no runtime would.

func same(_ context.Context, v int) (int, error) { return v, nil }

// pollWith polls a future that must not be ready with a waker of the test's own.
func pollWith[T any](t *testing.T, f future.Future[T], wake func()) {
	t.Helper()
	_, ready, err := f.Poll(future.NewContext(t.Context(), &pollInWake{wake}))
	require.False(t, ready, "%v", err)
}

// polledBeforeItsWake returns a channel and a Pipe that offers 10 into it, after 10 was
// taken but before the Pipe was woken, when it was polled and has 20 to offer next.
func polledBeforeItsWake(t *testing.T, capacity int) (*async.Sender[int], *async.Receiver[int], future.Future[struct{}], *counter) {
	t.Helper()
	in, pipeRx := async.Unbounded[int]()
	for v := 10; v <= 30; v += 10 {
		require.NoError(t, in.TrySend(v))
	}
	tx, rx := async.Bounded[int](capacity)
	for v := range capacity {
		require.NoError(t, tx.TrySend(v))
	}
	pipe := async.Pipe(pipeRx, tx.Clone(), same)
	first := tx.Send(1) // before the Pipe, so it is woken first
	cx, woken := newCx()
	pollWith(t, first, func() {
		_, ready, err := pipe.Poll(cx)
		require.False(t, ready, "%v", err)
	})
	assertPending(t, pipe)
	want := []int{1, 10}
	if capacity > 0 {
		want = []int{0, 1} // and 1 and a slot for the Pipe are in
	}
	buf := make([]int, 2)
	n, err := rx.TryRecvMany(buf)
	require.NoError(t, err)
	require.Equal(t, want, buf[:n])
	return tx, rx, pipe, woken
}

func TestAnOfferThatIsNotQueuedIsNotReceived(t *testing.T) {
	tx, rx, pipe, woken := polledBeforeItsWake(t, 0)
	require.Equal(t, 1, woken.count(), "the wake was passed on")
	_, err := rx.TryRecv()
	require.ErrorIs(t, err, async.ErrEmpty)
	_, err = rx.TryRecvMany(make([]int, 2))
	require.ErrorIs(t, err, async.ErrEmpty)
	recv := rx.Recv()
	told := assertPending(t, recv)
	assertPending(t, pipe)
	require.Equal(t, 1, told.count(), "now it does")
	v, err := poll(t, recv)
	require.NoError(t, err)
	require.Equal(t, 20, v)
	pipe.Drop()
	tx.Drop()
	_, err = rx.TryRecv()
	require.ErrorIs(t, err, async.ErrClosed)
}

func TestAParkedReceiveWaitsForAnOfferThatComesLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, rx, pipe, _ := polledBeforeItsWake(t, 0)
		got := make(chan int, 2)
		for range 2 {
			go func() {
				v, err := rx.RecvBlocking()
				assert.NoError(t, err)
				got <- v
			}()
			synctest.Wait()
			assertPending(t, pipe)
			synctest.Wait()
		}
		require.Equal(t, 20, <-got)
		require.Equal(t, 30, <-got)
		pipe.Drop()
	})
}

func TestAReservationThatIsNotQueuedHoldsNothing(t *testing.T) {
	tx, rx, pipe, woken := polledBeforeItsWake(t, 2)
	require.Equal(t, 1, woken.count())
	_, err := rx.TryRecv()
	require.NoError(t, err)
	require.NoError(t, tx.TrySend(99), "no reservation is queued for the slot")
	assertPending(t, pipe)
	for _, want := range []int{10, 99} {
		v, err := rx.TryRecv()
		require.NoError(t, err)
		require.Equal(t, want, v)
	}
	pipe.Drop()
	require.Equal(t, 2, tx.Available())
}

// Rule 10.
func TestNoWakerIsCalledAfterDrop(t *testing.T) {
	for _, polledAgain := range []bool{false, true} {
		tx, rx := async.Unbounded[int]()
		first := rx.Clone().Recv()
		each := async.ForEach(rx, ignore)
		cx, woken := newCx()
		pollWith(t, first, func() { // each was notified, its wake is next
			if polledAgain {
				_, ready, _ := each.Poll(cx)
				require.False(t, ready)
			}
			each.Drop()
		})
		_, ready, _ := each.Poll(cx)
		require.False(t, ready)
		_, err := tx.SendMany([]int{1, 2}).Await(t.Context())
		require.NoError(t, err)
		require.Zero(t, woken.count(), "polled again: %v", polledAgain)
	}
}

func TestWakersAreCalledUnderNoLock(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		synctest.Test(t, func(t *testing.T) { // which notices a deadlock
			receives := map[string]func(rx *async.Receiver[int]) error{
				"try":      func(rx *async.Receiver[int]) error { _, err := rx.TryRecv(); return err },
				"many":     func(rx *async.Receiver[int]) error { _, err := rx.TryRecvMany(make([]int, 2)); return err },
				"polled":   func(rx *async.Receiver[int]) error { _, err := poll(t, rx.Recv()); return err },
				"blocking": func(rx *async.Receiver[int]) error { _, err := rx.RecvBlocking(); return err },
			}
			for name, receive := range receives {
				tx, rx := f.open()
				fill(t, tx)
				sends := []future.Future[int]{
					future.Map(tx.Send(1), func(struct{}) int { return 1 }),
					tx.SendMany([]int{2, 3}),
				}
				calls := 0
				for _, s := range sends {
					_, ready, err := s.Poll(future.NewContext(t.Context(), &pollInWake{func() {
						calls++
						rx.Clone().Drop()
						tx.Clone().Drop()
						_, _ = rx.TryRecv()
					}}))
					require.NoError(t, err)
					require.Equal(t, f.capacity == unbounded, ready)
				}
				for range 6 {
					if tx.Len() > 0 || f.capacity == 0 && calls < 2 {
						require.NoError(t, receive(rx), name)
					}
				}
				require.Equal(t, f.capacity != unbounded, calls == 2, name)
				tx.Drop()
				rx.Drop()
			}
		})
	})
}

// What ends a wait calls wakers as well, and a waker is user code.
func TestSendsAndEndsCallWakersUnderNoLock(t *testing.T) {
	type ends map[string]func(tx *async.Sender[int], rx *async.Receiver[int])
	receives := ends{
		"try send":       func(tx *async.Sender[int], _ *async.Receiver[int]) { _ = tx.TrySend(1) },
		"force send":     func(tx *async.Sender[int], _ *async.Receiver[int]) { _, _, _ = tx.ForceSend(1) },
		"batch":          func(tx *async.Sender[int], _ *async.Receiver[int]) { _, _ = poll(t, tx.SendMany([]int{1, 2})) },
		"close":          func(tx *async.Sender[int], _ *async.Receiver[int]) { tx.Close() },
		"last sender":    func(tx *async.Sender[int], _ *async.Receiver[int]) { tx.Drop() },
		"own handle":     func(_ *async.Sender[int], rx *async.Receiver[int]) { rx.Drop() },
		"used permit":    func(tx *async.Sender[int], _ *async.Receiver[int]) { p, _ := tx.TryReserve(); _ = p.Send(1) },
		"dropped permit": func(tx *async.Sender[int], _ *async.Receiver[int]) { p, _ := tx.TryReserve(); tx.Close(); p.Drop() },
	}
	sends := ends{
		"close":         func(_ *async.Sender[int], rx *async.Receiver[int]) { rx.Close() },
		"last receiver": func(_ *async.Sender[int], rx *async.Receiver[int]) { rx.Drop() },
		"own handle":    func(tx *async.Sender[int], _ *async.Receiver[int]) { tx.Drop() },
		"receive":       func(_ *async.Sender[int], rx *async.Receiver[int]) { _, _ = rx.TryRecv() },
	}
	run := func(name string, waits func(cx *future.Context, tx *async.Sender[int], rx *async.Receiver[int]), end func(*async.Sender[int], *async.Receiver[int])) {
		tx, rx := async.Bounded[int](2)
		calls := 0
		waits(future.NewContext(t.Context(), &pollInWake{func() {
			calls++
			rx.Clone().Drop() // takes both locks
			_ = tx.Available()
		}}), tx, rx)
		end(tx, rx)
		require.Equal(t, 1, calls, name)
		rx.Drop()
		tx.Drop()
	}
	for name, end := range receives {
		run("receive: "+name, func(cx *future.Context, _ *async.Sender[int], rx *async.Receiver[int]) {
			_, ready, _ := rx.Recv().Poll(cx)
			require.False(t, ready)
		}, end)
	}
	for name, end := range sends {
		run("send: "+name, func(cx *future.Context, tx *async.Sender[int], _ *async.Receiver[int]) {
			fill(t, tx)
			_, ready, _ := tx.Send(1).Poll(cx)
			require.False(t, ready)
		}, end)
	}
	run("closed", func(cx *future.Context, tx *async.Sender[int], _ *async.Receiver[int]) {
		_, ready, _ := tx.Closed().Poll(cx)
		require.False(t, ready)
	}, sends["close"])
}

// Rule 5 at capacity 0: each offer is something to receive.
func TestAPendingSendManyNotifiesAReceiverForEachOffer(t *testing.T) {
	for _, parked := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			tx, rx := async.Bounded[int](0)
			assertPending(t, rx.Recv()) // forgotten
			second, third := rx.Recv(), rx.Recv()
			told := assertPending(t, second)
			untold := assertPending(t, third)
			if parked {
				go func() {
					_, err := tx.SendMany([]int{1, 2}).Await(context.Background())
					assert.NoError(t, err)
				}()
				synctest.Wait()
			} else {
				assertPending(t, tx.SendMany([]int{1, 2}))
			}
			require.Equal(t, 1, told.count())
			require.Zero(t, untold.count(), "two offers, two notifications")
			v, err := rx.TryRecv()
			require.NoError(t, err)
			require.Equal(t, 1, v)
			v, err = poll(t, second)
			require.NoError(t, err)
			require.Equal(t, 2, v)
		})
	}
}

// Rule 8.
func TestAPipeForgetsWhatItHasPassedOn(t *testing.T) {
	type message struct{ _ [1 << 10]byte }
	for _, capacity := range []int{0, 1, unbounded} {
		for _, receiverFirst := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				tx, in := async.Unbounded[*message]()
				out, rx := open[*message](capacity)
				pipe := async.Pipe(in, out, func(_ context.Context, m *message) (*message, error) { return m, nil })
				assertPending(t, pipe)
				got := make(chan weak.Pointer[message], 1)
				receive := func() {
					v, err := rx.RecvBlocking()
					assert.NoError(t, err)
					got <- weak.Make(v)
				}
				if receiverFirst {
					go receive()
					synctest.Wait()
				}
				require.NoError(t, tx.TrySend(new(message)))
				assertPending(t, pipe)
				if !receiverFirst {
					receive()
				}
				passed := <-got
				synctest.Wait()
				runtime.GC()
				assert.Nil(t, passed.Value(), "capacity %d", capacity)
				runtime.KeepAlive(pipe)
				pipe.Drop()
			})
		}
	}
}

// Ready is notified of every message, whatever waits before it.
func TestReadyIsReadableBehindWaitingReceives(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		tx, rx := f.open()
		for range 3 {
			assertPending(t, rx.Recv())
		}
		ready := rx.Ready()
		send := tx.Send(1)
		_, _, err := send.Poll(future.NewContext(t.Context(), new(counter)))
		require.NoError(t, err)
		require.Len(t, ready, 1)
		v, err := rx.TryRecv()
		require.NoError(t, err)
		require.Equal(t, 1, v)
		require.Empty(t, rx.Ready())
		tx.Close()
		require.Len(t, rx.Ready(), 1)
	})
}

// An executor that polls all the time is a legal one.
func TestPipesAndConsumersThatArePolledAllTheTimeLoseNothing(t *testing.T) {
	step := stall.Watch(t)
	n := testsize.Scaled(20_000)
	alone := runtime.GOMAXPROCS(0) == 1
	for _, capacity := range []int{0, 1, 2, unbounded} {
		tx, in := async.Unbounded[int]()
		out, rx := open[int](capacity)
		go func() {
			for i := 1; i <= n; i++ {
				assert.NoError(t, tx.TrySend(i))
			}
			tx.Drop()
		}()
		var wg sync.WaitGroup
		var sum, zeros atomic.Int64
		drive := func(f future.Future[struct{}]) {
			wg.Go(func() {
				cx, _ := newCx()
				for {
					if _, ready, err := f.Poll(cx); ready {
						assert.NoError(t, err)
						return
					}
					if alone { // what it waits for runs in 10 ms otherwise, when the system interrupts it
						runtime.Gosched()
					}
				}
			})
		}
		count := func(v int) {
			sum.Add(int64(v))
			step()
			if v == 0 {
				zeros.Add(1)
			}
		}
		drive(async.Pipe(in, out, same))
		for range 2 {
			own := rx.Clone()
			wg.Go(func() {
				defer own.Drop()
				for v := range own.All(context.Background()) {
					count(v)
				}
			})
		}
		drive(async.ForEach(rx, func(_ context.Context, v int) error { count(v); return nil }))
		wg.Wait()
		require.Zero(t, zeros.Load(), "messages that were not sent")
		require.EqualValues(t, n*(n+1)/2, sum.Load())
	}
}
