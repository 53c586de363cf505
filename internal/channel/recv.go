package channel

import (
	"unsafe"

	"github.com/handoff-go/handoff/internal/errs"
	"github.com/handoff-go/handoff/internal/probe"
	"github.com/handoff-go/handoff/internal/queue"
	"github.com/handoff-go/handoff/internal/waitq"
)

// Pop is the fast path of a receive; see [queue.List.Pop]. It is a step of its own
// so that it is one call away from the user. After Taken the caller calls Freed,
// otherwise RecvOrWait or Recv with the word and the outcome.
func (c *Chan[T]) Pop(v *T) (queue.Word, queue.Popped) {
	return c.list.Pop(queue.Word(c.solo), v)
}

// LeaveHead releases the head lock after a Pop that found no message.
func (c *Chan[T]) LeaveHead(w queue.Word) { c.list.UnlockHead(w &^ queue.Word(c.solo)) }

// Freed moves the offers of waiting senders into the list after a slot became free. A sender
// that is missed here cannot be waiting for the slot: it set offers before this receive took
// the head lock, or it has seen the slot; see the package comment.
func (c *Chan[T]) Freed() {
	if c.offers.Load() != 0 {
		c.admit()
	}
}

// RecvOrWait receives a message or, if there is none, begins a wait, which the
// caller goes on with: see [Sleeper].
func (c *Chan[T]) RecvOrWait(h *Handle[T], w queue.Word, popped queue.Popped) (v T, s *Sleeper[T], err error) {
	if popped == queue.Barred {
		panic(misuse)
	}
	if r := c.recording(); r != nil {
		v, err = c.recvOne(c.reads(r, w, h), h, nil, nil)
		return v, nil, err
	}
	t := c.list.Tail.Lock()
	if t/queue.Step == w/queue.Step {
		if t&(closed|sending) == 0 && h.State.Load() != 0 {
			s = c.receiver(h)
			if s.Value.sibling == nil { // enqueue, written out
				h.owner().link(&s.waiter)
			}
			s.Value.in = ofReceivers
			c.receivers.Push(&s.waiter)
			s.parker.Word = t | recving
			c.list.UnlockHead(w)
			return v, s, nil
		}
		if t&sending != 0 && c.rendezvous() {
			if sender := c.senders.First(); len(sender.Value.rest) == 0 {
				v = c.takeOffer(t, sender)
				c.list.UnlockHead(w &^ inside)
				sender.Target.Wake()
				return v, nil, nil
			}
		}
	}
	c.list.UnlockTail(t)
	v, err = c.recvOne(w, h, nil, nil)
	return v, nil, err
}

// RecvAfter ends the wait of RecvOrWait.
func (c *Chan[T]) RecvAfter(h *Handle[T], s *Sleeper[T]) (v T, err error) {
	why := s.Signal()
	if why == waitq.Done {
		v = s.buf
	}
	c.release(h, s)
	switch {
	case why == waitq.Done:
		if c.solo != 0 {
			c.list.Head.Clear(inside)
		}
		return v, nil
	case why == waitq.Dropped && c.solo == 0:
		return v, errs.ErrDropped // without a lock, and it was not notified, so it passes nothing on
	}
	return c.recvOne(c.list.Head.Lock(), h, nil, nil)
}

// Recv goes on after Pop and waits within limit. If giveUp is not nil, it does not
// wait but returns that.
func (c *Chan[T]) Recv(h *Handle[T], w queue.Word, popped queue.Popped, limit *waitq.Limit, giveUp error) (v T, err error) {
	if popped == queue.Barred {
		panic(misuse)
	}
	if r := c.recording(); r != nil {
		w = c.reads(r, w, h)
	}
	return c.recvOne(w, h, limit.OrNil(), giveUp)
}

func (c *Chan[T]) recvOne(w queue.Word, h *Handle[T], limit *waitq.Limit, giveUp error) (T, error) {
	var one [1]T
	_, err := c.recvWithin(w, h, one[:], limit, giveUp)
	return one[0], err
}

// recvWithin is recvSlow that clears inside if a context, which is user code, panics.
func (c *Chan[T]) recvWithin(w queue.Word, h *Handle[T], buf []T, limit *waitq.Limit, giveUp error) (n int, err error) {
	if limit == nil || c.solo == 0 {
		return c.recvSlow(w, h, buf, limit, giveUp)
	}
	returned := false
	defer func() {
		if !returned {
			c.list.Head.Clear(inside)
		}
	}()
	n, err = c.recvSlow(w, h, buf, limit, giveUp)
	returned = true
	return n, err
}

// RecvMany is Recv for up to len(buf) messages, which must not be 0. It waits for
// the first and takes what else is ready.
func (c *Chan[T]) RecvMany(h *Handle[T], buf []T, limit *waitq.Limit, giveUp error) (n int, err error) {
	w, ok := c.list.Head.Enter(queue.Word(c.solo), queue.Word(c.solo))
	if !ok {
		panic(misuse)
	}
	if c.about != nil {
		if r := c.recording(); r != nil {
			w = c.reads(r, w, h)
		}
	}
	if n = c.take(w, buf); n > 0 {
		return n, nil
	}
	return c.recvWithin(w, h, buf, limit.OrNil(), giveUp)
}

const misuse = "handoff: two goroutines receive from one mpsc.Receiver at the same time; it has a single consumer"

// take ends a receive call with what is in the list, if there is anything. The
// caller holds the head lock with word w, and goes on holding it if not.
func (c *Chan[T]) take(w queue.Word, buf []T) (n int) {
	n = min(len(buf), c.list.Available(w, len(buf)))
	if n == 0 {
		return 0
	}
	if n > c.list.Run() {
		return c.takeLong(w, buf[:n])
	}
	if c.about != nil {
		c.onTake(w, n)
	}
	c.list.UnlockHead(c.list.TakeMany(w, buf[:n]) &^ inside)
	c.Freed()
	return n
}

// recvSlow receives at least one message into buf when there was none in the
// list. It enters with the head lock and word w. It waits within limit, unless
// giveUp is the error to return instead.
func (c *Chan[T]) recvSlow(w queue.Word, h *Handle[T], buf []T, limit *waitq.Limit, giveUp error) (n int, err error) {
	by := c.reader()
	for looked := limit.Looked(); ; {
		var wake wakeups[T]
		t := c.list.Tail.Lock()
		switch {
		case !h.live() && c.solo == 0:
			c.passOn(t, &wake)
			err = errs.ErrDropped
		case t.Pos() != w.Pos():
			c.list.Tail.Unlock(t)
			return c.take(w, buf), nil
		case t.Has(sending) && c.rendezvous():
			n = c.takeOffers(w, t, buf, &wake)
			wake.Wake()
			return n, nil
		case c.disconnected(t) || !h.live():
			err = c.refusal(h)
			c.list.Tail.Unlock(t)
		case giveUp != nil:
			err = giveUp
			c.list.Tail.Unlock(t)
		case limit != nil && !looked:
			// Not under the locks: a context may be anybody's code.
			c.list.Tail.Unlock(t)
			c.list.Head.Unlock(w)
			giveUp, looked = limit.Err(), true
			w = c.lockHead(by)
			continue
		default:
			s := c.await(w, t, h, limit)
			why, over := c.wait(s, &c.receivers, limit)
			if s.Value.ticket != 0 {
				c.onResume(&s.waiter, over)
			}
			if why == waitq.Done {
				return c.handed(h, s, buf, by), nil
			}
			c.release(h, s)
			if why == waitq.Dropped && c.solo == 0 {
				return 0, errs.ErrDropped // as in RecvAfter
			}
			// Try once more: a message that was sent before the limit was reached still
			// counts. And a limit that was reached while the waiter was notified is
			// checked again.
			giveUp, looked = over, false
			w = c.lockHead(by)
			continue
		}
		c.list.Head.Unlock(w &^ inside)
		wake.Wake()
		return n, err
	}
}

// passOn notifies another receiver, if a message is available, for one that may have been
// notified and receives nothing. The caller holds the tail lock with word t, which passOn
// releases.
func (c *Chan[T]) passOn(t queue.Word, wake *wakeups[T]) {
	if c.pending(t) {
		t = c.notify(t, 1, wake)
	}
	c.list.Tail.Unlock(t)
}

// pending reports whether a message is available. The caller holds the tail lock with word t.
func (c *Chan[T]) pending(t queue.Word) bool {
	return !c.list.Drained(t) || t.Has(sending) && c.rendezvous()
}

// await queues a parked receiver. The caller holds both locks, with words w and t. await
// releases the head lock, and inside stays set; the wait that must follow releases the tail
// lock.
func (c *Chan[T]) await(w, t queue.Word, h *Handle[T], limit *waitq.Limit) *Sleeper[T] {
	s := c.receiver(h)
	c.prepare(h, s, ofReceivers, t|recving)
	c.onWait(&s.waiter, c.reader(), probe.Recv, limit)
	c.list.Head.Unlock(w)
	return s
}

// receiver returns the sleeper of a receive call. A single consumer uses that of its handle
// without taking it out, because no other goroutine can.
func (c *Chan[T]) receiver(h *Handle[T]) *Sleeper[T] {
	if c.solo != 0 {
		if k := h.kept.Load(); k != nil {
			if s := k.sleepers.Load(); s != nil {
				return s
			}
		}
	}
	s := c.sleeper(h)
	s.Value.parked = true
	if c.solo != 0 {
		h.keep().sleepers.Store(s)
	}
	return s
}

// handed ends a receive call whose sleeper was handed a message. It also takes messages that
// were put into the list since, up to the length of buf.
func (c *Chan[T]) handed(h *Handle[T], s *Sleeper[T], buf []T, by caller) (n int) {
	buf[0] = s.buf
	c.release(h, s)
	if len(buf) > 1 {
		w := c.lockHead(by)
		if n = c.take(w, buf[1:]); n == 0 {
			c.list.Head.Unlock(w &^ inside)
		}
	} else if c.solo != 0 {
		c.list.Head.Clear(inside)
	}
	return 1 + n
}

// release ends the use of the sleeper of a receive call.
func (c *Chan[T]) release(h *Handle[T], s *Sleeper[T]) {
	if c.solo == 0 {
		c.recycle(h, s)
		return
	}
	if k := h.kept.Load(); k != nil && tooMany(1, unsafe.Sizeof(*s)) {
		k.sleepers.Store(nil)
		c.forget(h, &s.waiter)
		return
	}
	var zero T
	s.buf = zero // the message must not stay reachable
}

// takeOffer takes the only message of sender, the first in the queue, at capacity 0. It
// releases the tail lock, which the caller holds with word t; the caller wakes the sender when
// it holds no lock any more.
func (c *Chan[T]) takeOffer(t queue.Word, sender *waiter[T]) (v T) {
	c.onTakeOffer(t, sender, 1)
	var zero T
	v, *sender.Value.value = *sender.Value.value, zero
	sender.Value.taken++
	c.senders.DequeueFirst(waitq.Done)
	if c.senders.Empty() {
		t &^= sending
	}
	c.list.Tail.Unlock(t)
	return v
}

// takeSome is one step of takeOffers. It releases the tail lock, which the caller holds with
// word t.
func (c *Chan[T]) takeSome(t queue.Word, buf []T, wake *wakeups[T]) (n int) {
	for w := c.senders.First(); w != nil && n < len(buf); w = c.senders.First() {
		buf[n] = *w.Value.value
		k := copy(buf[n+1:], w.Value.rest)
		c.onTakeOffer(t, w, 1+k)
		c.accept(w, 1+k, wake)
		n += 1 + k
	}
	c.list.Tail.Unlock(c.queueFlags(t))
	return n
}
