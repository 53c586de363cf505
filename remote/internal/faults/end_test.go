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

// Acknowledgements of a channel that was deleted will never be confirmed, and nobody waits
// for that.
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
