package observe

import (
	"cmp"
	"slices"
	"time"
)

// step is one line of a sequence diagram: an arrow, a note, or a gap.
type step struct {
	seq     uint64
	kinds   []Kind // of the events that it shows
	channel uint64
	actors  [2]uint64 // the actors in it, for the filter

	arrow    string // how Mermaid writes it; "": a note over from
	from, to lifeline
	text     string
	gap      uint64 // so many events are missing before this
}

// The arrows that are used here.
const (
	solid   = "->>"
	cross   = "-x"
	open    = "-)" // Mermaid's sign for a message without a reply
	dotted  = "-->>"
	dottedX = "--x"
)

// steps returns everything that a diagram of r can show, in order.
func (r Recording) steps(d directory) []step {
	var all []step
	for _, f := range flights(r.Events) {
		all = append(all, d.message(f))
	}
	waits := make(waits)
	for i, e := range r.Events {
		if gap := r.gap(i); gap > 0 {
			all = append(all, step{seq: e.Seq, gap: gap})
		}
		if s, ok := d.step(e, waits); ok {
			all = append(all, s)
		}
	}
	// A gap and the event after it have the same number.
	slices.SortStableFunc(all, func(a, b step) int {
		return cmp.Or(cmp.Compare(a.seq, b.seq), cmp.Compare(b.gap, a.gap))
	})
	return all
}

// gap returns how many events are missing before event i.
func (r Recording) gap(i int) uint64 {
	seq := r.Events[i].Seq
	if i == 0 {
		// Numbers go on when recording is switched on again, so the first may be a high one.
		return min(r.Lost, max(seq, 1)-1)
	}
	return seq - min(seq, r.Events[i-1].Seq+1)
}

func (s selection) step(st step) bool {
	if !s.seq(st.seq) {
		return false
	}
	if st.gap > 0 {
		return true // what is missing may be anything
	}
	return slices.ContainsFunc(st.kinds, s.kind) && s.channel(st.channel) &&
		(s.actor(st.actors[0]) || s.actor(st.actors[1]))
}

// oneGapEach adds up gaps with nothing between them, and drops those at the end.
func oneGapEach(steps []step) []step {
	var all []step
	for _, s := range steps {
		if n := len(all); s.gap > 0 && n > 0 && all[n-1].gap > 0 {
			all[n-1].gap += s.gap
			continue
		}
		all = append(all, s)
	}
	if n := len(all); n > 1 && all[n-1].gap > 0 {
		all = all[:n-1]
	}
	return all
}

// message is the arrow of a flight.
func (d directory) message(f flight) step {
	s := step{seq: f.seq(), channel: f.channel, arrow: solid, text: d.channel(f.channel)}
	s.from = lifeline{channelLine, f.channel}
	s.to = s.from
	if f.sent != nil {
		s.kinds = append(s.kinds, Sent)
		s.actors[0] = f.sent.Actor
		s.from = lifeline{actorLine, f.sent.Actor}
	}
	s.text += f.numbers()
	if label := f.label(); label != "" {
		s.text += ": " + label
	}
	if f.taken == nil {
		s.arrow = open
		return s
	}
	s.kinds = append(s.kinds, f.taken.Kind)
	s.actors[1] = f.taken.Actor
	if f.taken.Kind == Received {
		s.to = lifeline{actorLine, f.taken.Actor}
		return s
	}
	s.arrow = cross
	s.text += " " + string(f.taken.Kind)
	return s
}

// step is what a diagram shows for an event that is no message.
func (d directory) step(e Event, waits waits) (step, bool) {
	s := step{seq: e.Seq, kinds: []Kind{e.Kind}, channel: e.Channel, actors: [2]uint64{e.Actor, e.Task}}
	task := lifeline{actorLine, e.Task}
	s.from = lifeline{actorLine, e.Actor}
	switch {
	case e.Actor != 0:
	case e.Channel != 0:
		s.from = lifeline{channelLine, e.Channel} // better than an unknown actor
	default:
		s.from = task
	}
	channel := d.channel(e.Channel)
	switch e.Kind {
	case Made:
		s.text = "creates " + d.theChannel(e.Channel)
	case Cloned:
		s.text = "clones a " + side(e) + " of " + channel
	case Dropped:
		s.text = "drops a " + side(e) + " of " + channel
	case Collected:
		s.text = "a " + side(e) + " of " + channel + " was collected, not dropped"
	case Closed:
		s.text = because("closes "+channel, e.Text)
	case Blocked:
		waits.begin(e)
		s.text = d.waiting(e)
	case Resumed:
		s.text = "goes on"
		if took, known := waits.end(e); known {
			s.text += " after " + brief(took)
		}
		s.text = because(s.text, e.Text)
	case Spawned:
		s.text = "is spawned"
		if e.Actor != 0 {
			s.arrow, s.to, s.text = dotted, task, "spawns"
		}
	case Cancelled:
		s.text = "is cancelled"
		if e.Actor != 0 {
			s.arrow, s.to, s.text = dottedX, task, "cancels"
		}
	case Finished:
		s.from, s.text = task, because("returns", e.Text)
	case Panicked:
		s.from, s.text = task, because("panics", e.Text)
	default:
		return step{}, false
	}
	return s, true
}

// waiting returns what an actor waits for.
func (d directory) waiting(e Event) string {
	channel := d.channel(e.Channel)
	switch e.Op {
	case "send":
		return "waits to send to " + channel
	case "reserve":
		return "waits for slots of " + channel
	case "recv":
		return "waits for " + channel
	case "close":
		return "waits for the end of " + channel
	case "join":
		return "waits for the end of " + d.who(e.Task)
	case "sleep":
		return "sleeps"
	}
	return because("waits", e.Text)
}

func because(what, why string) string {
	if why == "" {
		return what
	}
	return what + ": " + why
}

func side(e Event) string {
	if e.Side == "" {
		return "handle"
	}
	return e.Side
}

// brief returns a duration with three digits or so: nanoseconds after seconds are noise.
func brief(d time.Duration) string {
	unit := time.Duration(1)
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(unit).String()
}

// waits finds the beginning of a wait when it is over.
type waits map[waitKey]Event

type waitKey struct {
	actor, channel, task uint64
	op                   string
}

func keyOf(e Event) waitKey { return waitKey{e.Actor, e.Channel, e.Task, e.Op} }

func (w waits) begin(e Event) { w[keyOf(e)] = e }

// end returns how long the wait has taken, if its beginning is known.
func (w waits) end(e Event) (time.Duration, bool) {
	began, known := w[keyOf(e)]
	delete(w, keyOf(e))
	return max(e.Time.Sub(began.Time), 0), known && e.Actor != 0
}
