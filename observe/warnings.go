package observe

import (
	"fmt"
	"slices"
	"time"
)

// Warning is something in a [State] that a program in order does not show for long.
type Warning struct {
	Kind    WarningKind `json:"kind"`              // of which the text says more
	Text    string      `json:"text"`              // a sentence without the period, with the name of what it is about
	Channel uint64      `json:"channel,omitempty"` // that it is about, or 0
	Task    uint64      `json:"task,omitempty"`    // likewise
	Actors  []uint64    `json:"actors,omitempty"`  // of a deadlock, or that has the handles itself
}

// WarningKind is what a [Warning] is about, in a word that suits logs and JSON.
type WarningKind string

// The kinds of warnings. Some need several states: see [Watch].
const (
	Deadlock      WarningKind = "deadlock"       // see [State.Cycles]
	OwnHandle     WarningKind = "own handle"     // an actor waits for a message, or for room, and seems to have all handles of the other side itself
	SenderBlocked WarningKind = "sender blocked" // a send or a reservation waits for more than a second
	NeverReceived WarningKind = "never received" // messages were sent for more than five seconds, and none was taken
	Starved       WarningKind = "starved"        // a task is ready, or blocking work is queued, for more than a second
	LongPoll      WarningKind = "long poll"      // of a polled task, over 100 ms, now or before: it held its worker
	Growing       WarningKind = "growing"        // a queue that only grew, for ten seconds
	LostHandle    WarningKind = "lost handle"    // a handle was garbage and not dropped
	RemoteError   WarningKind = "remote error"   // a remote channel has lost its server, or is refused
	DeadLetters   WarningKind = "dead letters"   // messages of a remote channel were given up in the last minute
)

// The limits of the warnings.
const (
	ownSender    = 3 * time.Second // others had senders, and have dropped them
	ownReceiver  = 6 * time.Second // another actor may have one and be slow to begin
	blockedLimit = time.Second
	unreadLimit  = 5 * time.Second
	starvedLimit = time.Second
	pollLimit    = 100 * time.Millisecond
	growthSpan   = 10 * time.Second
	growthLooks  = 5  // how many states of that span at least
	growthLeast  = 10 // how many messages more at the end of it
)

// Warnings returns the warnings of one state, deadlocks first, then channels,
// remote channels and tasks in the order of the state.
func (s *State) Warnings() []Warning {
	var all []Warning
	cycles := s.Cycles()
	for _, c := range cycles {
		all = append(all, Warning{Kind: Deadlock, Text: s.deadlock(c), Actors: c.Actors})
	}
	all = append(all, s.ownHandles(cycles)...)
	for i := range s.Channels {
		all = append(all, s.ofChannel(&s.Channels[i])...)
	}
	for i := range s.Remote {
		all = append(all, s.ofRemote(&s.Remote[i])...)
	}
	for i := range s.Tasks {
		all = append(all, s.ofTask(&s.Tasks[i])...)
	}
	return all
}

// maxTold is how many actors of a deadlock its text names.
const maxTold = 8

func (s *State) deadlock(c Cycle) string {
	names := s.names()
	text := "nothing outside can wake"
	for i, a := range c.Actors {
		switch {
		case i == maxTold:
			return fmt.Sprintf("%s and %d more", text, len(c.Actors)-i)
		case i > 0:
			text += ","
		}
		text += " " + names.of(a)
		if j := slices.IndexFunc(c.Edges, func(e Edge) bool { return e.From == a }); j >= 0 {
			text += " (" + names.what(c.Edges[j].Op, c.Edges[j].Channel, c.Edges[j].Task) + ")"
		}
	}
	return text
}

func (s *State) ofChannel(c *Channel) (all []Warning) {
	warn := func(k WarningKind, format string, args ...any) {
		all = append(all, Warning{Kind: k, Text: "channel " + titleOf(c.ID, c.Name) + ": " + fmt.Sprintf(format, args...), Channel: c.ID})
	}
	blocked, longest := 0, time.Duration(0)
	for _, w := range c.Waiting {
		if w.Op == "send" || w.Op == "reserve" {
			blocked++
			longest = max(longest, w.For)
		}
	}
	if longest > blockedLimit {
		warn(SenderBlocked, "%s for %v", plural(blocked, "a send waits", "%d sends wait, one of them"), short(longest))
	}
	unread := longest
	if c.Len > 0 && !c.Filled.IsZero() {
		unread = max(unread, s.Taken.Sub(c.Filled))
	}
	if c.Received == 0 && unread > unreadLimit {
		warn(NeverReceived, "nothing was received in %v, and %s", short(unread), plural(c.Len+blocked, "a message waits", "%d messages wait"))
	}
	if c.Collected > 0 {
		warn(LostHandle, "%s, made at %s", plural(int(c.Collected), "a handle was collected and had not been dropped", "%d handles were collected and had not been dropped"), plain(base(c.Site)))
	}
	return all
}

func (s *State) ofTask(t *Task) (all []Warning) {
	warn := func(k WarningKind, format string, args ...any) {
		all = append(all, Warning{Kind: k, Text: "task " + titleOf(t.ID, t.Name) + ": " + fmt.Sprintf(format, args...), Task: t.ID})
	}
	inState := s.Taken.Sub(t.Since)
	switch {
	case t.State == "ready" && inState > starvedLimit:
		warn(Starved, "ready for %v, and no worker is free", short(inState))
	case t.State == "queued" && inState > starvedLimit:
		warn(Starved, "queued for %v behind other blocking work", short(inState))
	}
	if t.Kind == "polled" {
		switch {
		case t.State == "running" && inState > pollLimit:
			warn(LongPoll, "in a poll for %v, which holds its worker", short(inState))
		case t.LongestPoll > pollLimit && t.State != "done":
			warn(LongPoll, "a poll took %v, which held its worker", short(t.LongestPoll))
		}
	}
	return all
}

// Watch finds in states that come one after the other what none of them shows alone:
// queues that only grow. The zero value is ready. It keeps a few numbers for each channel
// of the latest state, and must not be used by several goroutines at once.
type Watch struct {
	queues  map[uint64]*growth
	remotes map[uint64]*remoteWatch
}

// growth is how a queue has grown since it last got shorter. That is looked at in spans:
// one that grew long ago and stands still since then does not grow.
type growth struct {
	begun   time.Time // when it was shorter for the last time
	least   int       // its length then
	last    int
	growing bool // in the span before

	since time.Time // of the span
	from  int
	looks int
}

// Look returns the warnings of s, which is newer than the states before, with those that
// need several states. Look every second or so; with fewer than five states in ten
// seconds growth is not reported.
func (w *Watch) Look(s *State) []Warning {
	all := s.Warnings()
	queues := make(map[uint64]*growth, len(s.Channels))
	for i := range s.Channels {
		c := &s.Channels[i]
		g := w.queues[c.ID]
		if g == nil || c.Len < g.last || c.Len == 0 {
			g = new(growth)
			g.begin(s.Taken, c.Len)
		}
		queues[c.ID] = g
		g.look(s.Taken, c.Len)
		if g.growing {
			all = append(all, Warning{
				Kind: Growing, Channel: c.ID,
				Text: fmt.Sprintf("channel %s: only grew for %v, from %d messages to %d", titleOf(c.ID, c.Name), short(s.Taken.Sub(g.begun)), g.least, c.Len),
			})
		}
	}
	w.queues = queues
	return append(all, w.remote(s)...)
}

func (g *growth) begin(now time.Time, n int) {
	*g = growth{begun: now, least: n, since: now, from: n}
}

func (g *growth) look(now time.Time, n int) {
	g.last = n
	g.looks++
	if now.Sub(g.since) >= growthSpan {
		g.growing = g.looks > growthLooks && n >= g.from+growthLeast
		g.since, g.from, g.looks = now, n, 1
	}
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return fmt.Sprintf(many, n)
}

// short is d in as few digits as a reader wants: three of them.
func short(d time.Duration) time.Duration {
	for _, unit := range [...]time.Duration{time.Second, time.Millisecond, time.Microsecond} {
		for _, digit := range [...]time.Duration{1, 10, 100} {
			if d >= 100*unit/digit {
				return d.Round(unit / digit)
			}
		}
	}
	return d
}
