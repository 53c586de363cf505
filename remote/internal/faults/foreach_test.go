package faults_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/remote"
	"github.com/handoff-go/handoff/remote/internal/harness"
)

// A handler takes longer than the ack wait, and the connection breaks meanwhile. The
// message stays with it.
func TestForEachKeepsItsMessageAcrossALostConnection(t *testing.T) {
	s := harness.Server(t)
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	p := harness.NewProxy(t, s.ClientURL())
	tx, other, err := remote.Unbounded[Entry](ctx, connect(t, ctx, s.ClientURL()), "work", quick()...)
	require.NoError(t, err)
	_, rx, err := remote.Unbounded[Entry](ctx, connect(t, ctx, p.URL(), soon()), "work", quick()...)
	require.NoError(t, err)
	require.NoError(t, tx.Send(Entry{0, 0}).Await(ctx))
	started, finished := make(chan struct{}), make(chan struct{})
	end := make(chan error, 1)
	each, stop := context.WithCancel(ctx)
	go func() {
		end <- remote.ForEach(each, rx, 1, func(ctx context.Context, d *remote.Delivery[Entry]) error {
			close(started)
			<-finished
			return nil
		})
	}()
	<-started
	// Shorter than the ack wait of a second, but there is a beat of ForEach in it.
	p.Set(harness.Fault{Refuse: true})
	p.Cut()
	time.Sleep(500 * time.Millisecond)
	p.Set(harness.Fault{})
	short, stopWaiting := context.WithTimeout(ctx, 4*time.Second)
	defer stopWaiting()
	d, err := other.Recv().Await(short)
	assert.ErrorIs(t, err, context.DeadlineExceeded, "%v", d)
	close(finished)
	waitFor(ctx, func() bool { return stored(s, "handoff-ch-work") == 0 })
	stop()
	require.ErrorIs(t, <-end, context.Canceled)
}
