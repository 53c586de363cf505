package channel

import (
	"reflect"
	"time"
	"weak"

	"github.com/handoff-go/handoff/internal/leak"
)

// A tracked handle may be garbage-collected while it is live. Then the stand-in, a handle in its
// leak record, takes its place and is dropped.
//
// The waiters of a tracked handle name its stand-in as their owner from the beginning, so that
// the Drop of the stand-in finds them (see dequeueOfStandIn). Such waiters remain when a handle is
// collected: that of Ready stays queued until the next message or the close. A call that waits keeps its
// handle reachable, and so does a future that is polled.

type record[T any] struct {
	leak.Record
	c       weak.Pointer[Chan[T]]
	key     uintptr // of the handle, among the users of the channel
	standIn Handle[T]
	sender  bool
}

// TrackNew is TrackSender and TrackReceiver for the first handles of c, which no other
// goroutine has yet. It also makes these handles and later ones watched: see [Chan.Uses].
func (c *Chan[T]) TrackNew(tx, rx *Handle[T], sender, receiver string) {
	c.watchAll(tx, rx)
	c.TrackSender(tx, nil, sender)
	c.TrackReceiver(rx, nil, receiver)
}

// TrackSender registers h, which no other goroutine has yet: if it is garbage-collected
// without a Drop, it is reported and dropped. from is the handle that it was cloned from, or
// nil.
func (c *Chan[T]) TrackSender(h, from *Handle[T], kind string) {
	c.track(h, from, kind, &record[T]{sender: true})
}

// TrackReceiver is TrackSender for receivers.
func (c *Chan[T]) TrackReceiver(h, from *Handle[T], kind string) {
	c.track(h, from, kind, &record[T]{})
}

func (c *Chan[T]) track(h, from *Handle[T], kind string, r *record[T]) {
	if !h.live() {
		return
	}
	// Weak, because a record is reachable from a list of all records: a strong reference would keep
	// every tracked channel, and so no handle of an unreachable channel would be found.
	r.c = weak.Make(c)
	h.tracked.Store(1)
	r.standIn.tracked.Store(standIn)
	leak.Track(h, r, kind, reflect.TypeFor[T](), from)
	if u := c.users(); u != nil {
		r.key = address(&h.Life)
		u.track(r.key, address(&r.standIn.Life), &r.Record)
	}
}

// Replace implements [leak.Tracked].
func (r *record[T]) Replace() func() {
	c := r.c.Value()
	if c == nil {
		return nil // the channel is garbage as well, and no side waits in it
	}
	// A function, to be called without the lock of the records: the Drop wakes waiters, which is
	// user code.
	return func() {
		if u := c.users(); u != nil {
			u.drop(r.key)
		}
		r.standIn.State.Store(Live)
		if r.sender {
			c.DropSender(&r.standIn)
		} else {
			c.DropReceiver(&r.standIn)
		}
	}
}

// Look implements [leak.Tracked].
func (r *record[T]) Look(now time.Time) (waits bool, wrong *leak.Suspicion) {
	c := r.c.Value()
	if c == nil {
		return false, nil
	}
	u := c.users()
	if u != nil {
		u.mu.Lock()
		again := u.looked.Equal(now)
		u.looked = now
		u.mu.Unlock()
		if again {
			return false, nil
		}
	}
	t := c.list.Tail.Lock()
	waits = !c.senders.Empty() || !c.receivers.Empty() || !c.observers.Empty() || !c.watchers.Empty()
	c.list.Tail.Unlock(t)
	if waits && u != nil {
		wrong = c.suspect(u, now)
	}
	return waits, wrong
}

// standIn is the value of tracked in the handle that stands for a collected one.
const standIn = 2

// owner returns the handle that has the ring of the waiters of h.
func (h *Handle[T]) owner() *Handle[T] {
	if h.tracked.Load() == 1 {
		if r, ok := leak.Find(h).(*record[T]); ok {
			return &r.standIn
		}
	}
	return h
}

// untrack removes the leak record of h, which was dropped.
func (h *Handle[T]) untrack() {
	if h.tracked.Load() == 1 {
		leak.Forget(h)
	}
}
