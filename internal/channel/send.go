package channel

import (
	"github.com/handoff-go/handoff/internal/errs"
	"github.com/handoff-go/handoff/internal/probe"
	"github.com/handoff-go/handoff/internal/queue"
	"github.com/handoff-go/handoff/internal/waitq"
)

// obstacles are the flags with which a send does not take the fast path.
const obstacles = closed | sending | recving

// Push is the fast path of a send; see [queue.List.Push]. It is a step of its own
// so that it is one call away from the user. If it is not done, the caller goes on
// with SendOrWait, Send or TrySend and the word.
func (c *Chan[T]) Push(v T) (t queue.Word, done bool) { return c.list.Push(v, obstacles) }

// HandOrLeave goes on after Push: it hands v to a parked receiver, or returns false. Either
// way it releases the tail lock.
func (c *Chan[T]) HandOrLeave(t queue.Word, v T) bool {
	if !c.events() && c.hand(t, v) {
		return true
	}
	c.list.UnlockTail(t)
	return false
}

// SendOrWait sends v or, if it cannot at once, begins a wait, which the caller
// goes on with: see [Sleeper].
func (c *Chan[T]) SendOrWait(h *Handle[T], v T, t queue.Word) (*Sleeper[T], error) {
	if c.about != nil && c.about.rec != nil {
		return nil, c.Send(h, v, t, nil)
	}
	if c.hand(t, v) {
		return nil, nil
	}
	if (t&sending != 0 || c.capacity == 0) && t&(closed|recving) == 0 && h.State.Load() != 0 {
		// Inlined begin for the case where senders are already queued, or the capacity is 0.
		s := c.sleeper(h)
		s.buf = v
		if s.Value.sibling == nil { // enqueue, written out
			h.owner().link(&s.waiter)
		}
		s.Value.in = ofSenders
		c.senders.Push(&s.waiter)
		s.parker.Word = t | sending
		return s, nil
	}
	s, _, err := c.begin(t, h, v, nil, nil, wakeups[T]{})
	return s, err
}

// SendAfter ends the wait of SendOrWait.
func (c *Chan[T]) SendAfter(h *Handle[T], s *Sleeper[T]) error {
	_, err := c.sent(h, s, s.Signal(), nil)
	return err
}

// Send goes on after Push and waits for room within limit. The caller keeps v if it
// fails.
func (c *Chan[T]) Send(h *Handle[T], v T, t queue.Word, limit *waitq.Limit) error {
	if r := c.recording(); r != nil {
		t = c.sends(r, t, h, v)
	}
	if c.hand(t, v) {
		return nil
	}
	_, err := c.sendSlow(t, h, v, nil, limit.Some(), wakeups[T]{})
	return err
}

// TrySend goes on after Push without waiting.
func (c *Chan[T]) TrySend(h *Handle[T], v T, t queue.Word) error {
	r := c.recording()
	if r != nil {
		t = c.sends(r, t, h, v)
	}
	if c.hand(t, v) {
		return nil
	}
	if r == nil && t&obstacles == recving && c.observers.Empty() && !c.list.Full(t) {
		// Inlined place for exactly one waiting polled receiver.
		w := c.receivers.First()
		t = c.list.Put(t, v)
		c.receivers.SettleFirst(waitq.Notified)
		if c.receivers.Empty() {
			t &^= recving
		}
		c.list.UnlockTail(t)
		w.Target.Wake()
		return nil
	}
	var wake wakeups[T]
	var err error
	for looked := false; ; looked = true {
		switch {
		case t.Has(closed):
			err = c.refused(h)
		case c.place(&t, v, &wake):
		case !looked:
			t = c.catchUp(t)
			continue
		default:
			c.crowded()
			err = errs.ErrFull
		}
		break
	}
	c.list.Tail.Unlock(t)
	wake.Wake()
	return err
}

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
	c.list.Head.Settle()
	return c.lockTail(by)
}

// SendMany sends vs in order, waiting for room within limit, and returns how
// many were sent. Messages for which there is room at once are sent together.
func (c *Chan[T]) SendMany(h *Handle[T], vs []T, limit *waitq.Limit) (n int, err error) {
	if len(vs) == 0 {
		return 0, nil
	}
	var t queue.Word
	if len(vs) <= c.list.Run() {
		t = c.list.Tail.Lock()
	} else {
		var wake wakeups[T]
		t, n = c.sendLong(h, vs[0], vs[1:], &wake)
		if n == len(vs) {
			c.list.Tail.Unlock(t)
			wake.Wake()
			return n, nil
		}
		// The rest waits, or all of it does. If n is 0, slots may have been reserved in vain
		// and given back; then wake has the waiters that this has settled.
		more, err := c.sendSlow(t, h, vs[n], vs[n+1:], limit.Some(), wake)
		return n + more, err
	}
	known := c.about != nil // checked once: calling each hook for nothing is measurable in a batch
	room := c.list.Room(t, len(vs))
	if known {
		if r := c.recording(); r != nil {
			t = c.sends(r, t, h, vs[0])
		}
		room = c.room(t, len(vs))
	}
	if !t.Has(closed|sending) && room == len(vs) {
		var wake wakeups[T]
		if known {
			c.puts(t, len(vs), nil)
		}
		c.list.Tail.Unlock(c.notify(c.list.PutMany(t, vs), len(vs), &wake))
		wake.Wake()
		return len(vs), nil
	}
	return c.sendSlow(t, h, vs[0], vs[1:], limit.Some(), wakeups[T]{})
}

// hand stores v for the receiver that waits longest, if that is a goroutine parked in a
// call and the list is empty. The caller holds the tail lock with word t; hand releases it if
// it returns true.
//
// So the receiver does not have to go through the list and compete for the message. At
// capacity 0 it is the only way to send without waiting.
func (c *Chan[T]) hand(t queue.Word, v T) bool {
	if t&obstacles != recving || !c.list.Drained(t) {
		return false
	}
	w := c.receivers.First()
	if w == nil || !w.Value.parked {
		return false
	}
	c.hands(t, w)
	*w.Value.value = v
	c.receivers.SettleFirst(waitq.Done)
	if c.unattended() {
		t &^= recving
	}
	c.list.UnlockTail(t)
	w.Target.Wake()
	return true
}

// place sends v without waiting, in the cases that Push and hand do not handle: it puts v
// into a free slot, possibly of a new block, and notifies receivers; or, at capacity 0, it
// hands v to a parked receiver that is queued behind polled ones.
func (c *Chan[T]) place(t *queue.Word, v T, wake *wakeups[T]) bool {
	if t.Has(sending) {
		return false // first come, first served
	}
	if !c.full(*t) {
		c.puts(*t, 1, nil)
		*t = c.notify(c.list.Put(*t, v), 1, wake)
		return true
	}
	if !c.rendezvous() || !t.Has(recving) {
		return false
	}
	for w := c.receivers.First(); w != nil; w = c.receivers.Next(w) {
		if w.Value.parked {
			c.hands(*t, w)
			*w.Value.value = v
			c.receivers.Settle(w, waitq.Done, wake)
			*t = c.lines(*t)
			return true
		}
	}
	return false
}

// notify dequeues and wakes the first n receivers and every observer. The caller holds the tail
// lock with word t, and wakes those in wake after it has released that.
func (c *Chan[T]) notify(t queue.Word, n int, wake *wakeups[T]) queue.Word {
	if !t.Has(recving) {
		return t
	}
	for w := c.receivers.First(); w != nil && n > 0; w = c.receivers.First() {
		c.receivers.Settle(w, waitq.Notified, wake)
		n--
	}
	c.observers.SettleAll(waitq.Notified, wake)
	return c.lines(t)
}

// sendSlow sends v and then rest, and waits within limit. It returns how many were sent. The
// caller holds the tail lock with word t, which sendSlow releases; wake has the waiters that
// the caller has dequeued.
func (c *Chan[T]) sendSlow(t queue.Word, h *Handle[T], v T, rest []T, limit *waitq.Limit, wake wakeups[T]) (n int, err error) {
	s, n, err := c.begin(t, h, v, rest, limit, wake)
	if s == nil {
		return n, err
	}
	why, err := c.wait(s, &c.senders, limit)
	more, err := c.sent(h, s, why, err)
	return n + more, err
}

// begin sends v and rest as far as possible and then queues a sender that offers the
// others. The caller holds the tail lock with word t. If begin returns a sleeper, the lock is
// still held, and the wait that must follow releases it; otherwise begin has released it.
func (c *Chan[T]) begin(t queue.Word, h *Handle[T], v T, rest []T, limit *waitq.Limit, wake wakeups[T]) (s *Sleeper[T], n int, err error) {
	by := c.sender()
	for looked := limit.Looked(); ; {
		var blocked bool
		var k int
		t, k, blocked, err = c.offer(t, h, v, rest, &wake)
		n += k
		if !blocked {
			break
		}
		if k > 0 {
			v, rest = rest[k-1], rest[k:]
		}
		if limit != nil && !looked {
			// Not under the lock: a context may be user code.
			c.list.Tail.Unlock(t)
			wake.Wake()
			if err = limit.Err(); err != nil {
				return nil, n, err
			}
			looked = true
			t = c.lockTail(by)
			continue
		}
		s = c.sleeper(h)
		s.buf, s.Value.rest = v, rest
		c.crowded()
		if c.rendezvous() {
			t = c.notify(t, 1+len(rest), &wake) // each offer is something to receive
		}
		s.before = wake
		c.prepare(h, s, ofSenders, t|sending)
		c.waits(&s.waiter, c.sender(), probe.Send, limit)
		return s, n, nil
	}
	c.list.Tail.Unlock(t)
	wake.Wake()
	return nil, n, err
}

// offer sends as many of v and then rest as possible, and returns how many. If blocked is
// set, the caller must queue a sender with the others before it releases the tail lock,
// which it holds with word t; offer may release and reacquire it.
func (c *Chan[T]) offer(t queue.Word, h *Handle[T], v T, rest []T, wake *wakeups[T]) (_ queue.Word, n int, blocked bool, err error) {
	if size := 1 + len(rest); size > 1 && !c.rendezvous() && c.offers.Load() == 0 && c.room(t, size) < size {
		t = c.announce(t) // before the first of them, so that the batch stays together
	}
	for {
		switch {
		case t.Has(closed) || !h.live():
			return t, n, false, c.refused(h)
		case c.place(&t, v, wake):
			if n++; n > len(rest) {
				return t, n, false, nil
			}
			v = rest[n-1]
		case c.rendezvous() || c.offers.Load() != 0:
			return t, n, true, nil
		default:
			t = c.announce(t) // then look again: see the package comment
		}
	}
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
	c.offers.Store(1)
	c.list.Head.Move(w) // not Unlock: a parked receiver may have cleared inside since
	return t
}

// sent ends a wait among the senders, for the reason why or, if that is Waiting, with
// err. It returns how many messages were taken.
func (c *Chan[T]) sent(h *Handle[T], s *Sleeper[T], why waitq.Signal, err error) (int, error) {
	switch why {
	case waitq.Disconnected:
		err = c.Ended()
	case waitq.Dropped:
		err = errs.ErrDropped
	}
	n := s.Value.taken
	if s.Value.ticket != 0 {
		c.resumes(&s.waiter, err)
	}
	c.recycle(h, s)
	return n, err
}

// admit moves offers into free slots, oldest first. A receiver calls it after it
// has freed some and seen that senders wait.
func (c *Chan[T]) admit() {
	t := c.list.Tail.Lock()
	if w := c.senders.First(); w != nil && len(w.Value.rest) == 0 && !w.Value.reserve && t&recving == 0 && w.Value.ticket == 0 && c.list.Room(t, 2) == 1 {
		// Inlined advance for one free slot and a sender with one message: the common case.
		var zero T
		t = c.list.Put(t, *w.Value.value)
		*w.Value.value = zero
		w.Value.taken++
		c.senders.SettleFirst(waitq.Done)
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
		return c.lines(t)
	}
	for w := c.senders.First(); w != nil && !c.full(t); w = c.senders.First() {
		if n := w.Value.taken; w.Value.reserve {
			if c.room(t, n) < n {
				break // all at once: slots that it took one by one would have to be returned on a cancel
			}
			c.reserve(n)
			c.senders.Settle(w, waitq.Done, wake)
			continue
		}
		n := c.room(t, min(1+len(w.Value.rest), c.list.Run()))
		c.puts(t, n, w)
		t = c.list.Put(t, *w.Value.value)
		t = c.list.PutMany(t, w.Value.rest[:n-1])
		t = c.notify(t, n, wake)
		c.accept(w, n, wake)
		if n == c.list.Run() {
			by := c.sender()
			c.list.Tail.Unlock(c.lines(t))
			c.list.Tail.Yield()
			t = c.lockTail(by)
		}
	}
	if c.senders.Empty() && c.offers.Load() != 0 {
		c.offers.Store(0)
	}
	return c.lines(t)
}

// accept counts the first n messages that w offers as sent, and settles w if
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
	c.senders.Settle(w, waitq.Done, wake)
}
