package remote

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A process that stood still has messages fetched ahead that others were given since.
func TestWhatWasFetchedAheadIsNotShownAfterItsAckWait(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	tx, rx, err := Unbounded[int](ctx, c, "still", AckWait(time.Hour))
	require.NoError(t, err)
	_, err = tx.SendMany([]int{1, 2}).Await(ctx)
	require.NoError(t, err)
	p := rx.l.pull
	d, err := rx.Recv().Await(ctx)
	require.NoError(t, err)
	require.NoError(t, d.Ack())
	p.mu.Lock()
	if len(p.buf) == 0 {
		p.request(1, nil)
	}
	p.mu.Unlock()
	require.Eventually(t, func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		if len(p.buf) == 0 {
			return false
		}
		p.buf[0].touched = p.buf[0].touched.Add(-2 * time.Hour)
		return true
	}, time.Minute, time.Millisecond)
	_, err = rx.TryRecv(ctx)
	require.ErrorIs(t, err, ErrEmpty)
}

// A message whose handler took longer than the ack wait is not held here any more: it must not
// hide another one which is left when the last sender disconnects.
func TestWhatIsHeldForTooLongIsLeftForReceivers(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	tx, rx, err := Unbounded[int](ctx, c, "forgotten", AckWait(200*time.Millisecond), MaxDeliveries(100))
	require.NoError(t, err)
	_, other, err := Unbounded[int](ctx, c, "forgotten", AckWait(200*time.Millisecond), MaxDeliveries(100))
	require.NoError(t, err)
	require.NoError(t, tx.Send(1).Await(ctx))
	_, err = rx.Recv().Await(ctx) // and neither acknowledged nor returned
	require.NoError(t, err)
	d, err := other.Recv().Await(ctx)
	require.NoError(t, err)
	require.NoError(t, d.Confirm(ctx))
	require.NoError(t, tx.Send(2).Await(ctx))
	d, err = other.Recv().Await(ctx)
	require.NoError(t, err)
	tx.Drop()
	for range 4 { // other holds it for longer than rx could be asleep
		time.Sleep(100 * time.Millisecond)
		require.NoError(t, d.InProgress())
	}
	got := make(chan error, 1)
	go func() {
		d, err := rx.Recv().Await(ctx)
		if err == nil {
			assert.Equal(t, 2, d.Value)
			err = d.Ack()
		}
		got <- err
	}()
	time.Sleep(300 * time.Millisecond)
	_ = d.Nak(0)
	require.NoError(t, <-got)
}

// ForEach renews on another goroutine than the one that acknowledges.
func TestWhatIsSettledWhileItIsRenewedIsNotHeld(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	tx, rx, err := Unbounded[int](ctx, c, "renewed")
	require.NoError(t, err)
	require.NoError(t, tx.Send(1).Await(ctx))
	d, err := rx.Recv().Await(ctx)
	require.NoError(t, err)
	require.NoError(t, d.Ack())
	rx.l.pull.extend(d.seq, &d.settled) // the rest of an InProgress that began before
	rx.l.pull.mu.Lock()
	defer rx.l.pull.mu.Unlock()
	assert.Empty(t, rx.l.pull.held)
}
