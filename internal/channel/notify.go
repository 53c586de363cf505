package channel

import (
	"github.com/handoff-go/handoff/internal/queue"
	"github.com/handoff-go/handoff/internal/waitq"
)

// Which waiters a message wakes. All of these need the tail lock.
//
// A parked receiver and a polled one are woken in different ways. A goroutine that is parked in a
// call returns with whatever its waiter has, so a message can be put there: it is received, and
// the goroutine competes with no other. A future may be dropped instead of polled, and a message
// in it would be lost; it is only notified, and takes the message in its next poll, if no other
// receive was faster. So a message goes to the list while the first waiter is a polled one, even if
// parked ones wait behind it: first come, first served, among receivers too.

// handOver stores v for the receiver that waits longest, if that is a goroutine parked in a
// call and the list is empty, and dequeues it. The caller holds the tail lock with word t,
// releases it with the word returned, and then wakes the receiver, which is nil if there is
// none.
//
// So the receiver does not have to go through the list and compete for the message. At
// capacity 0 it is the only way to send without waiting.
func (c *Chan[T]) handOver(t queue.Word, v T) (queue.Word, *waiter[T]) {
	if t&obstacles != recving || !c.list.Drained(t) {
		return t, nil // messages in the list are older than v, and are received first
	}
	w := c.receivers.First() // nil if only observers wait
	if w == nil || !w.Value.parked {
		return t, nil
	}
	c.onHandOver(t, w)
	*w.Value.value = v
	c.receivers.DequeueFirst(waitq.Done)
	if c.unattended() {
		t &^= recving
	}
	return t, w
}

// place sends v without waiting, in the cases that Push and handOver do not handle: it puts v
// into a free slot, possibly of a new block, and notifies receivers.
func (c *Chan[T]) place(t *queue.Word, v T, wake *wakeups[T]) bool {
	if t.Has(sending) {
		return false // first come, first served: a free slot belongs to the first queued sender
	}
	if !c.full(*t) {
		c.onPut(*t, 1, nil)
		*t = c.notify(c.list.Put(*t, v), 1, wake)
		return true
	}
	return c.rendezvous() && c.meet(t, v, wake)
}

// notify dequeues and wakes the first n receivers and every observer. The caller holds the tail
// lock with word t, and wakes those in wake after it has released that.
func (c *Chan[T]) notify(t queue.Word, n int, wake *wakeups[T]) queue.Word {
	if !t.Has(recving) {
		return t
	}
	for w := c.receivers.First(); w != nil && n > 0; w = c.receivers.First() {
		c.receivers.Dequeue(w, waitq.Notified, wake)
		n--
	}
	// All of them, for each message: an observer takes none, so the first one woken says nothing
	// about the others. Each is woken once for each call of Ready.
	c.observers.DequeueAll(waitq.Notified, wake)
	return c.queueFlags(t)
}

// passOn notifies another receiver, if a message is available, for one that may have been
// notified and receives nothing. The caller holds the tail lock with word t.
//
// A message notifies one receiver. If that one does not take it, because its handle was dropped or
// its wait was cancelled, no other would look for it, and it would lie in the list beside sleeping
// receivers (TestADroppedReceivePassesItsNotificationOn).
func (c *Chan[T]) passOn(t queue.Word, wake *wakeups[T]) queue.Word {
	if c.pending(t) {
		return c.notify(t, 1, wake)
	}
	return t
}

// pending reports whether a message is available. The caller holds the tail lock with word t.
func (c *Chan[T]) pending(t queue.Word) bool {
	return !c.list.Drained(t) || t.Has(sending) && c.rendezvous()
}
