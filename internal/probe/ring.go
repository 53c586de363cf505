package probe

import (
	"sync"
	"time"
)

// minRing is the size of a ring that was asked to be smaller.
const minRing = 16

// ring has the latest events. One lock for all of them is what gives them an order that
// everybody agrees on: what happened before something else, on any goroutine, has the
// smaller number, if it was emitted before.
type ring struct {
	mu    sync.Mutex
	slots []Event
	next  uint64 // the number of the next event; numbers start at 1 and are never used again
	start uint64 // the number of the first event since the reset
}

var events = ring{next: 1, start: 1}

func (r *ring) reset(size int) {
	slots := make([]Event, max(size, minRing))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.slots, r.start = slots, r.next
}

// oldest is the number of the oldest event that is there. Under mu.
func (r *ring) oldest() uint64 { return max(r.start, r.next-min(r.next, uint64(len(r.slots)))) }

// Emit records an event, with the next number and, if it has no time, the time of now. It
// is forgotten when as many newer ones have come as the ring has room for. While no events
// are recorded it does nothing.
func Emit(e Event) {
	if !Emitting() {
		return
	}
	if e.Time.IsZero() {
		e.Time = time.Now()
	}
	r := &events
	r.mu.Lock()
	if len(r.slots) > 0 {
		e.Seq = r.next
		r.slots[r.next%uint64(len(r.slots))] = e
		r.next++
	}
	r.mu.Unlock()
}

// chunk is how many events are read under one hold of the lock, because emitters wait for it.
const chunk = 256

// Read returns the events with numbers above since that are still there, oldest first. If
// events come faster than they are read, some in the middle may be missing.
func Read(since uint64) (out []Event) {
	r := &events
	end := r.end()
	for since < end-1 { // end is 1 at least
		out = r.read(out, since, end)
		if len(out) == 0 {
			break
		}
		since = max(since, out[len(out)-1].Seq)
		if len(out)%chunk != 0 {
			break
		}
	}
	return out
}

func (r *ring) end() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.next
}

// read appends up to chunk events with numbers above since and below end.
func (r *ring) read(out []Event, since, end uint64) []Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	from := max(since+1, r.oldest())
	for seq := from; seq < min(end, from+chunk, r.next); seq++ {
		out = append(out, r.slots[seq%uint64(len(r.slots))])
	}
	return out
}

// Recorded returns how many events there were since the level was last set to Events.
func Recorded() uint64 {
	r := &events
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.next - r.start
}

// Lost returns how many of them were overwritten by newer ones.
func Lost() uint64 {
	r := &events
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.oldest() - r.start
}
