package channel

import (
	"time"

	"github.com/handoff-go/handoff/internal/probe"
	"github.com/handoff-go/handoff/internal/queue"
)

// What happens to messages. The caller holds the tail lock with word t, except where it
// says otherwise.

// onPut records that n messages are put into the list: those of w or, if w is nil, of the
// caller.
func (c *Chan[T]) onPut(t queue.Word, n int, w *waiter[T]) {
	r := c.recording()
	if r == nil {
		return
	}
	c.grows(r, t.Pos()-c.list.Head.Load().Pos()+uint64(n))
	// A message that a receive moves from an offer was sent by the goroutine that offers it, not by
	// the one that runs here.
	by := r.sender
	if w != nil && r.events {
		by = sendCaller{caller: r.of(w.Value.ticket)}
	}
	r.sent(by, t.Pos()+r.handed+1, n)
}

// grows raises the high-water mark, and with it the length up to which Push is not recorded.
func (c *Chan[T]) grows(r *recording, length uint64) {
	if length > r.mark {
		if r.mark == 0 {
			r.filled = time.Now()
		}
		r.mark = length
		c.limitPush(r)
	}
}

// onHandOver records that the caller's message is handed to w directly. It is sent and received at
// once: the receiver need not run for that, and its event comes from here, so that it follows the
// send without a gap.
func (c *Chan[T]) onHandOver(t queue.Word, w *waiter[T]) {
	if r := c.recording(); r != nil {
		r.handed++
		if r.events {
			r.sent(r.sender, t.Pos()+r.handed, 1)
			r.received(r.of(w.Value.ticket), t.Pos()+r.handed, 1)
		}
	}
}

// onTakeOffer records that the receiver by takes n messages of w directly.
func (c *Chan[T]) onTakeOffer(t queue.Word, w *waiter[T], n int, by caller) {
	if r := c.recording(); r != nil {
		first := t.Pos() + r.handed + 1
		r.handed += uint64(n)
		if r.events {
			r.sent(sendCaller{caller: r.of(w.Value.ticket)}, first, n)
			r.received(by, first, n)
		}
	}
}

// onTake records that the receiver by takes n messages. The caller holds the head lock with word
// w.
func (c *Chan[T]) onTake(w queue.Word, n int, by caller) {
	if r := c.recording(); r != nil && r.events {
		r.received(by, w.Pos()+r.handed+1, n)
	}
}

// onEvict records that the oldest message is evicted. The caller holds both locks.
func (c *Chan[T]) onEvict(w queue.Word) {
	if r := c.recording(); r != nil {
		r.evicted++
		r.emit(probe.Event{Kind: probe.Evicted, Actor: r.sender.actor, Message: w.Pos() + r.handed + 1, Count: 1})
	}
}

// onForcePut is onPut for one message, where the head may have moved without being published.
func (c *Chan[T]) onForcePut(t queue.Word, replaced bool) {
	if r := c.recording(); r != nil {
		if !replaced {
			c.grows(r, t.Pos()-c.list.Head.Load().Pos()+1)
		}
		r.sent(r.sender, t.Pos()+r.handed+1, 1)
	}
}

// onDiscard records that the messages in the list are discarded. The caller holds both locks.
func (c *Chan[T]) onDiscard(w, t queue.Word) {
	if r := c.recording(); r != nil {
		if n := t.Pos() - w.Pos(); n > 0 {
			r.lost += n
			r.emit(probe.Event{Kind: probe.Discarded, Message: w.Pos() + r.handed + 1, Count: int(n)})
		}
	}
}

// onFull records that a send has found no room. Only sends that wait or fail come here, so a count is
// cheap beside what they do.
func (c *Chan[T]) onFull() {
	if r := c.recording(); r != nil {
		r.full++
		c.grows(r, uint64(c.list.Len())) // the last Pushes below the limit were not recorded
	}
}

// What happens to handles and to the channel.

// onClone records a new handle, under the tail lock, so that no event of the handle comes before
// that of its making.
func (c *Chan[T]) onClone(h *Handle[T], side probe.Side, by maker) {
	if r := c.recording(); r == nil {
		if u := c.users(); u != nil {
			u.add(&h.Life, side, by.actor, nil)
		}
	} else {
		r.add(&h.Life, side, by)
		r.emit(probe.Event{Kind: probe.Cloned, Side: side, Actor: by.actor})
	}
}

// onDrop records the Drop of a handle and returns the word for how it ended. It comes before the
// close that the Drop may cause, which names it as the cause.
func (c *Chan[T]) onDrop(by caller, side probe.Side) (how string) {
	if u := c.users(); u != nil {
		known := u.drop(by.handle)
		if r := c.recording(); r != nil {
			how = r.dropped(by, side, known)
		}
	}
	return how
}

// explain returns the text of a cause. Error may be user code: no lock may be held.
func (c *Chan[T]) explain(err error) (text string) {
	if c.recording() != nil {
		text = errorText(err)
	}
	return text
}

// onClose records that the channel is about to be closed, unless it is closed already.
func (c *Chan[T]) onClose(t queue.Word, why, how string, by caller) {
	if r := c.recording(); r != nil && !t.Has(closed) {
		r.closedBecause(why+how, by.actor)
	}
}
