package channel

import (
	"github.com/handoff-go/handoff/internal/queue"
	"github.com/handoff-go/handoff/internal/waitq"
)

// How a waiting sender gets a slot that a receive frees. Receives take the head lock and senders
// wait under the tail lock, so the two sides have to meet without a lock in common, and a receive
// that meets no waiting sender must not pay for it:
//
//	receive                         first waiting sender (announce)
//	lock head                       lock head
//	take a message                  offers = 1
//	unlock head                     unlock head
//	if offers != 0: admit           is there room? if not: queue, under the tail lock
//
// The head lock orders the two. If the receive has it first, the sender sees the free slot. If the
// sender has it first, the receive sees offers, and admit waits for the tail lock, which the sender
// holds until it is queued. Rejected: a flag that both sides write and read without a common lock
// (Dekker), which needs a full fence in every receive.
//
// The receive that frees a slot moves the offer of the first sender into it. Rejected: to wake the
// sender so that it takes the slot itself. The slot would be free in between, for sends that came
// later, and a sender that is cancelled at that moment would have to pass it on.

// catchUp waits until the head lock is free: a receive that has returned may still have its
// unlocking store, and with it the slot that it freed, in the store buffer. The caller then
// tries once more. catchUp may release and reacquire the tail lock, which the caller holds
// with word t.
func (c *Chan[T]) catchUp(t queue.Word) queue.Word {
	if !c.list.Head.Load().Locked() {
		return t
	}
	by := c.sender()
	c.list.Tail.Unlock(t)
	c.list.Head.WaitUnlocked()
	return c.lockTail(by)
}

// announce makes every later receive check for waiting senders. It may release and reacquire
// the tail lock, which the caller holds with word t.
func (c *Chan[T]) announce(t queue.Word) queue.Word {
	w, free := c.list.Head.TryLock()
	if !free { // a wait for both locks takes the head first
		by := c.sender()
		c.list.Tail.Unlock(t)
		w = c.list.Head.Lock()
		t = c.lockTail(by)
	}
	c.offers.Store(1)   // under the head lock; see above
	c.list.Head.Move(w) // not Unlock: a parked receiver may have cleared inside since
	return t
}

// admit moves offers into free slots, oldest first. A receiver calls it after it
// has freed some and seen that senders wait.
func (c *Chan[T]) admit() {
	t := c.list.Tail.Lock()
	// By now another receive may have admitted the sender, or it may have been cancelled: every
	// condition is checked again.
	if w := c.senders.First(); w != nil && len(w.Value.rest) == 0 && !w.Value.reserve && t&recving == 0 && w.Value.ticket == 0 && c.list.Room(t, 2) == 1 {
		// advance, written out for one free slot and a sender with one message. In a full
		// channel every receive ends here.
		var zero T
		t = c.list.Put(t, *w.Value.value)
		*w.Value.value = zero
		w.Value.taken++
		c.senders.DequeueFirst(waitq.Done)
		if c.senders.Empty() {
			c.offers.Store(0)
			t &^= sending
		}
		c.list.UnlockTail(t)
		w.Target.Wake()
		return
	}
	var wake wakeups[T]
	t = c.advance(t, &wake)
	c.list.Tail.Unlock(t)
	wake.Wake()
}

// advance moves offers into free slots, oldest first, and grants reservations. It is
// called whenever slots may have become free, or the first waiter, which may have needed more
// slots than are free, was dequeued. The caller holds the tail lock. For a long batch advance
// releases and reacquires that: the batch stays first in the queue, so no other send comes
// between, but non-blocking calls need not wait for all of it.
func (c *Chan[T]) advance(t queue.Word, wake *wakeups[T]) queue.Word {
	if c.rendezvous() {
		return c.queueFlags(t)
	}
	for w := c.senders.First(); w != nil && !c.full(t); w = c.senders.First() {
		if n := w.Value.taken; w.Value.reserve {
			if c.room(t, n) < n {
				break // all at once: slots that it took one by one would have to be returned on a cancel
			}
			c.reserve(n)
			c.senders.Dequeue(w, waitq.Done, wake)
			continue
		}
		n := c.room(t, min(1+len(w.Value.rest), c.list.Run()))
		c.onPut(t, n, w)
		t = c.list.Put(t, *w.Value.value)
		t = c.list.PutMany(t, w.Value.rest[:n-1])
		t = c.notify(t, n, wake)
		c.accept(w, n, wake)
		if n == c.list.Run() {
			// A long batch. The lock is released between its parts, so that non-blocking calls
			// wait for one part and not for all. w stays first, so no other send comes between.
			by := c.sender()
			c.list.Tail.Unlock(c.queueFlags(t))
			c.list.Tail.Yield()
			t = c.lockTail(by)
		}
	}
	// No sender can have announced itself and not be queued yet: it holds the tail lock in
	// between, which is held here.
	if c.senders.Empty() && c.offers.Load() != 0 {
		c.offers.Store(0)
	}
	return c.queueFlags(t)
}

// accept counts the first n messages that w offers as sent, and dequeues w if
// these were all.
func (c *Chan[T]) accept(w *waiter[T], n int, wake *wakeups[T]) {
	v := &w.Value
	v.taken += n
	if n <= len(v.rest) {
		*v.value, v.rest = v.rest[n-1], v.rest[n:]
		return
	}
	var zero T
	*v.value, v.rest = zero, nil
	c.senders.Dequeue(w, waitq.Done, wake)
}

// Freed moves the offers of waiting senders into the list after a slot became free. A sender
// that is missed here cannot be waiting for the slot: it set offers before this receive took
// the head lock, or it has seen the slot; see the package comment.
func (c *Chan[T]) Freed() {
	if c.offers.Load() != 0 {
		c.admit()
	}
}
