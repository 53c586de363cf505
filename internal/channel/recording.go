package channel

import (
	"runtime"
	"time"

	"github.com/handoff-go/handoff/internal/probe"
	"github.com/handoff-go/handoff/internal/site"
)

// about is what a channel has when it has a name, is observed or is tracked for leaks.
type about struct {
	name  string
	rec   *recording
	users *users // of one that is observed or tracked
	errs  namedErrors
}

// recording is the state of a channel that is kept for observers. It refers neither to the
// channel nor to a handle, so it keeps neither reachable.
//
// The fields that the tail lock guards belong to the hooks in observed.go; the lock mu of
// users is inside of both locks of the channel and never held while anything else is called
// but probe.Emit.
type recording struct {
	users

	id     uint64
	made   time.Time
	site   site.Site
	events bool // at level Events

	// Under the tail lock.
	hard    uint64    // the limit of the list: the capacity less what is reserved
	mark    uint64    // the high-water mark, as far as it was seen: see limitPush
	filled  time.Time // when it was raised for the first time
	handed  uint64    // messages that went past the list; see number
	full    uint64
	evicted uint64     // under both locks, as is lost
	lost    uint64     // discarded with the last receiver
	sender  sendCaller // of the send that holds the lock

	// Under mu of users.
	waits    map[uint32]*waiting
	tickets  uint32
	trimAt   int
	garbage  uint64 // handles that were collected and had not been dropped
	cause    string
	lastSent time.Time
	lastRecv time.Time
}

// caller identifies the actor whose call holds a lock. At level Counts its actor is 0 unless
// the call has to wait, because looking it up would slow down every call. It is two words, which
// are passed in registers: an unobserved channel passes it too.
type caller struct {
	actor  uint64
	handle uintptr
}

// sendCaller is the caller of a send, and the label of its first message.
type sendCaller struct {
	caller
	label string
}

// maker is the caller that makes a handle, and where.
type maker struct {
	caller
	site *site.Site
}

// waiting is the record of a wait.
type waiting struct {
	probe.Waiting
	by caller
}

// emit records an event of the channel, if it is at the level for it. Callers hold the lock that
// guards what the event describes. The ring takes a lock of its own, which is inside of all others
// and held for a copy only.
func (r *recording) emit(e probe.Event) {
	if r.events {
		e.Channel = r.id
		probe.Emit(e)
	}
}

// ask is that of the recording, if there is one.
func (a *about) ask(l *Life) (by caller) {
	if a.rec != nil {
		by = a.rec.ask(l)
	}
	return by
}

// ask returns the caller of an operation through the handle at l. It is called without a lock.
func (r *recording) ask(l *Life) caller {
	// At level Counts the handle alone: finding the actor takes some 10 ns in a task and more in a
	// goroutine, which a send of 20 ns should not pay for. A wait looks it up (begin).
	by := caller{handle: address(l)}
	if r.events && probe.Emitting() {
		by.actor = probe.Self()
	}
	return by
}

// used records the last user of a handle. Under mu.
func (r *recording) used(by caller) {
	if u := r.handles[by.handle]; u != nil && by.actor != 0 {
		u.actor, u.used = by.actor, true
		u.shared = u.shared || by.actor != u.maker
	}
}

// sent records that n messages were sent, numbered from first.
func (r *recording) sent(by sendCaller, first uint64, n int) {
	if !r.events {
		return
	}
	now := time.Now()
	r.mu.Lock()
	r.used(by.caller)
	r.lastSent = now
	r.mu.Unlock()
	r.emit(probe.Event{Time: now, Kind: probe.Sent, Actor: by.actor, Message: first, Count: n, Text: by.label})
}

// received records that n messages were received, numbered from first.
func (r *recording) received(by caller, first uint64, n int) {
	if !r.events {
		return
	}
	now := time.Now()
	r.mu.Lock()
	r.used(by)
	r.lastRecv = now
	r.mu.Unlock()
	r.emit(probe.Event{Time: now, Kind: probe.Received, Actor: by.actor, Message: first, Count: n})
}

// begin records a wait and returns its ticket, which the waiter keeps. If the waiter was
// notified, found no message and waits again, the wait goes on with its old ticket.
func (r *recording) begin(ticket uint32, by caller, w probe.Waiting) uint32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waits[ticket] != nil {
		return ticket // one wait for its user, whatever happened in between
	}
	if by.actor == 0 {
		by.actor = probe.Self()
	}
	r.used(by)
	if r.tickets++; r.tickets == 0 {
		r.tickets++
	}
	w.Actor, w.Channel, w.Since = by.actor, r.id, time.Now()
	r.waits[r.tickets] = &waiting{w, by}
	r.emit(probe.Event{Time: w.Since, Kind: probe.Blocked, Actor: w.Actor, Op: w.Op})
	return r.tickets
}

// end removes the record of a wait that has ended with err.
func (r *recording) end(ticket uint32, err error) {
	r.mu.Lock()
	w := r.waits[ticket]
	delete(r.waits, ticket)
	r.mu.Unlock()
	if w != nil && r.events && probe.Emitting() {
		r.emit(probe.Event{Kind: probe.Resumed, Actor: w.Actor, Op: w.Op, Text: errorText(err)})
	}
}

// of returns the caller that waits with a ticket.
func (r *recording) of(ticket uint32) caller {
	r.mu.Lock()
	defer r.mu.Unlock()
	if w := r.waits[ticket]; w != nil {
		return w.by
	}
	return caller{}
}

// minTrim is the number of records from which trim is called.
const minTrim = 1024

// crowded reports whether it is time to trim.
func (r *recording) crowded() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.waits) >= max(minTrim, r.trimAt)
}

// trim removes the records of abandoned waits: futures that were woken and then neither polled
// nor dropped. keep are the tickets of queued waiters. A wait that was dequeued and has not
// ended at this moment loses only its event Resumed.
func (r *recording) trim(keep map[uint32]bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for ticket := range r.waits {
		if !keep[ticket] {
			delete(r.waits, ticket)
		}
	}
	r.trimAt = 2 * len(r.waits)
}

// errorText returns the text of an error. Error may be user code: no lock may be held.
func errorText(err error) (text string) {
	if err == nil {
		return ""
	}
	defer func() {
		if recover() != nil {
			text = "(an error that panics)"
		}
	}()
	return probe.Cut(err.Error(), probe.MaxText)
}

// closedBecause records why the channel is closed.
func (r *recording) closedBecause(text string, by uint64) {
	r.mu.Lock()
	r.cause = text
	r.mu.Unlock()
	r.emit(probe.Event{Kind: probe.Closed, Actor: by, Text: text})
}

// add records a new handle, whose Life is at l, and registers a cleanup for it.
func (r *recording) add(l *Life, side probe.Side, by maker) {
	key := address(l)
	u := r.users.add(l, side, by.actor, by.site)
	runtime.AddCleanup(l, func(u *user) { r.collected(key, u) }, u)
}

// collected records that a handle was garbage-collected. Its address may belong to another
// handle already, whose user differs from u.
func (r *recording) collected(key uintptr, u *user) {
	r.mu.Lock()
	found := r.handles[key] == u
	if found {
		delete(r.handles, key)
		r.garbage++
	}
	r.mu.Unlock()
	if found {
		r.emit(probe.Event{Kind: probe.Collected, Side: u.side})
	}
}

// dropped records the Drop of a handle, and returns the word for how it ended.
func (r *recording) dropped(by caller, side probe.Side, known bool) (how string) {
	if !known {
		return "collected" // this is the Drop of the stand-in in its place, see tracked.go
	}
	r.emit(probe.Event{Kind: probe.Dropped, Side: side, Actor: by.actor})
	return "dropped"
}

// fill copies the fields that mu guards to out; tickets are those of the queued waiters.
func (r *recording) fill(out *probe.Channel, tickets map[uint32]bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	out.Collected = r.garbage
	out.Weak, out.Cause, out.LastSent, out.LastReceived = r.weak, r.cause, r.lastSent, r.lastRecv
	for ticket := range tickets {
		if w := r.waits[ticket]; w != nil {
			out.Waiting = append(out.Waiting, w.Waiting)
		}
	}
	for _, u := range r.handles {
		out.Handles = append(out.Handles, probe.Handle{Side: u.side, User: u.actor, Used: u.used})
	}
}
