package observe

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Edge says that one actor waits for another: From goes on once To does something.
type Edge struct {
	From    uint64 `json:"from"`              // an actor
	To      uint64 `json:"to"`                // another one, or the same
	Op      string `json:"op"`                // as in [Waiting]
	Channel uint64 `json:"channel,omitempty"` // on which, or 0
	Task    uint64 `json:"task,omitempty"`    // of a join; the same as To
}

// Cycle is a deadlock: waiting actors that can only be woken by each other.
type Cycle struct {
	Actors []uint64 `json:"actors"` // in the order of their numbers
	Edges  []Edge   `json:"edges"`  // all between them
}

// WaitsFor returns the known edges of the wait-for graph, ordered by From and To. A receive
// waits for the actors that used or made a sender of the channel, a send or a reservation
// for those of the receivers, a wait for the close for both, and a join for the task. A wait
// for a timer, or for any other future, has no edge.
func (s *State) WaitsFor() []Edge {
	var all []Edge
	for _, w := range s.waits() {
		for _, to := range w.wakers {
			all = append(all, Edge{From: w.Actor, To: to, Op: w.Op, Channel: w.Channel, Task: w.Task})
		}
	}
	slices.SortFunc(all, compareEdges)
	return slices.Compact(all)
}

func compareEdges(a, b Edge) int {
	return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Op, b.Op))
}

// wait is an operation with the actors that can end it.
type wait struct {
	Waiting

	wakers  []uint64
	unknown bool // there may be others, or it needs no waker
}

// waits returns the waits whose actor is known.
func (s *State) waits() []wait {
	tasks := make(map[uint64]*Task, len(s.Tasks))
	for i := range s.Tasks {
		tasks[s.Tasks[i].ID] = &s.Tasks[i]
	}
	var all []wait
	for i := range s.Channels {
		c := &s.Channels[i]
		var far map[string]*wait // by operation, made when needed
		for _, w := range c.Waiting {
			if w.Actor == 0 {
				continue
			}
			if far[w.Op] == nil {
				if far == nil {
					far = make(map[string]*wait)
				}
				far[w.Op] = c.wakers(w.Op)
			}
			all = append(all, wait{w, far[w.Op].wakers, far[w.Op].unknown})
		}
	}
	join := func(w Waiting) {
		to := tasks[w.Task]
		all = append(all, wait{w, []uint64{w.Task}, to == nil || to.State == "done"})
	}
	for i := range s.Tasks {
		t := &s.Tasks[i]
		for _, w := range t.Waiting {
			if w.Actor != 0 {
				join(w)
			}
		}
		if t.Awaits == nil || t.Awaits.Channel != 0 {
			continue // the row of the channel has it
		}
		w := *t.Awaits
		w.Actor = t.ID
		if w.Task != 0 {
			join(w)
		} else {
			all = append(all, wait{Waiting: w, unknown: true})
		}
	}
	return all
}

// wakers returns the actors that can end a wait in op on c. The owner of a handle without an
// observed use is unknown, as it is often made for another task; so is that of a weak handle
// or a permit.
func (c *Channel) wakers(op string) *wait {
	w := new(wait)
	side := func(name string, count int) {
		for _, h := range c.Handles {
			if h.Side != name {
				continue
			}
			count--
			w.unknown = w.unknown || !h.Used
			if h.User != 0 {
				w.wakers = append(w.wakers, h.User)
			}
		}
		if count > 0 {
			w.unknown = true
		}
	}
	if op != "recv" {
		side("receiver", c.Receivers)
	}
	if op == "recv" || op == "close" {
		side("sender", c.Senders)
		w.unknown = w.unknown || c.Reserved > 0
	}
	w.unknown = w.unknown || c.Weak > 0
	slices.Sort(w.wakers)
	w.wakers = slices.Compact(w.wakers)
	return w
}

// Cycles returns the deadlocks: sets of waiting actors, where each can be woken only
// by others of the set. Where several could wake one, as the senders of a
// channel can, all of them have to be in the set; in the language of deadlocks it is a
// knot. An actor that waits in two operations at once is woken by either.
//
// All of them waited at the moment s.Taken: waits that began later do not count. Otherwise
// the verdict rests on observed uses. Where a possible waker is not known, or does not wait, or
// waits with a timeout, there is no verdict; the owner of a
// handle that was made and not used yet is unknown. A handle that was used counts as its last
// user's: one that another actor has too, a context that ends a wait, and a close from the same side can
// prove the verdict wrong.
func (s *State) Cycles() []Cycle {
	waits := s.waits()
	wakers := make(map[uint64][]uint64)
	free := make(map[uint64]bool) // actors that are or may become runnable
	for _, w := range waits {
		wakers[w.Actor] = append(wakers[w.Actor], w.wakers...)
		if w.unknown || len(w.wakers) == 0 || w.What != "" || w.Since.After(s.Taken) {
			free[w.Actor] = true
		}
	}
	for i := range s.Tasks {
		if s.Tasks[i].mayGoOn(s.Taken) {
			free[s.Tasks[i].ID] = true
		}
	}
	stuck := stuckOf(wakers, free)
	var cycles []Cycle
	for _, knot := range knots(stuck) {
		c := Cycle{Actors: knot}
		for _, w := range waits {
			if _, in := slices.BinarySearch(knot, w.Actor); in {
				for _, to := range w.wakers {
					c.Edges = append(c.Edges, Edge{From: w.Actor, To: to, Op: w.Op, Channel: w.Channel, Task: w.Task})
				}
			}
		}
		slices.SortFunc(c.Edges, compareEdges)
		c.Edges = slices.Compact(c.Edges)
		cycles = append(cycles, c)
	}
	return cycles
}

// mayGoOn reports whether the task may do something though it waits on a channel.
func (t *Task) mayGoOn(taken time.Time) bool {
	// A function that runs may be parked in a call of mpsc, which does not release its worker.
	// A polled task that runs looks at other things.
	parked := t.State == "waiting" || t.State == "running" && t.Kind != "polled"
	composed := t.Awaits != nil && t.Awaits.What != "" // other things may end its wait too
	return !parked || composed || t.Since.After(taken)
}

// stuckOf returns the actors that can never be woken: it removes repeatedly every actor
// that is free or that a removed one could wake; the rest are stuck.
func stuckOf(wakers map[uint64][]uint64, free map[uint64]bool) map[uint64][]uint64 {
	wakes := make(map[uint64][]uint64) // the other way round
	stuck := maps.Clone(wakers)
	var out []uint64
	for a, list := range wakers {
		if free[a] {
			out = append(out, a)
		}
		for _, by := range list {
			wakes[by] = append(wakes[by], a)
			if wakers[by] == nil {
				out = append(out, by) // does not wait
			}
		}
	}
	seen := make(map[uint64]bool)
	for len(out) > 0 {
		a := out[len(out)-1]
		out = out[:len(out)-1]
		if seen[a] {
			continue
		}
		seen[a] = true
		delete(stuck, a)
		out = append(out, wakes[a]...)
	}
	return stuck
}

// knots returns the sets that cannot be left: the strongly connected components with no
// way out, after Tarjan, without recursion, because a chain may be long.
func knots(graph map[uint64][]uint64) [][]uint64 {
	type node struct {
		index, low int
		next       int // in the list of wakers
		open       bool
	}
	nodes := make(map[uint64]*node, len(graph))
	var all [][]uint64
	var open, path []uint64
	enter := func(a uint64) {
		nodes[a] = &node{index: len(nodes), low: len(nodes), open: true}
		open, path = append(open, a), append(path, a)
	}
	for _, start := range slices.Sorted(maps.Keys(graph)) {
		if nodes[start] != nil {
			continue
		}
		enter(start)
		for len(path) > 0 {
			a := path[len(path)-1]
			n := nodes[a]
			if n.next < len(graph[a]) {
				to := graph[a][n.next]
				n.next++
				if m := nodes[to]; m == nil {
					enter(to)
				} else if m.open {
					n.low = min(n.low, m.index)
				}
				continue
			}
			path = path[:len(path)-1]
			if len(path) > 0 {
				up := nodes[path[len(path)-1]]
				up.low = min(up.low, n.low)
			}
			if n.low != n.index {
				continue
			}
			i := len(open)
			for last := uint64(0); i == len(open) || last != a; {
				i--
				last = open[i]
				nodes[last].open = false
			}
			set := slices.Clone(open[i:])
			open = open[:i]
			slices.Sort(set)
			if closedSet(graph, set) {
				all = append(all, set)
			}
		}
	}
	slices.SortFunc(all, slices.Compare)
	return all
}

// closedSet reports whether no way leads out of set, which is sorted.
func closedSet(graph map[uint64][]uint64, set []uint64) bool {
	for _, a := range set {
		for _, to := range graph[a] {
			if _, in := slices.BinarySearch(set, to); !in {
				return false
			}
		}
	}
	return true
}
