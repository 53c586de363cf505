package channel

import (
	"github.com/handoff-go/handoff/internal/queue"
	"github.com/handoff-go/handoff/internal/waitq"
)

// A channel without slots. There a message goes from one call to the other, and never into the
// list: a send hands it to a parked receiver, or a receive takes the offer of a waiting sender. A
// polled receive cannot be handed a message. It is notified of an offer, which then waits for its
// next poll.
//
// All of it is under the tail lock, where the senders are queued. The head lock guards the list, in
// which nothing ever is, so no operation of such a channel takes it (queue.SkipPop).

// meet is handOver for a channel whose first waiting receivers are polled: v goes to the first
// one that is parked.
func (c *Chan[T]) meet(t *queue.Word, v T, wake *wakeups[T]) bool {
	for w := c.receivers.First(); w != nil; w = c.receivers.Next(w) {
		if w.Value.parked {
			c.onHandOver(*t, w)
			*w.Value.value = v
			c.receivers.Dequeue(w, waitq.Done, wake)
			*t = c.queueFlags(*t)
			return true
		}
	}
	return false
}

// takeOffer takes the only message of sender, the first in the queue, at capacity 0. The caller
// holds the tail lock with word t, releases it with the word returned, and wakes the sender when
// it holds no lock any more. The channel is not at level Events.
func (c *Chan[T]) takeOffer(t queue.Word, sender *waiter[T]) (v T, _ queue.Word) {
	var zero T
	v, *sender.Value.value = *sender.Value.value, zero
	sender.Value.taken++
	c.senders.DequeueFirst(waitq.Done)
	if c.senders.Empty() {
		t &^= sending
	}
	return v, t
}

// takeOffers moves messages from waiting senders straight to buf, at capacity 0. It releases
// the tail lock, which the caller holds with word t, also between parts of a long batch.
func (c *Chan[T]) takeOffers(t queue.Word, buf []T, by caller) (n int) {
	var wake wakeups[T]
	for {
		some := c.takeSome(t, buf[n:min(len(buf), n+c.list.Run())], by, &wake)
		c.list.Tail.Unlock(c.queueFlags(t))
		n += some
		if n == len(buf) || some < c.list.Run() {
			break
		}
		c.list.Tail.Yield()
		t = c.list.Tail.Lock()
	}
	wake.Wake()
	return n
}

// takeSome is one step of takeOffers. The caller holds the tail lock with word t.
func (c *Chan[T]) takeSome(t queue.Word, buf []T, by caller, wake *wakeups[T]) (n int) {
	for w := c.senders.First(); w != nil && n < len(buf); w = c.senders.First() {
		buf[n] = *w.Value.value
		k := copy(buf[n+1:], w.Value.rest)
		c.onTakeOffer(t, w, 1+k, by)
		c.accept(w, 1+k, wake)
		n += 1 + k
	}
	return n
}
