package channel

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/waitq"
)

// A waiter that is used again between its Dequeue and its Wake is not queued, so no flag says
// that it is, and no receiver is notified of its offer.
func TestAPostponedWaiterSetsNoFlag(t *testing.T) {
	for _, again := range []string{"reserve", "send"} {
		c, tx, rx := many[int](1)
		require.NoError(t, c.send(tx, 1))
		var p Polled[int]
		p.Init()
		var old, late bell
		ready, err := c.PollReserve(tx, &p, &old, 1)
		require.NoError(t, err)
		require.False(t, ready)

		var wake wakeups[int]
		w := c.list.Tail.Lock()
		c.senders.Dequeue(&p.waiter, waitq.Dropped, &wake)
		c.list.Tail.Unlock(c.queueFlags(w))
		ready, err = c.PollReserve(tx, &p, &old, 1)
		require.Error(t, err)
		require.True(t, ready)

		poll := func() {
			if again == "reserve" {
				ready, err = c.PollReserve(tx, &p, &late, 1)
			} else {
				p.Carry(2, nil)
				_, ready, err = c.PollSend(tx, &p, &late)
			}
			require.NoError(t, err)
			require.False(t, ready)
		}
		poll()
		require.True(t, c.senders.Empty())
		require.False(t, c.list.Tail.Load().Has(sending))
		wake.Wake()
		require.Zero(t, old.n)
		require.Equal(t, 1, late.n, "it is to be polled again")
		poll()
		require.False(t, c.senders.Empty())
		require.True(t, c.list.Tail.Load().Has(sending))
		if again == "reserve" {
			c.EndReserve(&p)
		} else {
			_, all := c.EndSend(&p)
			require.False(t, all)
		}
		require.True(t, p.Idle())
		c.DropSender(tx)
		c.DropReceiver(rx)
	}
}
