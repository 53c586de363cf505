package observe

import (
	"io"
	"time"
)

// Trace writes what happened as a trace that Perfetto and chrome://tracing open: one row
// for each task and goroutine, with the time that it runs and waits, and an arrow for each
// message from where it was sent to where it was received, and from where a task was
// spawned to where it starts. An actor that waits in two operations at once has a row for each.
//
// It is JSON in the Trace Event Format, which https://perfetto.dev/docs/getting-started/other-formats
// calls the Chrome JSON format. The times are those since the first event. A wait or a task
// whose beginning or end is not among the events that f selects reaches to the first or the
// last of them. Filter.Participants has no effect.
func (r Recording) Trace(w io.Writer, f Filter) error {
	b := traceBuilder{directory: r.names(), rows: make(map[uint64]*traceRow), points: make(map[uint64]*slice)}
	events := r.Select(f)
	if len(events) > 0 {
		b.span(events)
	}
	open := make(map[waitKey]*slice)
	tasks := make(map[uint64]*slice)
	for _, e := range events {
		b.wait(open, e)
		b.task(tasks, e)
		b.point(e)
	}
	b.connect(flights(r.Events), tasks)
	fits := f.within(b.directory)
	for i, e := range r.Events {
		if n := r.gap(i); n > 0 && fits.seq(e.Seq) {
			b.marks = append(b.marks, mark{at: b.at(e), name: counted(n, "event") + " missing here"})
		}
	}
	return b.write(w)
}

// traceBuilder collects the slices of the rows and what is between them.
type traceBuilder struct {
	directory
	start time.Time
	end   time.Duration // of the last event since start

	rows   map[uint64]*traceRow // by actor
	order  []*traceRow          // in which they first appeared
	points map[uint64]*slice    // of messages, by the number of the event
	spawns []*slice
	flows  []flow
	marks  []mark
}

// traceRow is what an actor did.
type traceRow struct {
	actor  uint64
	slices []*slice
	lanes  int // how many rows it takes to show them
	first  int // the number of the first of these
}

// slice is a time on a row.
type slice struct {
	row        *traceRow
	lane       int
	from, to   time.Duration // since the first event
	point      bool          // it has no length of its own
	name, kind string
	about      *Event
	result     string // how it ended, if that is known and not plain
}

// flow is an arrow between two points.
type flow struct {
	name     string
	kind     string
	from, to *slice
}

// mark is a moment on a row, or if it has none on all of them.
type mark struct {
	row  *traceRow
	at   time.Duration
	name string
	// about is nil for what is no event.
	about *Event
}

// span finds the beginning and the end. Events are in the order of their numbers, and two
// that were recorded at once may have their times swapped.
func (b *traceBuilder) span(events []Event) {
	b.start = events[0].Time
	for _, e := range events {
		if e.Time.Before(b.start) {
			b.start = e.Time
		}
	}
	for _, e := range events {
		b.end = max(b.end, b.at(e))
	}
}

func (b *traceBuilder) at(e Event) time.Duration { return max(e.Time.Sub(b.start), 0) }

func (b *traceBuilder) row(actor uint64) *traceRow {
	row := b.rows[actor]
	if row == nil {
		row = &traceRow{actor: actor}
		b.rows[actor] = row
		b.order = append(b.order, row)
	}
	return row
}

func (b *traceBuilder) add(s slice) *slice {
	s.row.slices = append(s.row.slices, &s)
	return &s
}

// wait turns Blocked and Resumed into slices.
func (b *traceBuilder) wait(open map[waitKey]*slice, e Event) {
	key := keyOf(e)
	s := open[key]
	switch e.Kind {
	case Blocked:
		if s != nil {
			s.to = max(s.from, b.at(e)) // its end is missing; it was before this
		}
		open[key] = b.add(slice{row: b.row(e.Actor), from: b.at(e), to: b.end, name: b.waiting(e), kind: "wait", about: &e})
	case Resumed:
		if s == nil {
			s = b.add(slice{row: b.row(e.Actor), name: b.waiting(e), kind: "wait", about: &e})
		}
		s.to, s.result = max(s.from, b.at(e)), e.Text
		delete(open, key)
	}
}

// task turns Started and what ends a task into slices.
func (b *traceBuilder) task(tasks map[uint64]*slice, e Event) {
	s := tasks[e.Task]
	switch e.Kind {
	case Started:
		tasks[e.Task] = b.add(slice{row: b.row(e.Task), from: b.at(e), to: b.end, name: b.who(e.Task), kind: "task", about: &e})
	case Finished, Panicked:
		if s == nil {
			s = b.add(slice{row: b.row(e.Task), name: b.who(e.Task), kind: "task", about: &e})
			tasks[e.Task] = s
		}
		s.to = max(s.from, b.at(e))
		if e.Text != "" {
			s.result = because(string(e.Kind), e.Text)
		}
	}
}

// point adds what takes no time.
func (b *traceBuilder) point(e Event) {
	name := string(e.Kind)
	actor := e.Actor
	switch e.Kind {
	case Sent, Received:
		name += " " + b.channel(e.Channel)
	case Spawned:
		name = "spawns " + b.who(e.Task)
	case Made, Cloned, Dropped, Collected, Closed, Evicted, Discarded:
		if e.Side != "" {
			name = e.Side + " " + name
		}
		b.marks = append(b.marks, mark{b.row(actor), b.at(e), b.channel(e.Channel) + ": " + name, &e})
		return
	case Cancelled, Panicked:
		b.marks = append(b.marks, mark{b.row(e.Task), b.at(e), name, &e})
		return
	default:
		return
	}
	s := b.add(slice{row: b.row(actor), from: b.at(e), point: true, name: name, kind: "event", about: &e})
	if e.Kind == Spawned {
		b.spawns = append(b.spawns, s)
	} else {
		b.points[e.Seq] = s
	}
}

// connect adds the arrows between slices that are there.
func (b *traceBuilder) connect(all []flight, tasks map[uint64]*slice) {
	for _, f := range all {
		if f.sent == nil || f.taken == nil || f.taken.Kind != Received {
			continue
		}
		from, to := b.points[f.sent.Seq], b.points[f.taken.Seq]
		if from == nil || to == nil {
			continue
		}
		// A receive may be recorded before its send; an arrow into the past is not drawn.
		to.from = max(to.from, from.from)
		b.flows = append(b.flows, flow{b.channel(f.channel) + f.numbers(), "message", from, to})
	}
	for _, s := range b.spawns {
		if to := tasks[s.about.Task]; to != nil && to.about.Kind == Started && to.from >= s.from {
			b.flows = append(b.flows, flow{"spawn", "spawn", s, to})
		}
	}
}
