package channel

import (
	"runtime"
	"time"

	"github.com/handoff-go/handoff/internal/probe"
	"github.com/handoff-go/handoff/internal/queue"
	"github.com/handoff-go/handoff/internal/site"
	"github.com/handoff-go/handoff/internal/waitq"
)

// Hooks for observed channels. On an unobserved channel each is a nil check. None is on a fast
// path: the counts of those follow from the positions.
//
//   - At level Counts Push and Pop go on as they do. How many messages they have moved is
//     the position of the tail and of the head. The list's limit is lowered to the longest
//     that it has been (see limitPush), so that only a Push that would make it longer takes the
//     slow path with the hooks, which raise the limit. So callers use full and room of the
//     channel, not of the list.
//   - At level Events that limit is 0 and the head is queue.SkipPop, so that each operation
//     takes the slow path.
//
// The calling actor and the labels of messages are determined without a lock. Events are
// emitted under the lock that guards the state they describe, before the word is published:
// so the event of a send comes before that of the receive, and numbers are consecutive.
//
// The number of a message is its position in the list plus how many messages were handed
// directly to receivers before it. None is handed over while the list has messages, so the
// receiver computes the same number as the sender.

// describe gives the channel a name, and a record if it is to be observed.
func (c *Chan[T]) describe(o Options, tx, rx *Handle[T]) {
	c.about = &about{name: o.Name}
	c.about.errs.init(o.Name)
	if o.Level == probe.Off {
		return
	}
	r := &recording{
		id:     probe.NextID(),
		made:   time.Now(),
		hard:   o.Limit,
		events: o.Level == probe.Events,
		waits:  make(map[uint32]*waiting),
	}
	r.handles = make(map[uintptr]*user)
	r.watch = r.events
	c.about.rec, c.about.users = r, &r.users
	r.site.Take(0)
	c.limitPush(r)
	if r.events {
		c.list.Head.Unlock(queue.SkipPop)
	}
	self := maker{caller: caller{actor: probe.Self()}}
	r.add(&tx.Life, probe.SenderSide, self)
	r.add(&rx.Life, probe.ReceiverSide, self)
	probe.AddChannel(c, r.id, (*Chan[T]).state)
	r.emit(probe.Event{Time: r.made, Kind: probe.Made, Actor: self.actor, Text: probe.Cut(o.Name, probe.MaxText)})
}

// Name returns the name of the channel, or "".
func (c *Chan[T]) Name() string {
	if c.about == nil {
		return ""
	}
	return c.about.name
}

func (c *Chan[T]) recording() *recording {
	if c.about == nil {
		return nil
	}
	return c.about.rec
}

// events reports whether each operation is recorded.
func (c *Chan[T]) events() bool { return c.about != nil && c.about.rec != nil && c.about.rec.events }

// CountWeak counts the weak handle that p points to until it is garbage.
func CountWeak[P, T any](c *Chan[T], p *P) {
	if u := c.users(); u != nil {
		u.addWeak(1)
		runtime.AddCleanup(p, u.addWeak, -1)
	}
}

// Callers.

func through[T any](h *Handle[T]) caller { return caller{handle: address(&h.Life)} }

// closeCaller returns the caller that is about to drop h or to close its channel. It is called
// without a lock.
func (c *Chan[T]) closeCaller(h *Handle[T]) (by caller) {
	if c.users() == nil {
		return by
	}
	c.Uses(h)
	if r := c.recording(); r != nil {
		return r.ask(&h.Life)
	}
	return through(h)
}

// makeCaller is closeCaller for a caller that makes a handle from h, or from a weak handle if h is nil. The
// maker may be all that is ever known about the new handle.
func (c *Chan[T]) makeCaller(h *Handle[T]) (by maker) {
	u := c.users()
	if u == nil {
		return by
	}
	if h != nil {
		c.Uses(h)
	}
	by.actor = probe.Self()
	if u.watch && c.recording() != nil {
		by.site = new(site.Site)
		by.site.Take(0)
	}
	return by
}

// identifySend records the calling actor (h is nil for a permit) and the label of v. It may release
// and reacquire the tail lock, which the caller holds with word t.
func (c *Chan[T]) identifySend(r *recording, t queue.Word, h *Handle[T], v T) queue.Word {
	var l *Life
	if h != nil {
		l = &h.Life
	}
	if !r.events {
		r.sender = sendCaller{caller: caller{handle: address(l)}}
		return t
	}
	c.list.UnlockTail(t)
	by := sendCaller{caller: r.ask(l)}
	if probe.Labels() {
		by.label = probe.Label(v)
	}
	t = c.list.Tail.Lock()
	r.sender = by
	return t
}

// identifySendReserved is identifySend for a reserved slot, which it releases if the label, which is user
// code, panics or calls Goexit, as a failed assertion of a test does.
func (c *Chan[T]) identifySendReserved(r *recording, t queue.Word, v T) queue.Word {
	returns := false
	defer func() {
		if !returns {
			c.Release(1)
		}
	}()
	t = c.identifySend(r, t, nil, v)
	returns = true
	return t
}

// receiveCaller returns the caller of a receive through h. It is called without a lock.
func (c *Chan[T]) receiveCaller(h *Handle[T]) (by caller) {
	if c.about != nil {
		by = c.about.ask(&h.Life)
	}
	return by
}

// identifyForceSend is identifySend for a caller that holds both locks, with words w and t.
func (c *Chan[T]) identifyForceSend(r *recording, w, t queue.Word, h *Handle[T], v T) (queue.Word, queue.Word) {
	c.list.UnlockHead(w)
	t = c.identifySend(r, t, h, v)
	by := r.sender
	c.list.UnlockTail(t)
	w = c.list.Head.Lock() // head before tail
	t = c.list.Tail.Lock()
	r.sender = by
	return w, t
}

// sender returns the caller that sends, under the tail lock.
func (c *Chan[T]) sender() (by sendCaller) {
	if r := c.recording(); r != nil {
		by = r.sender
	}
	return by
}

// lockTail takes the tail lock again for a sender.
func (c *Chan[T]) lockTail(by sendCaller) queue.Word {
	t := c.list.Tail.Lock()
	if r := c.recording(); r != nil {
		r.sender = by
	}
	return t
}

// Waits.

// onWait records, under the tail lock, that w was queued, or queued again.
func (c *Chan[T]) onWait(w *waiter[T], by caller, op probe.Op, limit *waitq.Limit) {
	if c.about != nil { // a function of its own, so that it is inlined
		c.recordWait(w, by, op, limit)
	}
}

func (c *Chan[T]) recordWait(w *waiter[T], by caller, op probe.Op, limit *waitq.Limit) {
	if r := c.recording(); r != nil && w.Queued() {
		if r.crowded() {
			r.trim(c.tickets())
		}
		_, parked := w.Target.(*waitq.Parker)
		w.Value.ticket = r.begin(w.Value.ticket, by, probe.Waiting{Op: op, Timed: limit.Timed(), Polled: !parked})
	}
}

// onResume records that the wait of w has ended. It is called without a lock.
func (c *Chan[T]) onResume(w *waiter[T], err error) {
	c.about.rec.end(w.Value.ticket, err)
	w.Value.ticket = 0
}

// onPolledResume is onResume for a future, which may not have waited.
func (c *Chan[T]) onPolledResume(p *Polled[T], err error) {
	if p.Value.ticket != 0 {
		c.onResume(&p.waiter, err)
	}
}

// tickets returns those of the queued waiters. The caller holds the tail lock.
func (c *Chan[T]) tickets() map[uint32]bool {
	in := make(map[uint32]bool)
	for _, l := range [...]*waitQueue[T]{&c.senders, &c.receivers, &c.observers, &c.watchers} {
		for w := l.First(); w != nil; w = l.Next(w) {
			in[w.Value.ticket] = true
		}
	}
	return in
}
