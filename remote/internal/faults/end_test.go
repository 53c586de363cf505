package faults_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/remote"
	"github.com/handoff-go/handoff/remote/internal/harness"
)

// Acknowledgements of a channel that was deleted will never be confirmed, and Close does
// not wait for that.
func TestCloseDoesNotWaitForADeletedChannel(t *testing.T) {
	s := harness.Server(t)
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	c := connect(t, ctx, s.ClientURL())
	tx, rx, err := remote.Unbounded[Entry](ctx, c, "work", quick()...)
	require.NoError(t, err)
	_, err = tx.SendMany(make([]Entry, 10)).Await(ctx)
	require.NoError(t, err)
	for range 10 {
		d, err := rx.Recv().Await(ctx)
		require.NoError(t, err)
		require.NoError(t, d.Ack())
	}
	require.NoError(t, remote.Delete(ctx, c, "work"))
	start := time.Now()
	require.NoError(t, c.Close())
	assert.Less(t, time.Since(start), 3*time.Second)
}

// A receiver that is dropped gives back what it had fetched, at once, and with a delivery
// less than those that were seen.
func TestWhatADroppedReceiverHadFetchedComesBackSoon(t *testing.T) {
	s := harness.Server(t)
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	opts := []remote.Option{remote.AckWait(time.Hour)}
	tx, heir, err := remote.Unbounded[Entry](ctx, connect(t, ctx, s.ClientURL()), "work", opts...)
	require.NoError(t, err)
	_, rx, err := remote.Unbounded[Entry](ctx, connect(t, ctx, s.ClientURL()), "work", opts...)
	require.NoError(t, err)
	const total = 500
	vs := make([]Entry, total)
	for i := range vs {
		vs[i] = Entry{0, i}
	}
	_, err = tx.SendMany(vs).Await(ctx)
	require.NoError(t, err)
	book := newLedger()
	take := func(rx *remote.Receiver[Entry]) {
		d, err := rx.Recv().Await(ctx)
		require.NoError(t, err)
		book.delivered(d.Value, d.Sequence())
		require.NoError(t, d.Ack())
		book.acked(d.Value)
	}
	for range 100 { // by now it fetches ahead
		take(rx)
	}
	rx.Drop()
	for book.count() < total { // long before the ack wait ends, or the context does first
		take(heir)
	}
	book.check(t, total)
}

// Handles work from many goroutines while they are dropped and the connection is closed:
// every call ends, with an error of its own or a message.
func TestEveryCallEndsWhenTheConnectionIsClosed(t *testing.T) {
	s := harness.Server(t)
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	for range 10 {
		c := connect(t, ctx, s.ClientURL())
		tx, rx, err := remote.Bounded[Entry](ctx, c, "work", 20, quick()...)
		require.NoError(t, err)
		const callers = 8
		ended := make(chan error, 2*callers)
		for i := range callers {
			go func() {
				for n := 0; ; n++ {
					if _, err := tx.SendMany(make([]Entry, 1+n%30)).Await(ctx); err != nil {
						ended <- err
						return
					}
				}
			}()
			go func() {
				for n := 0; ; n++ {
					d, err := rx.Recv().Await(ctx)
					if err == nil && n%(i+1) == 0 {
						err = d.Ack()
					}
					if err != nil {
						ended <- err
						return
					}
				}
			}()
		}
		time.Sleep(20 * time.Millisecond) // in the middle of it, wherever that is
		_ = c.Close()
		for range 2 * callers {
			err := <-ended
			assert.True(t, errors.Is(err, remote.ErrDropped), "%v", err)
		}
	}
}
