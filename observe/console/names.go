package console

import (
	"cmp"
	"maps"
	"slices"

	"github.com/handoff-go/handoff/observe"
)

// naming is how the page calls what has a number.
type naming struct {
	Name string `json:"name,omitempty"`
	Kind string `json:"kind"` // "channel", "task", "goroutine" or "remote channel"
	Site string `json:"site,omitempty"`

	Goroutine uint64 `json:"goroutine,omitempty"` // as a traceback numbers it
}

type names map[uint64]naming

// namesOf collects the names that the state knows, and those of channels and tasks that
// ended, as long as the events still have their creation.
func namesOf(state *observe.State, recorded observe.Recording) names {
	all := make(names, len(state.Channels)+len(state.Tasks)+len(state.Actors))
	for _, e := range recorded.Events {
		switch e.Kind {
		case observe.Made:
			all[e.Channel] = naming{Name: e.Text, Kind: "channel"}
		case observe.Spawned:
			all[e.Task] = naming{Name: e.Text, Kind: "task"}
		}
	}
	for _, a := range slices.Concat(recorded.Actors, state.Actors) {
		kind := "goroutine"
		if a.Task {
			kind = "task"
		}
		all[a.ID] = naming{Name: a.Name, Kind: kind, Goroutine: a.Goroutine}
	}
	for i := range state.Channels {
		c := &state.Channels[i]
		all[c.ID] = naming{Name: c.Name, Kind: "channel", Site: c.Site}
	}
	for i := range state.Tasks {
		t := &state.Tasks[i]
		all[t.ID] = naming{Name: t.Name, Kind: "task", Site: t.Site}
	}
	for i := range state.Remote {
		r := &state.Remote[i]
		all[r.ID] = naming{Name: r.Name, Kind: "remote channel", Site: r.Site}
	}
	return all
}

// used returns the names that a page needs to show these.
func (all names) used(c *observe.Channel, t *observe.Task, events []observe.Event) names {
	some := make(names)
	use := func(ids ...uint64) {
		for _, id := range ids {
			if n, ok := all[id]; ok {
				some[id] = n
			}
		}
	}
	if c != nil {
		use(c.ID)
		for _, w := range c.Waiting {
			use(w.Actor, w.Task)
		}
		for _, h := range c.Handles {
			use(h.User)
		}
	}
	if t != nil {
		use(t.ID, t.Parent)
		for _, w := range t.Waiting {
			use(w.Actor)
		}
		if t.Awaits != nil {
			use(t.Awaits.Channel, t.Awaits.Task)
		}
	}
	for _, e := range events {
		use(e.Actor, e.Channel, e.Task)
	}
	return some
}

// waitsOf returns every wait once: that of a task on a channel may stand at both.
func waitsOf(state *observe.State) []observe.Waiting {
	type key struct {
		actor, channel, task uint64
		op                   string
	}
	seen := make(map[key]bool)
	waits := []observe.Waiting{}
	add := func(w observe.Waiting) {
		k := key{w.Actor, w.Channel, w.Task, w.Op}
		if w.Actor != 0 && seen[k] {
			return
		}
		seen[k] = true
		waits = append(waits, w)
	}
	for i := range state.Channels {
		for _, w := range state.Channels[i].Waiting {
			w.Channel = state.Channels[i].ID
			add(w)
		}
	}
	for i := range state.Tasks {
		for _, w := range state.Tasks[i].Waiting {
			w.Task = state.Tasks[i].ID
			add(w)
		}
		if w := state.Tasks[i].Awaits; w != nil && (w.Channel != 0 || w.Task != 0) {
			awaits := *w
			awaits.Actor = state.Tasks[i].ID
			add(awaits)
		}
	}
	return waits
}

// maxUsers bounds how many users of one channel the graph shows.
const maxUsers = 20

// usersOf returns the actors that hold handles of the channels in waits, each user once a side.
func usersOf(state *observe.State, waits []observe.Waiting) map[uint64][]observe.Handle {
	users := make(map[uint64][]observe.Handle)
	for _, w := range waits {
		if w.Channel != 0 {
			users[w.Channel] = nil
		}
	}
	for i := range state.Channels {
		c := &state.Channels[i]
		if _, wanted := users[c.ID]; !wanted {
			continue
		}
		distinct := make(map[observe.Handle]bool)
		for _, h := range c.Handles {
			if h.User != 0 {
				distinct[observe.Handle{Side: h.Side, User: h.User}] = true
			}
		}
		sorted := slices.SortedFunc(maps.Keys(distinct), func(a, b observe.Handle) int {
			return cmp.Compare(a.User, b.User)
		})
		users[c.ID] = sorted[:min(len(sorted), maxUsers)]
	}
	return users
}
