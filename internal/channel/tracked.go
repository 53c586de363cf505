package channel

import (
	"math"
	"reflect"
	"time"
	"weak"

	"github.com/handoff-go/handoff/internal/leak"
)

// A handle that is tracked may be collected while it is live. Then its channel gets a
// handle in its place, the ghost, and drops that.
//
// Waiters say by the address of a Life which handle they belong to. That keeps the handle
// alive, and one that once stood in a native select is a waiter for as long as the
// channel exists. So the waiters of a tracked handle belong to its ghost from the
// beginning. A call that waits needs its handle afterwards, which keeps it alive
// meanwhile, and so does a future that is polled.

// tracked is a flag in Life.waits: the handle has a record.
const tracked = 1 << 30

type record[T any] struct {
	leak.Record
	c      weak.Pointer[Chan[T]]
	key    uintptr // of the handle, among the users of the channel
	ghost  Handle[T]
	sender bool
}

// TrackNew is TrackSender and TrackReceiver for the first handles of c, which no other
// goroutine has yet. It also has the handles watched, from now on and those to come: see
// [Chan.Uses].
func (c *Chan[T]) TrackNew(tx, rx *Handle[T], sender, receiver string) {
	c.watchAll(tx, rx)
	c.TrackSender(tx, nil, sender)
	c.TrackReceiver(rx, nil, receiver)
}

// TrackSender has h, which nobody else has yet, reported and dropped if it is collected
// and was not dropped. It may have been made from another handle, which it was cloned
// from, or nil.
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
	r.c = weak.Make(c)
	h.waits.Add(tracked)
	leak.Track(h, r, kind, reflect.TypeFor[T](), from)
	if u := c.users(); u != nil {
		r.key = address(&h.Life)
		u.track(r.key, address(&r.ghost.Life), &r.Record)
	}
}

// Replace implements [leak.Tracked].
func (r *record[T]) Replace() func() {
	c := r.c.Value()
	if c == nil {
		return nil
	}
	return func() {
		if u := c.users(); u != nil {
			u.drop(r.key)
		}
		r.ghost.State.Store(Live)
		r.ghost.waits.Add(math.MaxInt32 &^ tracked) // no wait was counted, so the queues are searched
		if r.sender {
			c.DropSender(&r.ghost)
		} else {
			c.DropReceiver(&r.ghost)
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

// owner is what the waiters of h say whose they are.
func (h *Handle[T]) owner() *Life {
	if h.waits.Load()&tracked != 0 {
		if r, ok := leak.Find(h).(*record[T]); ok {
			return &r.ghost.Life
		}
	}
	return &h.Life
}

// untrack is told that h is dropped.
func (h *Handle[T]) untrack() {
	if h.waits.Load()&tracked != 0 {
		leak.Forget(h)
	}
}
