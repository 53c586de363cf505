package observe

import "github.com/handoff-go/handoff/internal/probe"

var kindNames = [...]Kind{
	probe.Made: Made, probe.Cloned: Cloned, probe.Dropped: Dropped, probe.Collected: Collected, probe.Closed: Closed,
	probe.Sent: Sent, probe.Received: Received, probe.Evicted: Evicted, probe.Discarded: Discarded,
	probe.Blocked: Blocked, probe.Resumed: Resumed,
	probe.Spawned: Spawned, probe.Started: Started, probe.Finished: Finished, probe.Cancelled: Cancelled, probe.Panicked: Panicked,
}

// Events returns the events that fit f, of those that are still there, the oldest first.
func Events(f Filter) []Event { return Recorded().Select(f) }

// Recorded returns all events that are still there, with the actors and channels in them.
func Recorded() Recording {
	s := Snapshot()
	r := Recording{Channels: s.Channels, Lost: probe.Lost()}
	seen := make(map[uint64]bool)
	var ids []uint64
	add := func(id uint64) {
		if id != 0 && !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	raw := probe.Read(0)
	r.Events = make([]Event, 0, len(raw))
	for i := range raw {
		e := &raw[i]
		r.Events = append(r.Events, Event{
			Seq: e.Seq, Time: e.Time, Kind: kindNames[e.Kind], Actor: e.Actor, Channel: e.Channel, Task: e.Task,
			Side: sideNames[e.Side], Op: opNames[e.Op], Message: e.Message, Count: e.Count, Text: e.Text,
		})
		add(e.Actor)
		add(e.Task)
	}
	for i := range r.Channels {
		for _, h := range r.Channels[i].Handles {
			add(h.User)
		}
	}
	r.Actors = actorsOf(ids)
	return r
}
