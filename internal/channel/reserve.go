package channel

import (
	"math"

	"github.com/handoff-go/handoff/internal/errs"
	"github.com/handoff-go/handoff/internal/probe"
	"github.com/handoff-go/handoff/internal/queue"
	"github.com/handoff-go/handoff/internal/waitq"
)

// A reservation takes slots before there are messages for them. Such a slot, a
// permit, lowers the limit of the list until it is used or released, so that every
// other way to send finds the channel full that much earlier. After a close receives
// fail only once no permits are outstanding.

// Rejected: a semaphore beside the list, as tokio has it. It costs every send a second atomic
// counter, also in channels without permits. And placeholders in the list, which would fix the
// place of a message that is not sent yet and make receives wait for it.

// maxReserved is the largest number of reserved slots of an unbounded channel. Such a channel
// has a limit too, which no number of messages reaches; reservations must not reach it
// either, or the channel would be full.
const maxReserved = min(1<<60, math.MaxInt)

// TryReserve reserves n slots, or fails with ErrFull.
func (c *Chan[T]) TryReserve(h *Handle[T], n int) error {
	t := c.list.Tail.Lock()
	full, err := c.grant(t, h, n)
	if full {
		t = c.catchUp(t) // as in TrySend: ErrFull must not contradict a receive that has returned
		_, err = c.grant(t, h, n)
	}
	c.list.Tail.Unlock(t)
	return err
}

// grant reserves n slots if they are free and no sender is queued for them; otherwise it
// returns full or an error. The caller holds the tail lock with word t.
func (c *Chan[T]) grant(t queue.Word, h *Handle[T], n int) (full bool, err error) {
	switch {
	case t.Has(closed) || !h.live():
		return false, c.refusal(h)
	case n > 0 && c.capacity == Unlimited && uint64(c.reserved())+uint64(n) > maxReserved:
		return false, errs.ErrCapacity // without waiting: a queued reservation would block the sends behind it
	case n > 0 && (t.Has(sending) || c.room(t, n) < n):
		return true, c.Named(errs.ErrFull)
	}
	// Reserved slots lower the limit of the list, so no other operation has to know of them.
	c.reserve(n)
	return false, nil
}

// reserveOrOffer is grant that, if it returns full, has made receives check for waiting
// senders (see announce). It may release and reacquire the tail lock, and returns its word.
func (c *Chan[T]) reserveOrOffer(t queue.Word, h *Handle[T], n int) (_ queue.Word, full bool, err error) {
	full, err = c.grant(t, h, n)
	if full && c.offers.Load() == 0 {
		t = c.announce(t) // then look again, as offer does
		full, err = c.grant(t, h, n)
	}
	return t, full, err
}

// Reserve reserves n slots and waits for them within limit.
func (c *Chan[T]) Reserve(h *Handle[T], n int, limit *waitq.Limit) error {
	limit, giveUp := limit.Ask()
	t, full, err := c.reserveOrOffer(c.list.Tail.Lock(), h, n)
	if !full || giveUp != nil {
		if full {
			err = giveUp // tried once, as every operation under a context that has ended
		}
		c.list.Tail.Unlock(t)
		return err
	}
	s := c.takeSleeper(h)
	c.onFull()
	s.Value.reserve, s.Value.taken = true, n
	b := c.begin(h, s, ofSenders, t|sending)
	c.onWait(&s.waiter, through(h), probe.Reserve, limit)
	why, err := c.wait(b, &c.senders, limit)
	_, err = c.endSend(h, b, why, err)
	return err
}

// PollReserve reserves n slots for a future, or queues p and calls waker when they are
// reserved. If p is not polled again, the caller must call EndReserve.
func (c *Chan[T]) PollReserve(h *Handle[T], p *Polled[T], waker waitq.Target, n int) (ready bool, err error) {
	if p.waiting {
		why := c.sendSignal(p, waker)
		err = c.signalError(why)
		if why != waitq.Waiting {
			c.onPolledResume(p, err)
		}
		return why != waitq.Waiting, err
	}
	t, full, err := c.reserveOrOffer(c.list.Tail.Lock(), h, n)
	if full {
		p.Value.reserve, p.Value.taken = true, n
		c.enqueuePolled(h, p, ofSenders, waker)
		c.onFull()
		c.onWait(&p.waiter, through(h), probe.Reserve, nil)
		c.list.Tail.Unlock(c.queueFlags(t))
		return false, nil
	}
	c.list.Tail.Unlock(t)
	p.forget()
	return true, err
}

// EndReserve ends the wait for a reservation. One that was granted already is released.
func (c *Chan[T]) EndReserve(p *Polled[T]) {
	if !p.waiting {
		c.onPolledResume(p, nil)
		p.forget()
		return
	}
	var wake wakeups[T]
	t := c.list.Tail.Lock()
	// Which of the two happened is decided under the lock: the wait is cancelled, or it was granted
	// before and the slots are returned.
	if p.dequeue(&c.senders) {
		t = c.advance(t, &wake) // the free slots may suffice for the next waiter
	} else if p.Signal() == waitq.Done {
		t = c.giveBack(t, p.Value.taken, &wake)
	}
	c.list.Tail.Unlock(c.queueFlags(t))
	c.onPolledResume(p, nil)
	wake.Wake()
}

// Release gives n reserved slots back.
func (c *Chan[T]) Release(n int) {
	var wake wakeups[T]
	t := c.list.Tail.Lock()
	t = c.giveBack(t, n, &wake)
	c.list.Tail.Unlock(t)
	wake.Wake()
}

func (c *Chan[T]) giveBack(t queue.Word, n int, wake *wakeups[T]) queue.Word {
	c.unreserve(n)
	return c.notifyClosed(c.advance(t, wake), wake)
}

// SendReserved sends v into a reserved slot, which always has room: it fails only if
// the last receiver was dropped. Either way the slot is reserved no longer.
func (c *Chan[T]) SendReserved(v T) (err error) {
	var wake wakeups[T]
	t := c.list.Tail.Lock()
	if r := c.recording(); r != nil {
		t = c.identifySendReserved(r, t, v)
	}
	// The slot becomes free and is taken in one step under the lock, so no other send gets it in
	// between and this one cannot find the channel full. It may be closed: a permit that was granted
	// before still sends.
	c.unreserve(1)
	if t.Has(noReceivers) {
		err = c.CloseError()
	} else {
		c.onPut(t, 1, nil)
		t = c.notify(c.list.Put(t, v), 1, &wake)
	}
	c.list.Tail.Unlock(c.notifyClosed(t, &wake))
	wake.Wake()
	return err
}

// ForceSend sends v without waiting, ahead of waiting senders. If no slot is free it
// evicts the oldest message and returns that, or fails with ErrFull if all slots are
// reserved. The capacity must not be 0.
func (c *Chan[T]) ForceSend(h *Handle[T], v T) (evicted T, replaced bool, err error) {
	var wake wakeups[T]
	w := c.list.Head.Lock()
	t := c.list.Tail.Lock()
	if r := c.recording(); r != nil {
		w, t = c.identifyForceSend(r, w, t, h, v)
	}
	// Both locks, because it takes from the head and puts at the tail: with one of them only, the
	// length could be above the capacity in between, or another send could take the slot.
	full := c.full(t)
	switch {
	case t.Has(closed) || !h.live():
		err = c.refusal(h)
	case full && c.list.Drained(t):
		err = c.Named(errs.ErrFull)
	default:
		if full {
			c.list.Available(w, 1) // for Take must know that there is one
			c.onEvict(w)
			evicted, w = c.list.Take(w)
			replaced = true
		}
		c.onForcePut(t, replaced)
		t = c.notify(c.list.Put(t, v), 1, &wake)
	}
	c.list.Head.Unlock(w) // first, so that no call sees more messages than the capacity
	c.list.Tail.Unlock(t)
	wake.Wake()
	return evicted, replaced, err
}

// Room returns how many slots are free for a send that does not wait, which is none
// while others wait for them. Without a limit it is the largest int.
func (c *Chan[T]) Room() int {
	if c.capacity == Unlimited {
		return math.MaxInt
	}
	c.list.Head.WaitUnlocked()
	t := c.list.Tail.Lock()
	n := 0
	if !t.Has(sending) {
		n = c.room(t, int(c.capacity))
	}
	c.list.Tail.Unlock(t)
	return n
}
