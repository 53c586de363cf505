package mpsc_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/sync/mpsc"
)

// The behaviours that the test suite of Rust's std::sync::mpsc protects (mpsc.rs and
// mpsc_sync.rs), over all flavours, each with the cases it answers to. What stands
// elsewhere: drop_full, drop_unreceived and the boxed oneshots in memory_test.go;
// stress*, *_recv_timeout_two_threads, recv_timeout_shared in stress_test.go; the
// timeouts, very_long_recv_timeout, try_send1-3 and send1-4 in conformance_test.go.
// Destructors that panic have no counterpart in Go.

// smoke, smoke_shared, smoke_threads, send_from_outside_runtime,
// recv_from_outside_runtime, no_runtime.
func TestAMessageCrossesByHandleByCloneAndByGoroutine(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		tx, rx := f.open(t)
		for _, own := range []sender{tx, tx.CloneSender(), tx.CloneSender().CloneSender()} {
			go func() { assert.NoError(t, own.Send(1)) }()
			v, err := rx.Recv()
			require.NoError(t, err)
			require.Equal(t, 1, v)
		}
	})
}

// smoke_port_gone, smoke_shared_port_gone(2), issue_32114.
func TestSendsAfterTheReceiverLeftKeepFailingWithTheirValue(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		tx, rx := f.open(t)
		before := tx.CloneSender()
		rx.Drop()
		after := tx.CloneSender()
		for range 3 {
			for i, own := range []sender{tx, before, after} {
				assertRefused(t, i, mpsc.ErrDisconnected, own.Send(i))
			}
		}
	})
}

// port_gone_concurrent, port_gone_concurrent_shared.
func TestASendingLoopEndsSoonAfterTheReceiverLeft(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		tx, rx := f.open(t)
		other := tx.CloneSender()
		go func() {
			_, err := rx.Recv()
			assert.NoError(t, err)
			rx.Drop()
		}()
		for tx.Send(1) == nil && other.Send(1) == nil {
		}
		assert.True(t, other.IsDisconnected())
	})
}

// smoke_chan_gone, smoke_chan_gone_shared, chan_gone_concurrent.
func TestAReceivingLoopEndsWhenTheSendersLeft(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		tx, rx := f.open(t)
		go func() {
			defer tx.Drop()
			assert.NoError(t, tx.Send(1))
			assert.NoError(t, tx.Send(1))
		}()
		sum := 0
		for {
			v, err := rx.Recv()
			if err != nil {
				break
			}
			sum += v
		}
		require.Equal(t, 2, sum)
	})
}

// oneshot_single_thread_close_port_first, _close_chan_first,
// oneshot_multi_thread_{close,send_close,recv_close,send_recv}_stress,
// destroy_upgraded_shared_port_when_sender_still_active.
func TestEitherSideMayLeaveFirstAtAnyMoment(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		tx, rx := f.open(t)
		rx.Drop()
		tx.Drop()
		tx, rx = f.open(t)
		tx.Drop()
		rx.Drop()
		for range testsize.Scaled(200) {
			var wg sync.WaitGroup
			tx, rx := f.open(t)
			wg.Go(tx.Drop)
			wg.Go(rx.Drop)
			wg.Wait()

			tx, rx = f.open(t)
			wg.Go(rx.Drop)
			if err := tx.Send(1); err != nil {
				assertRefused(t, 1, mpsc.ErrDisconnected, err)
			}
			wg.Wait()

			tx, rx = f.open(t)
			wg.Go(tx.Drop)
			_, err := rx.Recv()
			require.ErrorIs(t, err, mpsc.ErrDisconnected)
			wg.Wait()

			tx, rx = f.open(t)
			wg.Go(func() { assert.NoError(t, tx.Send(10)) })
			v, err := rx.Recv()
			require.NoError(t, err)
			require.Equal(t, 10, v)
			wg.Wait()
		}
	})
}

// oneshot_single_thread_{send_then_recv,try_send_open,try_send_closed,try_recv_open,
// try_recv_closed,try_recv_closed_with_data,peek_data,peek_close,peek_open},
// try_recv_states.
func TestTryOperationsSeeEachState(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		tx, rx := f.open(t)
		_, err := rx.TryRecv()
		require.ErrorIs(t, err, mpsc.ErrEmpty)
		if f.buffers(1) {
			require.NoError(t, tx.TrySend(10))
			v, err := rx.TryRecv()
			require.NoError(t, err)
			require.Equal(t, 10, v)
			_, err = rx.TryRecv()
			require.ErrorIs(t, err, mpsc.ErrEmpty)
			require.NoError(t, tx.TrySend(11))
			tx.Drop()
			v, err = rx.TryRecv()
			require.NoError(t, err)
			require.Equal(t, 11, v)
		} else {
			assertRefused(t, 10, mpsc.ErrFull, tx.TrySend(10)) // try_send_closed2
			tx.Drop()
		}
		for range 2 {
			_, err = rx.TryRecv()
			require.ErrorIs(t, err, mpsc.ErrDisconnected)
		}
	})
}

// oneshot_multi_task_recv_then_send, _recv_then_close; on a rendezvous channel a
// TrySend succeeds exactly while a goroutine is parked in a receive call.
func TestAParkedReceiveTakesWhatATrySendOffers(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		synctest.Test(t, func(t *testing.T) {
			tx, rx := f.open(t)
			for _, receive := range []func() (int, error){
				rx.Recv,
				func() (int, error) { return rx.RecvTimeout(time.Hour) },
				func() (int, error) { return rx.RecvContext(t.Context()) },
				func() (int, error) {
					buf := make([]int, 3)
					n, err := rx.RecvMany(buf)
					assert.Equal(t, 1, n)
					return buf[0], err
				},
			} {
				done := make(chan struct{})
				go func() {
					defer close(done)
					v, err := receive()
					assert.NoError(t, err)
					assert.Equal(t, 10, v)
				}()
				synctest.Wait()
				require.NoError(t, tx.TrySend(10))
				<-done
			}
		})
	})
}

// stream_send_recv_stress: handles move from goroutine to goroutine.
func TestHandlesMayMoveBetweenGoroutines(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		tx, rx := f.open(t)
		var wg sync.WaitGroup
		var send, receive func(i int)
		send = func(i int) {
			if i == 10 {
				return
			}
			wg.Go(func() {
				assert.NoError(t, tx.Send(i))
				send(i + 1)
			})
		}
		receive = func(i int) {
			if i == 10 {
				return
			}
			wg.Go(func() {
				v, err := rx.Recv()
				assert.NoError(t, err)
				assert.Equal(t, i, v)
				receive(i + 1)
			})
		}
		send(0)
		receive(0)
		wg.Wait()
	})
}

// oneshot_single_thread_recv_timeout, shared_recv_timeout, issue_39364,
// recv_timeout_upgrade: a timeout does not spoil the receiver.
func TestAReceiverWorksOnAfterATimeout(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		synctest.Test(t, func(t *testing.T) {
			tx, rx := f.open(t)
			for i := range 3 {
				_, err := rx.RecvTimeout(time.Millisecond)
				require.ErrorIs(t, err, mpsc.ErrTimeout)
				own := tx.CloneSender()
				go func() { assert.NoError(t, own.Send(i)) }()
				v, err := rx.RecvTimeout(time.Millisecond)
				require.NoError(t, err)
				require.Equal(t, i, v)
			}
		})
	})
}

// recv_a_lot, issue_15761.
func TestALotFitsIntoALargeBound(t *testing.T) {
	const n = 10_000
	for _, bound := range []int{unbounded, n} {
		tx, rx := (flavour{bound: bound}).open(t)
		for i := range n {
			require.NoError(t, tx.TrySend(i))
		}
		for i := range n {
			v, err := rx.TryRecv()
			require.NoError(t, err)
			require.Equal(t, i, v)
		}
	}
}

// test_nested_recv_iter, test_recv_into_iter_*: loops over channels of channels.
func TestChannelsThroughChannels(t *testing.T) {
	tx, rx := mpsc.Channel[*mpsc.Receiver[int]]()
	total := make(chan int)
	go func() {
		sum := 0
		for inner := range rx.All() {
			for v := range inner.All() {
				sum += v
			}
		}
		total <- sum
	}()
	for i := range 4 {
		itx, irx := mpsc.SyncChannel[int](2)
		require.NoError(t, tx.Send(irx))
		require.NoError(t, itx.Send(i))
		itx.Drop()
	}
	tx.Drop()
	require.Equal(t, 6, <-total)
}
