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
}

// recording is what a channel remembers for those who observe it. It does not lead to the
// channel nor to a handle, so whatever holds it keeps neither in use.
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
	mark    uint64    // the high-water mark, as far as it was seen: see gate
	filled  time.Time // when it was raised for the first time
	handed  uint64    // messages that went past the list; see number
	full    uint64
	evicted uint64 // under both locks, as is lost
	lost    uint64 // discarded with the last receiver
	sender  caller // who sends at the moment

	// Under the head lock: who receives at the moment.
	reader caller

	// Under mu of users.
	waits    map[uint32]*waiting
	tickets  uint32
	trimAt   int
	garbage  uint64 // handles that were collected and had not been dropped
	cause    string
	lastSent time.Time
	lastRecv time.Time
}

// caller is whose call it is that holds a lock, as far as it was found out: nothing at level
// Counts, where a call is worth the question only if it has to wait.
type caller struct {
	actor  uint64
	handle uintptr
	label  string
	site   *site.Site // of one that makes a handle
}

// waiting is what is known of a wait.
type waiting struct {
	probe.Waiting
	by caller
}

// emit records an event of the channel, if it is at the level for it.
func (r *recording) emit(e probe.Event) {
	if r.events {
		e.Channel = r.id
		probe.Emit(e)
	}
}

// ask finds out who calls through the handle at l. It is called under no lock.
func (r *recording) ask(l *Life) caller {
	by := caller{handle: address(l)}
	if r.events && probe.Emitting() {
		by.actor = probe.Self()
	}
	return by
}

// used notes the last user of a handle. Under mu.
func (r *recording) used(by caller) {
	if u := r.handles[by.handle]; u != nil && by.actor != 0 {
		u.actor, u.used = by.actor, true
		u.shared = u.shared || by.actor != u.maker
	}
}

// sent tells of n messages from number first on.
func (r *recording) sent(by caller, first uint64, n int) {
	if !r.events {
		return
	}
	now := time.Now()
	r.mu.Lock()
	r.used(by)
	r.lastSent = now
	r.mu.Unlock()
	r.emit(probe.Event{Time: now, Kind: probe.Sent, Actor: by.actor, Message: first, Count: n, Text: by.label})
}

// received is sent for the other side.
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

// begin notes a wait and returns its ticket, which stands for it in the waiter. A waiter
// that is still waiting, as one does that was told of something and found nothing, goes on
// with the ticket that it has.
func (r *recording) begin(ticket uint32, by caller, w probe.Waiting) uint32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waits[ticket] != nil {
		return ticket
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

// end ends a wait that has come to err.
func (r *recording) end(ticket uint32, err error) {
	r.mu.Lock()
	w := r.waits[ticket]
	delete(r.waits, ticket)
	r.mu.Unlock()
	if w != nil && r.events && probe.Emitting() {
		r.emit(probe.Event{Kind: probe.Resumed, Actor: w.Actor, Op: w.Op, Text: errorText(err)})
	}
}

// of returns who waits with a ticket.
func (r *recording) of(ticket uint32) caller {
	r.mu.Lock()
	defer r.mu.Unlock()
	if w := r.waits[ticket]; w != nil {
		return w.by
	}
	return caller{}
}

// minTrim is from how many waits on those that were forgotten are looked for.
const minTrim = 1024

// crowded reports whether it is time to trim.
func (r *recording) crowded() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.waits) >= max(minTrim, r.trimAt)
}

// trim forgets waits that were forgotten: of futures that were neither polled nor dropped
// after they had been woken. keep are the tickets that stand in line; one that is between
// its line and its end at this moment loses only the event of its end.
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

// errorText is the text of an error, which may be somebody else's code: under no lock.
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

// closedBecause notes why the channel is closed.
func (r *recording) closedBecause(text string, by uint64) {
	r.mu.Lock()
	r.cause = text
	r.mu.Unlock()
	r.emit(probe.Event{Kind: probe.Closed, Actor: by, Text: text})
}

// add notes a new handle, whose Life is at l, and watches for its end.
func (r *recording) add(l *Life, side probe.Side, by caller) {
	key := address(l)
	u := r.users.add(l, side, by.actor, by.site)
	runtime.AddCleanup(l, func(u *user) { r.collected(key, u) }, u)
}

// collected is told that a handle is garbage. Its address may belong to another one by now.
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

// dropped notes the end of a handle, known or not, and returns the word for it.
func (r *recording) dropped(by caller, side probe.Side, known bool) (how string) {
	if !known {
		return "collected" // what is dropped is the ghost in its place, see tracked.go
	}
	r.emit(probe.Event{Kind: probe.Dropped, Side: side, Actor: by.actor})
	return "dropped"
}

// fill adds to out what mu guards; tickets are those of who stands in line.
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
