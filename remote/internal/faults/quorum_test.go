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

// Two of three servers are down: nothing can be stored or delivered. Every call reports that
// when its context ends, and what was sent before and after is there when one is back.
func TestALostQuorumIsAnErrorThatSaysSo(t *testing.T) {
	cluster := harness.NewCluster(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*limit)
	defer cancel()
	opts := []remote.Option{remote.Replicas(3), remote.AckWait(5 * time.Second), remote.MaxDeliveries(100)}
	c := connect(t, ctx, cluster.URL())
	tx, rx, err := remote.Unbounded[Entry](ctx, c, "work", opts...)
	require.NoError(t, err)
	book := newLedger()
	take := func() {
		d, err := rx.Recv().Await(ctx)
		require.NoError(t, err)
		book.delivered(d.Value, d.Sequence())
		require.NoError(t, d.Confirm(ctx))
		book.confirmed(d.Value)
	}
	require.NoError(t, tx.Send(Entry{0, 0}).Await(ctx))
	take()
	leader := cluster.Leader("handoff-ch-work")
	cluster.Stop((leader + 1) % 3)
	cluster.Stop((leader + 2) % 3)

	says := func(call string, patience time.Duration, do func(context.Context) error) {
		t.Helper()
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		start := time.Now()
		err := do(ctx)
		t.Logf("%s after %v: %v", call, time.Since(start).Round(time.Millisecond), err)
		require.ErrorIs(t, err, remote.ErrUnavailable, call)
		assert.Less(t, time.Since(start), patience+3*time.Second, call)
	}
	f := tx.Send(Entry{0, 1})
	says("Send", 3*time.Second, func(ctx context.Context) error {
		err := f.Await(ctx)
		e, ok := errors.AsType[*remote.SendError[Entry]](err)
		assert.True(t, ok && e.Value == Entry{0, 1}, "%v", err)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		return err
	})
	says("SendMany", 3*time.Second, func(ctx context.Context) error {
		n, err := tx.SendMany([]Entry{{9, 0}, {9, 1}}).Await(ctx)
		assert.Zero(t, n)
		require.ErrorIs(t, err, remote.ErrUncertain)
		return err
	})
	// A leader that hears nothing goes on for some seconds before it gives up, and a
	// receive finds that out only then.
	waitFor(ctx, func() bool {
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		_, err := rx.Recv().Await(short)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		return errors.Is(err, remote.ErrUnavailable)
	})
	says("Bounded", 3*time.Second, func(ctx context.Context) error {
		_, _, err := remote.Bounded[Entry](ctx, c, "other", 1, opts...)
		return err
	})

	waits := make(chan error, 1)
	go func() { waits <- tx.SendID(f.ID(), Entry{0, 1}).Await(ctx) }() // through all of it
	cluster.Restart((leader + 1) % 3)
	require.NoError(t, <-waits)
	require.NoError(t, tx.Send(Entry{0, 2}).Await(ctx))
	for book.count() < 3 {
		d, err := rx.Recv().Await(ctx)
		require.NoError(t, err)
		require.NoError(t, d.Confirm(ctx))
		if d.Value.Sender == 0 { // the uncertain ones may be there or not
			book.delivered(d.Value, d.Sequence())
			book.confirmed(d.Value)
		}
	}
	book.check(t, 3)
}
