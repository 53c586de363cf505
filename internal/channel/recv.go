package channel

import (
	"unsafe"

	"github.com/handoff-go/handoff/internal/errs"
	"github.com/handoff-go/handoff/internal/probe"
	"github.com/handoff-go/handoff/internal/queue"
	"github.com/handoff-go/handoff/internal/waitq"
)

// A receive has the mirror images of the three ways of a send: Pop takes a message from the list,
// RecvOrWait and recvSlow take one that a sender offers (capacity 0), or queue a waiter, into
// which a send may put its message. The list belongs to the head lock and everything about waiting
// to the tail lock. No call holds both but those that change both ends: the Drop of the last
// receiver, ForceSend, and the first sender that announces itself.

// Pop is the fast path of a receive; see [queue.List.Pop]. It is a step of its own
// so that it is one call away from the user. If it returns true, the caller calls Freed,
// otherwise RecvOrWait or Recv.
func (c *Chan[T]) Pop(v *T) bool { return c.list.Pop(queue.Word(c.solo), v) }

// RecvOrWait receives a message or, if there is none, begins a wait, which the
// caller goes on with, as after SendOrWait.
func (c *Chan[T]) RecvOrWait(h *Handle[T]) (v T, b BegunWait[T], err error) {
	if c.about != nil && c.about.rec != nil {
		v, err = c.Recv(h, nil)
		return v, b, err
	}
	c.enter()
	t := c.list.Tail.Lock()
	if c.list.Drained(t) {
		// recvSlow, written out for the two cases of a ping-pong: nothing is there and the
		// goroutine parks, or at capacity 0 one message is offered.
		if t&(closed|sending) == 0 && h.State.Load() != 0 {
			s := c.receiver(h)
			if s.Value.sibling == nil { // enqueue, written out
				h.owner().link(&s.waiter)
			}
			s.Value.in = ofReceivers
			c.receivers.Push(&s.waiter)
			s.parker.Word = t | recving
			return v, BegunWait[T]{s}, nil
		}
		if t&sending != 0 && c.rendezvous() {
			if sender := c.senders.First(); len(sender.Value.rest) == 0 {
				v, t = c.takeOffer(t, sender)
				c.list.UnlockTail(t)
				c.leave()
				sender.Target.Wake()
				return v, b, nil
			}
		}
	}
	c.list.UnlockTail(t)
	v, err = c.recvInside(h, nil, nil)
	return v, b, err
}

// RecvAfter ends the wait of RecvOrWait.
func (c *Chan[T]) RecvAfter(h *Handle[T], b BegunWait[T]) (v T, err error) {
	s := b.s
	why := s.Signal()
	if why == waitq.Done {
		v = s.buf // before release: another goroutine may use the sleeper then
	}
	c.release(h, s)
	switch {
	case why == waitq.Done:
		c.leave()
		return v, nil
	case why == waitq.Dropped && c.solo == 0:
		return v, c.Named(errs.ErrDropped) // without a lock, and it was not notified, so it passes nothing on
	}
	return c.recvInside(h, nil, nil)
}

// Recv receives a message and waits within limit.
func (c *Chan[T]) Recv(h *Handle[T], limit *waitq.Limit) (v T, err error) {
	limit, giveUp := limit.Ask()
	c.enter()
	return c.recvInside(h, limit, giveUp)
}

// TryRecv receives a message, or returns ErrEmpty if there is none.
func (c *Chan[T]) TryRecv(h *Handle[T]) (v T, err error) {
	c.notInside()
	return c.recvOne(h, nil, c.Named(errs.ErrEmpty))
}

// recvInside ends a receive call that is inside.
func (c *Chan[T]) recvInside(h *Handle[T], limit *waitq.Limit, giveUp error) (T, error) {
	defer c.leave() // also if the context of limit, which is user code, panics
	return c.recvOne(h, limit, giveUp)
}

func (c *Chan[T]) recvOne(h *Handle[T], limit *waitq.Limit, giveUp error) (T, error) {
	var one [1]T
	_, err := c.recvSlow(h, one[:], limit, giveUp)
	return one[0], err
}

// RecvMany is Recv for up to len(buf) messages, which must not be 0. It waits for the first
// and takes what else is ready.
func (c *Chan[T]) RecvMany(h *Handle[T], buf []T, limit *waitq.Limit) (n int, err error) {
	limit, giveUp := limit.Ask()
	by := c.receiveCaller(h)
	// enter and the head lock in one instruction, as Pop does it: in a batch of 64 each locked
	// instruction is 10 % of the time.
	w, ok := c.list.Head.Enter(queue.Word(c.solo), queue.Word(c.solo))
	if !ok {
		panic(misuse)
	}
	n = min(len(buf), c.list.Available(w, len(buf)))
	if 0 < n && n <= c.list.Run() {
		if c.about != nil {
			c.onTake(w, n, by)
		}
		c.list.UnlockHead(c.list.TakeMany(w, buf[:n]) &^ inside) // and leaves
		c.Freed()
		return n, nil
	}
	defer c.leave()
	if n > 0 {
		return c.takeLong(w, buf[:n], by), nil
	}
	c.list.UnlockHead(w) // inside stays set, for the wait
	return c.recvSlow(h, buf, limit, giveUp)
}

// TryRecvMany is TryRecv for up to len(buf) messages, which must not be 0.
func (c *Chan[T]) TryRecvMany(h *Handle[T], buf []T) (n int, err error) {
	c.notInside()
	if n = c.take(buf, c.receiveCaller(h)); n > 0 {
		return n, nil
	}
	return c.recvSlow(h, buf, nil, c.Named(errs.ErrEmpty))
}

// take moves what is in the list to buf, and returns how many messages that were.
func (c *Chan[T]) take(buf []T, by caller) (n int) {
	w := c.list.Head.Lock()
	switch n = min(len(buf), c.list.Available(w, len(buf))); {
	case n == 0:
		c.unlockHead(w)
		return 0
	case n > c.list.Run():
		return c.takeLong(w, buf[:n], by)
	}
	if c.about != nil {
		c.onTake(w, n, by)
	}
	c.unlockHead(c.list.TakeMany(w, buf[:n]))
	c.Freed()
	return n
}

// recvSlow receives at least one message into buf. It waits within limit, unless giveUp is the
// error to return instead.
//
// It decides under the tail lock alone: while that is held, an empty list stays empty, so the
// head lock, which guards the messages, is not needed to find that there are none.
func (c *Chan[T]) recvSlow(h *Handle[T], buf []T, limit *waitq.Limit, giveUp error) (n int, err error) {
	by := c.receiveCaller(h)
	for {
		var wake wakeups[T]
		t := c.list.Tail.Lock()
		switch {
		case !h.live() && c.solo == 0:
			// The handle was dropped, perhaps after this receive was notified of a message that
			// it must not take now. The order matters: a channel with other receivers goes on.
			// With a single consumer the Drop has closed the channel, which is a case below.
			t = c.passOn(t, &wake)
			err = c.Named(errs.ErrDropped)
		case !c.list.Drained(t):
			// Locks nest head before tail, so this one is released first. Other receivers may
			// take the messages in between; then the next round decides.
			c.list.Tail.Unlock(t)
			if n = c.take(buf, by); n > 0 {
				return n, nil
			}
			continue // other receivers have taken all of it
		case t.Has(sending) && c.rendezvous():
			return c.takeOffers(t, buf, by), nil
		case c.disconnected(t) || !h.live():
			err = c.refusal(h)
		case giveUp != nil:
			// After everything that succeeds: a message that is there is received, also by a
			// TryRecv and under a context that has ended.
			err = giveUp
		default:
			s := c.receiver(h)
			b := c.begin(h, s, ofReceivers, t|recving)
			c.onWait(&s.waiter, by, probe.Recv, limit)
			why, reached := c.wait(b, &c.receivers, limit)
			if s.Value.ticket != 0 {
				c.onResume(&s.waiter, reached)
			}
			if why == waitq.Done {
				buf[0] = s.buf
				c.release(h, s)
				if n = 1; len(buf) > 1 { // and what was put into the list since
					n += c.take(buf[1:], by)
				}
				return n, nil
			}
			// Notified, closed, or the limit was reached. In each case the next round looks at
			// the channel again: the message may be gone to a faster receiver, or may have come
			// in the moment in which the limit was reached.
			c.release(h, s)
			if why == waitq.Dropped && c.solo == 0 {
				return 0, c.Named(errs.ErrDropped) // as in RecvAfter
			}
			// Try once more: a message that was sent before the limit was reached still
			// counts. The limit may also have been reached while the waiter was notified.
			if giveUp = reached; giveUp == nil && limit != nil {
				giveUp = limit.Err()
			}
			continue
		}
		c.list.Tail.Unlock(t)
		wake.Wake()
		return n, err
	}
}

// receiver returns the sleeper of a receive call. A single consumer uses that of its handle
// without taking it out, because no other goroutine can.
func (c *Chan[T]) receiver(h *Handle[T]) *sleeper[T] {
	if c.solo != 0 {
		if k := h.kept.Load(); k != nil {
			if s := k.sleepers.Load(); s != nil {
				return s
			}
		}
	}
	s := c.takeSleeper(h)
	s.Value.parked = true
	if c.solo != 0 {
		h.keep().sleepers.Store(s)
	}
	return s
}

// release ends the use of the sleeper of a receive call. A single consumer leaves it in the handle:
// nothing else takes it, so it need not be put back, which would be a compare-and-swap in each
// wait.
func (c *Chan[T]) release(h *Handle[T], s *sleeper[T]) {
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
