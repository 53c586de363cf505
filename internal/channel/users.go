package channel

import (
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/handoff-go/handoff/internal/errs"
	"github.com/handoff-go/handoff/internal/leak"
	"github.com/handoff-go/handoff/internal/probe"
	"github.com/handoff-go/handoff/internal/site"
	"github.com/handoff-go/handoff/internal/waitq"
)

// Which goroutine holds a handle cannot be determined: its maker usually passes it on. But
// that an actor other than its maker has used it can be. So the handles of a channel that is
// tracked for leaks, or observed at level events, are watched: the State of a handle is first
// the number of its maker, and each call compares that with the number of its own actor. The
// first call by another actor sets State to Live, and the handle is shared from then on. Calls
// on handles that are not watched compare State with Live in any case, so they cost nothing
// more. Rejected: to record each use in a hook, because a send that finds room calls none.
//
// So a goroutine that waits for itself can be found: it waits in a receive, and every
// remaining sender was made and used by it and used by no other actor. If a sender was made
// but not used, nothing is reported: most are made for another goroutine, which may not have
// started yet. If no other goroutine holds one of the senders, the wait never ends.

// Flags in Life.State.
const (
	watched  = 1 << 31 // only the actor whose number is in the other bits may have used the handle
	owned    = 1 << 30 // that actor has used it: it has sent, received or cloned
	isRunner = 1 << 29 // the number is that of a goroutine, not of a task
)

// watchedBy is the State of a watched handle before its first use. Two goroutines whose
// numbers differ by a multiple of 2^29 look like one.
func watchedBy(actor uint64) uint32 {
	state := watched | uint32(actor)&(isRunner-1)
	if probe.IsGoroutine(actor) {
		state |= isRunner
	}
	return state
}

// Use returns ErrDropped unless h is live, as Uses does.
func (c *Chan[T]) Use(h *Handle[T]) error {
	if c.Uses(h) {
		return nil
	}
	return c.Named(errs.ErrDropped)
}

// Uses reports whether h is live, for a caller that is about to use it and has seen that its
// State is not [Live]. It records the calling actor, in about 10 ns. c may be nil for a handle
// that was never live.
func (c *Chan[T]) Uses(h *Handle[T]) bool {
	state := h.State.Load()
	if state&watched == 0 {
		return state == Live
	}
	// The State has a number of the maker, so the usual case, a handle that its maker uses, needs one
	// comparison. The first use by another actor stores Live, and from then on the handle costs what
	// an unwatched one does.
	u := c.users()
	next := uint32(Live)
	if self := watchedBy(probe.Self()) | owned; state|owned == self {
		u.calls.Add(1)
		if state == self {
			return true
		}
		next = self
	}
	u.note(address(&h.Life), next == Live)
	if !h.State.CompareAndSwap(state, next) {
		return c.Uses(h) // at the same time another actor has used it, or dropped it
	}
	return true
}

// users has the records of the handles of a channel. It refers neither to the channel nor to a
// handle.
type users struct {
	watch bool          // handles are watched; set when the channel is made
	calls atomic.Uint64 // through watched handles by their makers

	mu      sync.Mutex
	handles map[uintptr]*user // by the address of the Life, which must not be held
	weak    int
	passed  [3]bool // by side: a handle that was shared has been dropped

	// For the periodic looks of leak tracking, see suspect.
	looked time.Time
	seen   standstill
	since  time.Time // seen has not changed since then
	named  bool      // a suspicion was reported; it is reported once
}

// user is the record of a handle.
type user struct {
	side  probe.Side
	actor uint64 // the last that was seen to use it or, if used is not set, that made it
	used  bool

	maker  uint64
	owned  bool         // maker has used it
	shared bool         // an actor other than maker has used it, or the handle is not watched
	site   *site.Site   // where it was made, or nil if it was made with the channel
	owner  uintptr      // of its waiters, see Handle.owner
	record *leak.Record // of one that is tracked
}

// standstill is a snapshot that changes with every operation on a channel. Two equal ones
// mean that nothing happened in between.
type standstill struct {
	op               probe.Op
	tail, head       uint64
	calls            uint64
	senders, recvers int32
}

func address(l *Life) uintptr { return uintptr(unsafe.Pointer(l)) }

func (c *Chan[T]) users() *users {
	if c.about == nil {
		return nil
	}
	return c.about.users
}

// watchAll makes the handles of c watched from the beginning. It is called before any other
// goroutine has c.
func (c *Chan[T]) watchAll(tx, rx *Handle[T]) {
	if c.about == nil {
		c.about = new(about)
	}
	if c.about.users == nil {
		c.about.users = &users{handles: make(map[uintptr]*user, 2)}
	}
	u := c.about.users
	u.watch = true
	self := probe.Self()
	u.watchNew(&tx.Life, probe.SenderSide, self)
	u.watchNew(&rx.Life, probe.ReceiverSide, self)
}

// watchNew makes a handle watched, which may have a record already.
func (u *users) watchNew(l *Life, side probe.Side, maker uint64) {
	n := u.handles[address(l)]
	if n == nil {
		u.add(l, side, maker, nil)
		return
	}
	n.shared = false
	l.State.Store(watchedBy(maker))
}

// add records a new handle, which no other goroutine has yet.
func (u *users) add(l *Life, side probe.Side, maker uint64, where *site.Site) *user {
	n := &user{side: side, actor: maker, maker: maker, shared: !u.watch, site: where, owner: address(l)}
	if u.watch {
		l.State.Store(watchedBy(maker))
	}
	u.mu.Lock()
	u.handles[n.owner] = n
	u.mu.Unlock()
	return n
}

// note records the first use of a handle by its maker or by another actor.
func (u *users) note(key uintptr, other bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if n := u.handles[key]; n != nil {
		n.owned, n.shared = n.owned || !other, n.shared || other
	}
}

// track adds the leak record of a tracked handle to its record, and owner, the address that its
// waiters have as their owner.
func (u *users) track(key, owner uintptr, r *leak.Record) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if n := u.handles[key]; n != nil {
		n.record, n.site, n.owner = r, r.Site(), owner
	}
}

// drop removes the record of a handle, and reports whether there was one.
func (u *users) drop(key uintptr) (known bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	n := u.handles[key]
	if n == nil {
		return false
	}
	delete(u.handles, key)
	u.passed[n.side] = u.passed[n.side] || n.shared
	return true
}

func (u *users) addWeak(n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.weak += n
}

// holder returns one of the count handles of a side if one actor has made all of them, and
// used each of the senders, no other has used one, and there is no weak handle. Otherwise it
// returns nil. The caller holds mu.
func (u *users) holder(side probe.Side, count int32) (one *user) {
	if !u.watch || u.weak > 0 {
		return nil
	}
	for _, n := range u.handles {
		switch {
		case n.side != side:
			continue
		case n.shared || side == probe.SenderSide && !n.owned || one != nil && n.maker != one.maker:
			return nil
		}
		one = n
		count--
	}
	if count != 0 {
		return nil // a handle was collected, and its record with it
	}
	return one
}

// holders returns one of the senders if a receive waits and one of the receivers if a send
// waits, where all of that side are suspect: see [probe.Channel]. The caller holds the tail
// lock.
func (c *Chan[T]) holders(u *users) (senders, receivers *user) {
	if c.reserved() > 0 {
		return nil, nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if !c.receivers.Empty() && u.passed[probe.SenderSide] {
		senders = u.holder(probe.SenderSide, c.nSenders)
	}
	if !c.senders.Empty() {
		receivers = u.holder(probe.ReceiverSide, c.nRecvs)
	}
	return senders, receivers
}

// How long a wait lasts before it is suspect. For a send it is longer, because the receiver
// may have been passed to a goroutine that has not used it yet. For a receive it is known that
// other goroutines had senders and have dropped them.
const (
	suspectRecv = 3 * time.Second
	suspectSend = 6 * time.Second
)

// suspect returns a suspicion about a wait that has not changed for long enough, or nil.
func (c *Chan[T]) suspect(u *users, now time.Time) *leak.Suspicion {
	t := c.list.Tail.Lock()
	senders, receivers := c.holders(u)
	seen := standstill{tail: t.Pos(), head: c.list.Head.Load().Pos(), calls: u.calls.Load(), senders: c.nSenders, recvers: c.nRecvs}
	var one *user
	limit := suspectRecv
	switch {
	case t.Has(closed):
	case senders != nil && c.parkedThrough(u, &c.receivers, probe.ReceiverSide, senders.maker):
		seen.op, one = probe.Recv, senders
	case receivers != nil && c.parkedThrough(u, &c.senders, probe.SenderSide, receivers.maker):
		seen.op, one, limit = probe.Send, receivers, suspectSend
	}
	c.list.Tail.Unlock(t)

	u.mu.Lock()
	defer u.mu.Unlock()
	if one == nil || seen != u.seen {
		u.seen, u.since = seen, now
		return nil
	}
	if u.named || now.Sub(u.since) < limit || one.record == nil {
		return nil
	}
	u.named = true
	s := &leak.Suspicion{Waits: "receive", Record: one.record, Count: int(seen.senders)}
	if seen.op == probe.Send {
		s.Waits, s.Count = "send", int(seen.recvers)
	}
	return s
}

// parkedThrough reports whether a goroutine sleeps in l without a timeout, in a call through
// a handle of side near that maker has made and no other actor has used: then it is maker. A
// future does not count. It may be one of several that its owner waits for, and the pollers
// of one goroutine are many. The caller holds the tail lock.
func (c *Chan[T]) parkedThrough(u *users, l *waitQueue[T], near probe.Side, maker uint64) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	own := make(map[uintptr]bool)
	for _, n := range u.handles {
		if n.side == near && n.maker == maker && !n.shared {
			own[n.owner] = true
		}
	}
	for w := l.First(); w != nil && len(own) > 0; w = l.Next(w) {
		_, parked := w.Target.(*waitq.Parker)
		if parked && !w.Value.timed && own[address(w.Value.owner)] {
			return true
		}
	}
	return false
}
