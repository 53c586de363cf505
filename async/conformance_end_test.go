package async_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
)

// Rule 3. The cases close_wakes_sender of async-channel, dropping_rx_closes_channel and
// unconsumed_messages_are_dropped of tokio.
func TestTheLastReceiversDropDiscardsAndWakesEverySender(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		synctest.Test(t, func(t *testing.T) {
			tx, rx := f.open()
			rx2 := rx.Clone()
			var polled *async.SendFuture[int]
			var woken *counter
			if f.capacity != unbounded {
				fill(t, tx)
				for i := range 3 {
					go func() { assertRefused(t, i, async.ErrClosed, tx.Send(i).Await(t.Context())) }()
				}
				go func() { assertRefused(t, 7, async.ErrClosed, tx.SendBlocking(7)) }()
				go func() {
					n, err := tx.SendMany([]int{1, 2, 3}).Await(t.Context())
					assert.Zero(t, n)
					assert.ErrorIs(t, err, async.ErrClosed)
				}()
				synctest.Wait()
				polled = tx.Send(8)
				woken = assertPending(t, polled)
			} else {
				require.NoError(t, tx.TrySend(1))
			}
			synctest.Wait()
			rx.Drop()
			synctest.Wait()
			assert.False(t, tx.IsClosed(), "one receiver is left")
			rx2.Drop()
			synctest.Wait()
			assert.Zero(t, tx.Len())
			assert.True(t, tx.IsClosed())
			<-tx.Done()
			assertRefused(t, 9, async.ErrClosed, tx.Send(9).Await(t.Context()))
			assertRefused(t, 9, async.ErrClosed, tx.Clone().TrySend(9))
			if polled != nil {
				assert.Equal(t, 1, woken.count())
				_, err := poll(t, polled)
				assertRefused(t, 8, async.ErrClosed, err)
				v, ok := polled.Unsent()
				assert.True(t, ok)
				assert.Equal(t, 8, v)
			}
		})
	})
}

// Rules 3 and 6. The case close_wakes_receiver of async-channel.
func TestTheEndWakesEveryReceive(t *testing.T) {
	ends := map[string]func(tx *async.Sender[int], rx *async.Receiver[int]){
		"last sender dropped": func(tx *async.Sender[int], _ *async.Receiver[int]) { tx.Drop(); tx.Drop() },
		"closed by a sender":  func(tx *async.Sender[int], _ *async.Receiver[int]) { tx.Close() },
		"closed by receiver":  func(_ *async.Sender[int], rx *async.Receiver[int]) { rx.Close() },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			forEachFlavour(t, func(t *testing.T, f flavour) {
				synctest.Test(t, func(t *testing.T) {
					tx, rx := f.open()
					go func() {
						_, err := rx.Recv().Await(t.Context())
						assert.ErrorIs(t, err, async.ErrClosed)
					}()
					go func() {
						_, err := rx.RecvBlocking()
						assert.ErrorIs(t, err, async.ErrClosed)
					}()
					go func() {
						_, err := rx.RecvMany(make([]int, 3)).Await(context.Background())
						assert.ErrorIs(t, err, async.ErrClosed)
					}()
					go func() {
						<-rx.Clone().Ready()
						_, err := rx.TryRecv()
						assert.ErrorIs(t, err, async.ErrClosed)
					}()
					polled := rx.Recv()
					woken := assertPending(t, polled)
					synctest.Wait()
					assert.Zero(t, woken.count())
					end(tx, rx)
					synctest.Wait()
					assert.Equal(t, 1, woken.count())
					_, err := poll(t, polled)
					assert.ErrorIs(t, err, async.ErrClosed)
				})
			})
		})
	}
}

// Rule 6: the Drop of its own handle ends a wait, and no other handle's does.
func TestADropEndsTheWaitsOfItsHandle(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		synctest.Test(t, func(t *testing.T) {
			tx, rx := f.open()
			rx2, rx3 := rx.Clone(), rx.Clone()
			go func() {
				_, err := rx2.Recv().Await(t.Context())
				assert.ErrorIs(t, err, async.ErrDropped)
			}()
			go func() {
				_, err := rx2.RecvBlocking()
				assert.ErrorIs(t, err, async.ErrDropped)
			}()
			polled := rx2.Recv()
			woken := assertPending(t, polled)
			other := rx3.Recv()
			assertPending(t, other)
			synctest.Wait()
			rx2.Drop()
			synctest.Wait()
			assert.Equal(t, 1, woken.count())
			_, err := poll(t, polled)
			require.ErrorIs(t, err, async.ErrDropped)
			other.Drop()
			if f.capacity == unbounded {
				return
			}
			fill(t, tx)
			tx2 := tx.Clone()
			go func() { assertRefused(t, 1, async.ErrDropped, tx2.Send(1).Await(t.Context())) }()
			go func() {
				_, err := tx2.Reserve().Await(t.Context())
				if f.capacity > 0 {
					assert.ErrorIs(t, err, async.ErrDropped)
				}
			}()
			send := tx2.Send(2)
			woken = assertPending(t, send)
			closed := tx2.Closed()
			assertPending(t, closed)
			synctest.Wait()
			tx2.Drop()
			synctest.Wait()
			assert.Equal(t, 1, woken.count())
			_, err = poll(t, send)
			assertRefused(t, 2, async.ErrDropped, err)
			_, err = poll(t, closed)
			require.ErrorIs(t, err, async.ErrDropped)
		})
	})
}

// Rule 10.
func TestAHandleMadeFromADroppedOneIsDroppedToo(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		tx, rx := f.open()
		tx2, rx2 := tx.Clone(), rx.Clone()
		tx2.Drop()
		rx2.Drop()
		assertRefused(t, 1, async.ErrDropped, tx2.Clone().TrySend(1))
		_, err := rx2.Clone().TryRecv()
		require.ErrorIs(t, err, async.ErrDropped)
		_, ok := tx2.Downgrade().Upgrade()
		require.False(t, ok)
		_, ok = rx2.Downgrade().Upgrade()
		require.False(t, ok)
		require.False(t, tx2.Close())
		require.False(t, rx2.CloseCause(context.Canceled))
		require.Equal(t, 1, tx.SenderCount())
		require.Equal(t, 1, tx.ReceiverCount())
		require.False(t, rx.IsClosed())
	})
}
