package channel

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/probe"
	"github.com/handoff-go/handoff/internal/queue"
)

// The last receiver counts what it discards before its end of the list moves on. A look
// between the two must not find that less than nothing was received.
func TestAStateWhileTheLastReceiverLeavesCountsNothingTwice(t *testing.T) {
	var tx, rx Handle[int]
	c := New(Options{Limit: queue.Unlimited, Level: probe.Counts}, &tx, &rx)
	_, err := c.SendMany(&tx, make([]int, 10), nil)
	require.NoError(t, err)
	head := c.list.Head.Load()
	c.DropReceiver(&rx)
	c.list.Head.Unlock(head) // as it is for a moment: the tail's lock is released first
	s := c.state()
	assert.Zero(t, s.Received)
	assert.Zero(t, s.Len)
	assert.EqualValues(t, 10, s.Discarded)
	assert.EqualValues(t, 10, s.Sent)
	c.DropSender(&tx)
}
