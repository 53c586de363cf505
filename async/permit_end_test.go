package async_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
)

// A channel that is closed ends when every permit is home, and each way home wakes a
// waiting receiver. The cases recv_close_gets_none_reserved,
// dropping_last_{permit,permit_iterator}_wakes_closed_receiver,
// sending_last_permit_wakes_closed_receiver, {failed,cancelled}_reserve{,_many}_wakes_closed_receiver
// and try_recv_after_receiver_close_with_permit of tokio.
func TestReceiversSeeErrClosedOnceNoPermitIsOutstanding(t *testing.T) {
	waysHome := map[string]struct {
		go_  func(p *async.Permit[int])
		sent bool
	}{
		"dropped": {func(p *async.Permit[int]) { p.Drop() }, false},
		"sent":    {func(p *async.Permit[int]) { _ = p.Send(123) }, true},
	}
	ends := map[string]func(tx *async.Sender[int]){
		"closed":              func(tx *async.Sender[int]) { tx.Close() },
		"last sender dropped": func(tx *async.Sender[int]) { tx.Drop() },
	}
	for way, home := range waysHome {
		for how, end := range ends {
			t.Run(way+", "+how, func(t *testing.T) {
				forEachBuffer(t, func(t *testing.T, f flavour) {
					synctest.Test(t, func(t *testing.T) {
						tx, rx := f.open()
						p, err := tx.TryReserve()
						require.NoError(t, err)
						got := make(chan error, 1)
						go func() {
							v, err := rx.Recv().Await(t.Context())
							if err == nil {
								assert.Equal(t, 123, v)
							}
							got <- err
						}()
						polled := rx.Recv()
						synctest.Wait()
						woken := assertPending(t, polled)
						end(tx)
						synctest.Wait()
						require.Empty(t, got)
						require.Zero(t, woken.count())
						require.True(t, rx.IsClosed())
						_, err = rx.TryRecv()
						require.ErrorIs(t, err, async.ErrEmpty)
						home.go_(p)
						synctest.Wait()
						err = <-got
						if home.sent {
							require.NoError(t, err)
						} else {
							require.ErrorIs(t, err, async.ErrClosed)
						}
						require.Equal(t, 1, woken.count())
						_, err = poll(t, polled)
						require.ErrorIs(t, err, async.ErrClosed)
						_, err = rx.TryRecv()
						require.ErrorIs(t, err, async.ErrClosed)
					})
				})
			})
		}
	}
}

// The rest of the ways home: reservations that were waiting when the channel was closed
// fail at once and hold nothing.
func TestAReservationThatWaitsHoldsNoEndUp(t *testing.T) {
	tx, rx := async.Bounded[int](2)
	require.NoError(t, tx.TrySend(1))
	large := tx.ReserveMany(2)
	woken := assertPending(t, large)
	granted := tx.Reserve() // behind it
	assertPending(t, granted)
	receive := rx.Recv()
	rx.Close()
	require.Equal(t, 1, woken.count())
	_, err := poll(t, large)
	require.ErrorIs(t, err, async.ErrClosed)
	granted.Drop()
	v, err := poll(t, receive)
	require.NoError(t, err)
	require.Equal(t, 1, v)
	_, err = rx.TryRecv()
	require.ErrorIs(t, err, async.ErrClosed)
}

// The case permit_available_not_acquired_close of tokio: what was granted before the
// channel was closed still sends, though no receive had run yet.
func TestAReservationGrantedBeforeTheEndStillSends(t *testing.T) {
	for _, drop := range []bool{false, true} {
		tx, rx := async.Bounded[int](1)
		require.NoError(t, tx.TrySend(1))
		f := tx.Reserve()
		assertPending(t, f)
		_, err := rx.TryRecv()
		require.NoError(t, err)
		tx.Close()
		receive := rx.Recv()
		woken := assertPending(t, receive)
		if drop {
			f.Drop()
		} else {
			p, err := poll(t, f)
			require.NoError(t, err)
			require.NoError(t, p.Send(2))
			v, err := rx.TryRecv()
			require.NoError(t, err)
			require.Equal(t, 2, v)
		}
		require.Equal(t, 1, woken.count())
		_, err = poll(t, receive)
		require.ErrorIs(t, err, async.ErrClosed)
	}
}

// tokio#7714: there a permit succeeds after the receiver has gone, and its value stays
// in the channel.
func TestAPermitFailsWithItsValueOnceTheReceiversAreDropped(t *testing.T) {
	forEachBuffer(t, func(t *testing.T, f flavour) {
		tx, rx := f.open()
		p, err := tx.TryReserve()
		require.NoError(t, err)
		rx.Drop()
		assertRefused(t, 1, async.ErrClosed, p.Send(1))
		assert.Zero(t, tx.Len())
	})
}

func TestAPermitIsNotASender(t *testing.T) {
	tx, rx := async.Bounded[int](1)
	p, err := tx.TryReserve()
	require.NoError(t, err)
	weak := tx.Downgrade()
	tx.Drop()
	require.Zero(t, rx.SenderCount())
	require.True(t, rx.IsClosed())
	_, ok := weak.Upgrade()
	require.False(t, ok)
	require.NoError(t, p.Send(1))
	v, err := rx.TryRecv()
	require.NoError(t, err)
	require.Equal(t, 1, v)
}
