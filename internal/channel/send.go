package channel

import (
	"github.com/handoff-go/handoff/internal/errs"
	"github.com/handoff-go/handoff/internal/probe"
	"github.com/handoff-go/handoff/internal/queue"
	"github.com/handoff-go/handoff/internal/waitq"
)

// A send has three ways, in this order:
//
//  1. Push: one lock, no waiter anywhere, and room. This is nearly every send of a stream.
//  2. handOver: the list is empty and a goroutine is parked in a receive call. The message goes
//     into its waiter, not through the list.
//  3. offer: everything else, also several messages. What cannot be sent is queued.
//
// Each way takes the tail lock itself. The word of the lock has the flags that decide between
// them, so a send that fails in one way has read nothing but that word, and the next way starts
// from its own.

// obstacles are the flags with which a send does not take the fast path. A message that is put
// while receivers wait has to wake one; while senders wait it has to be queued behind them.
const obstacles = closed | sending | recving

// Push is the fast path of a send; see [queue.List.Push]. It is a step of its own
// so that it is one call away from the user. If it returns false, the caller goes on
// with SendOrWait, Send or TrySend.
func (c *Chan[T]) Push(v T) bool { return c.list.Push(v, obstacles) }

// HandOver gives v to a parked receiver if there is one and the list is empty. Callers use it
// before they make a limit of a context, which takes longer than the send and is not needed for
// one that succeeds at once.
func (c *Chan[T]) HandOver(v T) bool {
	// A load without the lock: a stale word ends only this attempt, and the caller's next one
	// takes the lock. At level Events the caller is identified first, which Send does.
	if c.list.Tail.Load()&obstacles != recving || c.events() {
		return false
	}
	t, w := c.handOver(c.list.Tail.Lock(), v)
	c.list.UnlockTail(t)
	if w != nil {
		w.Target.Wake()
	}
	return w != nil
}

// SendOrWait sends v or, if it cannot at once, begins a wait, which the caller
// goes on with. It is Send without a limit, taken apart so that the sleep is one frame below the
// user; see [BegunWait].
func (c *Chan[T]) SendOrWait(h *Handle[T], v T) (b BegunWait[T], err error) {
	if c.about != nil && c.about.rec != nil {
		return b, c.Send(h, v, nil)
	}
	t, w := c.handOver(c.list.Tail.Lock(), v)
	if w != nil {
		c.list.UnlockTail(t)
		w.Target.Wake()
		return b, nil
	}
	if (t&sending != 0 || c.capacity == 0) && t&(closed|recving) == 0 && h.State.Load() != 0 {
		// beginSend, written out for the two cases in which there is nothing to try and nothing
		// to announce: other senders are queued, so offers is set, or there are no slots, so no
		// receive frees one. A full channel with many producers is mostly in the first case. The
		// calls cost about as much as the rest of this function.
		s := c.takeSleeper(h)
		s.buf = v
		if s.Value.sibling == nil { // enqueue, written out: a kept sleeper is linked already
			h.owner().link(&s.waiter)
		}
		s.Value.in = ofSenders
		c.senders.Push(&s.waiter)
		s.parker.Word = t | sending
		return BegunWait[T]{s}, nil
	}
	b, _, err = c.beginSend(t, h, v, nil, nil, nil)
	return b, err
}

// SendAfter ends the wait of SendOrWait.
func (c *Chan[T]) SendAfter(h *Handle[T], b BegunWait[T]) error {
	_, err := c.endSend(h, b, b.s.Signal(), nil)
	return err
}

// Send sends v and waits for room within limit. The caller keeps v if it fails.
func (c *Chan[T]) Send(h *Handle[T], v T, limit *waitq.Limit) error {
	limit, giveUp := limit.Ask()
	t := c.list.Tail.Lock()
	if r := c.recording(); r != nil {
		t = c.identifySend(r, t, h, v)
	}
	t, w := c.handOver(t, v)
	if w != nil {
		c.list.UnlockTail(t)
		w.Target.Wake()
		return nil
	}
	_, err := c.sendSlow(t, h, v, nil, limit, giveUp)
	return err
}

// TrySend sends v if that is possible without waiting.
func (c *Chan[T]) TrySend(h *Handle[T], v T) error {
	t := c.list.Tail.Lock()
	r := c.recording()
	if r != nil {
		t = c.identifySend(r, t, h, v)
	}
	t, w := c.handOver(t, v)
	if w != nil {
		c.list.UnlockTail(t)
		w.Target.Wake()
		return nil
	}
	if r == nil && t&obstacles == recving && c.observers.Empty() && !c.list.Full(t) {
		// place, written out for the common case of polled tasks: receivers wait, the first is
		// notified, and it alone has to be woken. place collects the waiters that it dequeues
		// in a list, which one waiter does not need.
		w = c.receivers.First()
		t = c.list.Put(t, v)
		c.receivers.DequeueFirst(waitq.Notified)
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
			err = c.refusal(h)
		case c.place(&t, v, &wake):
		case !looked:
			// Full, as far as this word shows. A receive that has returned may not be visible
			// yet, and ErrFull after it would contradict its return.
			t = c.catchUp(t)
			continue
		default:
			c.onFull()
			err = c.Named(errs.ErrFull)
		}
		break
	}
	c.list.Tail.Unlock(t)
	wake.Wake()
	return err
}

// SendMany sends vs in order, waiting for room within limit, and returns how
// many were sent. Messages for which there is room at once are sent together.
func (c *Chan[T]) SendMany(h *Handle[T], vs []T, limit *waitq.Limit) (n int, err error) {
	if len(vs) == 0 {
		return 0, nil
	}
	limit, giveUp := limit.Ask()
	if len(vs) > c.list.Run() {
		if n = c.sendLong(h, vs[0], vs[1:]); n == len(vs) {
			return n, nil
		}
		// The rest waits. Other sends may come between the two parts, which is what SendMany
		// promises only for a batch that finds room for all of it.
		t := c.list.Tail.Lock()
		if r := c.recording(); r != nil {
			t = c.identifySend(r, t, h, vs[n])
		}
		more, err := c.sendSlow(t, h, vs[n], vs[n+1:], limit, giveUp)
		return n + more, err
	}
	t := c.list.Tail.Lock()
	known := c.about != nil // checked once: calling each hook for nothing is measurable in a batch
	room := c.list.Room(t, len(vs))
	if known {
		if r := c.recording(); r != nil {
			t = c.identifySend(r, t, h, vs[0])
		}
		room = c.room(t, len(vs))
	}
	if !t.Has(closed|sending) && room == len(vs) {
		// All at once: one word publishes the whole batch, so no receive sees a part of it
		// without the rest.
		var wake wakeups[T]
		if known {
			c.onPut(t, len(vs), nil)
		}
		c.list.Tail.Unlock(c.notify(c.list.PutMany(t, vs), len(vs), &wake))
		wake.Wake()
		return len(vs), nil
	}
	return c.sendSlow(t, h, vs[0], vs[1:], limit, giveUp)
}

// sendSlow sends v and then rest, and waits within limit, unless giveUp is the error to return
// instead. It returns how many were sent. It releases the tail lock, which the caller holds
// with word t.
func (c *Chan[T]) sendSlow(t queue.Word, h *Handle[T], v T, rest []T, limit *waitq.Limit, giveUp error) (n int, err error) {
	b, n, err := c.beginSend(t, h, v, rest, limit, giveUp)
	if !b.Begun() {
		return n, err
	}
	why, err := c.wait(b, &c.senders, limit)
	more, err := c.endSend(h, b, why, err)
	return n + more, err
}

// beginSend sends v and rest as far as possible and then, unless giveUp is the error to return
// instead, begins the wait of a sender that offers the others. It releases the tail lock, which
// the caller holds with word t; the wait that has begun holds it until it sleeps.
func (c *Chan[T]) beginSend(t queue.Word, h *Handle[T], v T, rest []T, limit *waitq.Limit, giveUp error) (b BegunWait[T], n int, err error) {
	var wake wakeups[T]
	t, n, blocked, err := c.offer(t, h, v, rest, &wake)
	if !blocked || giveUp != nil {
		// An operation under a context that has ended already tries once, and then fails with
		// the error of the context. What it has sent by then stays sent.
		if blocked {
			err = giveUp
		}
		c.list.Tail.Unlock(t)
		wake.Wake()
		return b, n, err
	}
	if n > 0 {
		v, rest = rest[n-1], rest[n:]
	}
	s := c.takeSleeper(h)
	s.buf, s.Value.rest = v, rest
	c.onFull()
	if c.rendezvous() {
		t = c.notify(t, 1+len(rest), &wake) // each offer is something to receive
	}
	// The waiters that offer has dequeued are woken once the sleep has released the lock, by
	// this goroutine: a Wake under the lock could run user code there, and before the queueing
	// another send could overtake the rest of this batch.
	s.before = wake
	b = c.begin(h, s, ofSenders, t|sending)
	c.onWait(&s.waiter, c.sender().caller, probe.Send, limit)
	return b, n, nil
}

// offer sends as many of v and then rest as possible, and returns how many. If blocked is
// set, the caller must queue a sender with the others before it releases the tail lock,
// which it holds with word t; offer may release and reacquire it.
//
// blocked means more than full: offers is set, and was set before offer has looked for room the
// last time. A receive that frees a slot after that look reads offers and calls admit, which waits
// for the tail lock and so finds the queued sender. A sender that was queued without that order
// could sleep for ever with a slot free (TestASendThatFindsNoRoomMissesNoReceive).
func (c *Chan[T]) offer(t queue.Word, h *Handle[T], v T, rest []T, wake *wakeups[T]) (_ queue.Word, n int, blocked bool, err error) {
	if size := 1 + len(rest); size > 1 && !c.rendezvous() && c.offers.Load() == 0 && c.room(t, size) < size {
		// Before the first of them: announce may release the lock, and a send of another
		// goroutine would then come between the messages of this batch.
		t = c.announce(t)
	}
	for {
		switch {
		case t.Has(closed) || !h.live():
			return t, n, false, c.refusal(h)
		case c.place(&t, v, wake):
			if n++; n > len(rest) {
				return t, n, false, nil
			}
			v = rest[n-1]
		case c.rendezvous() || c.offers.Load() != 0:
			// At capacity 0 a receive takes offers under the tail lock, so there is nothing to
			// announce. Otherwise this was the look after the announcement, or that of another
			// sender which is queued still.
			return t, n, true, nil
		default:
			t = c.announce(t) // then look again: see the package comment
		}
	}
}

// endSend ends a wait among the senders, for the reason why or, if that is Waiting, with
// err. It returns how many messages were taken.
//
// A wait that ended with Done has err nil also if its context has ended by now: the message was
// taken, and nothing can take it back.
func (c *Chan[T]) endSend(h *Handle[T], b BegunWait[T], why waitq.Signal, err error) (int, error) {
	switch why {
	case waitq.Disconnected:
		err = c.CloseError()
	case waitq.Dropped:
		err = c.Named(errs.ErrDropped)
	}
	s := b.s
	n := s.Value.taken
	if s.Value.ticket != 0 {
		c.onResume(&s.waiter, err)
	}
	c.recycle(h, s)
	return n, err
}
