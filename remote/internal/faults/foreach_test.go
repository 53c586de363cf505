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

// A handler takes longer than the ack wait, and the connection is lost for two thirds of it, in
// which two heartbeats of ForEach fail. No other receiver gets the message.
func TestForEachKeepsItsMessageAcrossALostConnection(t *testing.T) {
	// The clock of the ack wait is the server's, so what is between the outage and the end of
	// the ack wait has to be longer than a busy machine stops a process for.
	const ackWait, outage = 9 * time.Second, 6300 * time.Millisecond
	opts := append(quick(), remote.AckWait(ackWait))
	s := harness.Server(t)
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	p := harness.NewProxy(t, s.ClientURL())
	tx, other, err := remote.Unbounded[Entry](ctx, connect(t, ctx, s.ClientURL()), "work", opts...)
	require.NoError(t, err)
	_, rx, err := remote.Unbounded[Entry](ctx, connect(t, ctx, p.URL(), soon()), "work", opts...)
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
	// The heartbeats after a third and two thirds of the ack wait find no connection.
	p.Set(harness.Fault{Refuse: true})
	p.Cut()
	time.Sleep(outage)
	p.Set(harness.Fault{})
	short, stopWaiting := context.WithTimeout(ctx, ackWait-outage+3*time.Second)
	defer stopWaiting()
	d, err := other.Recv().Await(short)
	assert.ErrorIs(t, err, context.DeadlineExceeded, "%v", d)
	close(finished)
	waitFor(ctx, func() bool { return stored(s, "handoff-ch-work") == 0 })
	stop()
	require.ErrorIs(t, <-end, context.Canceled)
}
