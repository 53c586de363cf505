package observe

import (
	"slices"
	"strconv"
)

// Filter says which part of a [Recording] is wanted. The zero value wants everything, and
// each field that is set wants less: an event has to fit all of them.
type Filter struct {
	Since uint64 // only events with a greater Seq, as when a reader has seen this one already
	Until uint64 // only events up to this Seq; 0: no limit
	Last  int    // of those that fit, only the last so many; 0: no limit

	Channels []string // only events of these channels, by ID in decimal or by name
	Actors   []string // only what these do, send or receive, or what is done to them, likewise
	Kinds    []Kind   // only events of these kinds

	// Participants limits how many tasks and goroutines a diagram shows, each by itself.
	// The others, those with the least to show, become one. 0: no limit.
	Participants int
}

// Recording is a part of a run: events, and the actors and channels that its numbers stand for. The
// diagrams are drawn from it. Each of its methods only reads it, so they may be used at the
// same time.
type Recording struct {
	Events   []Event   `json:"events"`   // in the order of Seq
	Actors   []Actor   `json:"actors"`   // whom they refer to
	Channels []Channel `json:"channels"` // that are in use
	Lost     uint64    `json:"lost"`     // events that are not here any more, because newer ones took their place
}

// Select returns the events that fit f, in their order.
func (r Recording) Select(f Filter) []Event {
	fits := f.within(r.names())
	var events []Event
	for _, e := range r.Events {
		if fits.event(e) {
			events = append(events, e)
		}
	}
	return lastOf(events, f.Last)
}

// lastOf returns the last n of all, or all if n is 0.
func lastOf[T any](all []T, n int) []T {
	if n <= 0 || n >= len(all) {
		return all
	}
	return all[len(all)-n:]
}

// directory has the names of actors and channels by ID. An actor or channel that ended is
// not in the snapshot, and still has a name in the event of its creation.
type directory struct {
	actors   map[uint64]Actor
	channels map[uint64]string
}

func (r Recording) names() directory {
	d := directory{actors: make(map[uint64]Actor), channels: make(map[uint64]string)}
	for _, e := range r.Events {
		switch e.Kind {
		case Spawned:
			d.actors[e.Task] = Actor{ID: e.Task, Name: e.Text, Task: true}
		case Made:
			d.channels[e.Channel] = e.Text
		}
	}
	for _, a := range r.Actors {
		d.actors[a.ID] = a
	}
	for _, c := range r.Channels {
		d.channels[c.ID] = c.Name
	}
	return d
}

// selection is a Filter whose names have been looked up. A set that is nil has everything.
type selection struct {
	Filter
	channels, actors map[uint64]bool
}

func (f Filter) within(d directory) selection {
	s := selection{Filter: f}
	if len(f.Channels) > 0 {
		s.channels = make(map[uint64]bool)
		addNumbers(s.channels, f.Channels)
		for id, name := range d.channels {
			if name != "" && slices.Contains(f.Channels, name) {
				s.channels[id] = true
			}
		}
	}
	if len(f.Actors) > 0 {
		s.actors = make(map[uint64]bool)
		addNumbers(s.actors, f.Actors)
		for id, a := range d.actors {
			if a.Name != "" && slices.Contains(f.Actors, a.Name) {
				s.actors[id] = true
			}
		}
	}
	return s
}

// addNumbers adds the IDs among words. A number may be the name of an actor or channel,
// so a number is looked up as a name as well.
func addNumbers(ids map[uint64]bool, words []string) {
	for _, w := range words {
		if id, err := strconv.ParseUint(w, 10, 64); err == nil {
			ids[id] = true
		}
	}
}

func (s selection) event(e Event) bool {
	return s.seq(e.Seq) && s.kind(e.Kind) && s.channel(e.Channel) && (s.actor(e.Actor) || s.actor(e.Task))
}

func (s selection) seq(n uint64) bool { return n > s.Since && (s.Until == 0 || n <= s.Until) }

func (s selection) kind(k Kind) bool { return len(s.Kinds) == 0 || slices.Contains(s.Kinds, k) }

func (s selection) channel(id uint64) bool { return s.channels == nil || s.channels[id] }

func (s selection) actor(id uint64) bool { return s.actors == nil || s.actors[id] }
