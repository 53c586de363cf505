package observe

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Sequence writes what happened as a sequence diagram of Mermaid, which many forges and
// editors draw: https://mermaid.js.org/syntax/sequenceDiagram.html
//
//   - A participant is a task or a goroutine.
//   - An arrow is a message, from the sender to the receiver, at the time it was
//     received. Messages of one call that another call received together are one arrow.
//   - A message that is still in its channel, or whose sender was not recorded, goes to or
//     comes from the channel. One that was discarded or evicted ends there in a cross.
//   - Dotted arrows are tasks that are spawned and cancelled.
//   - Notes show the rest, and how many events are missing. That a task has started is left out.
//
// Which messages f selects is decided by what happened to them in the end. What has happened
// after f.Until is not known: a message that was received later is still in its channel.
func (r Recording) Sequence(w io.Writer, f Filter) error {
	if f.Until > 0 {
		n := len(r.Events)
		for n > 0 && r.Events[n-1].Seq > f.Until {
			n--
		}
		r.Events = r.Events[:n]
	}
	d := r.names()
	fits := f.within(d)
	var steps []step
	for _, s := range r.steps(d) {
		if fits.step(s) {
			steps = append(steps, s)
		}
	}
	cast := newCast(d, lastOf(oneGapEach(steps), f.Last), f.Participants)

	out := bufio.NewWriter(w)
	fmt.Fprintln(out, "sequenceDiagram")
	for _, l := range cast.order {
		fmt.Fprintf(out, "    participant %s as %s\n", cast.names[l], mermaidText(cast.title(l)))
	}
	if len(cast.order) == 0 {
		// Mermaid draws nothing at all for nothing.
		fmt.Fprintf(out, "    participant none as %s\n", mermaidText("nothing was recorded"))
	}
	for _, s := range cast.steps {
		switch {
		case s.arrow != "":
			fmt.Fprintf(out, "    %s%s%s: %s\n", cast.names[s.from], s.arrow, cast.names[s.to], mermaidText(s.text))
		case s.gap > 0:
			fmt.Fprintf(out, "    Note over %s: %s\n", cast.everybody(), mermaidText(counted(s.gap, "event")+" missing here"))
		default:
			fmt.Fprintf(out, "    Note over %s: %s\n", cast.names[s.from], mermaidText(s.text))
		}
	}
	return out.Flush()
}

// lifeline is a column of the diagram.
type lifeline struct {
	kind lifelineKind
	id   uint64 // of the actor or the channel
}

type lifelineKind byte

const (
	actorLine lifelineKind = iota + 1
	channelLine
	othersLine // all that a limit has left no column of their own
)

// cast is the participants of the steps that are drawn.
type cast struct {
	directory
	steps []step
	order []lifeline // from left to right
	// names are what the diagram calls them inside. They are made of the places and not of
	// the IDs, so that a program that does the same again has the same diagram.
	names  map[lifeline]string
	titles map[string]int    // how many have this name
	others map[lifeline]bool // actors and channels without a column
}

// newCast finds the columns for the steps. They are in the order in which they first have
// something to do, so that most arrows are short and the diagram reads from left to right.
func newCast(d directory, steps []step, limit int) *cast {
	c := &cast{directory: d, names: make(map[lifeline]string), titles: make(map[string]int), others: make(map[lifeline]bool)}
	c.leaveOut(steps, limit)
	for _, s := range steps {
		s.from, s.to = c.column(s.from), c.column(s.to)
		if s.gap == 0 && s.from.kind == othersLine && (s.to.kind == othersLine || s.to.kind == 0) {
			continue // what they do among themselves
		}
		c.steps = append(c.steps, s)
		for _, l := range []lifeline{s.from, s.to} {
			if l.kind != 0 && c.names[l] == "" {
				c.order = append(c.order, l)
				c.names[l] = fmt.Sprintf("p%d", len(c.order))
				c.titles[legible(c.name(l))]++
			}
		}
	}
	return c
}

// leaveOut chooses the actors beyond the limit: those with the fewest steps, and of two with
// as many the one that came later.
func (c *cast) leaveOut(steps []step, limit int) {
	count := make(map[lifeline]int)
	var actors []lifeline
	for _, s := range steps {
		for _, l := range []lifeline{s.from, s.to} {
			if l.kind != actorLine {
				continue
			}
			if count[l] == 0 {
				actors = append(actors, l)
			}
			count[l]++
		}
	}
	if limit <= 0 || len(actors) <= limit {
		return
	}
	slices.SortStableFunc(actors, func(a, b lifeline) int { return count[b] - count[a] })
	for _, l := range actors[limit:] {
		c.others[l] = true
	}
}

func (c *cast) column(l lifeline) lifeline {
	if c.others[l] {
		return lifeline{kind: othersLine}
	}
	return l
}

func (c *cast) name(l lifeline) string {
	switch l.kind {
	case actorLine:
		return c.who(l.id)
	case channelLine:
		return c.theChannel(l.id)
	}
	return counted(uint64(len(c.others)), "other")
}

// title is the name of a column, with its number if another column has the name too.
func (c *cast) title(l lifeline) string {
	name := c.name(l)
	if c.titles[legible(name)] > 1 {
		return fmt.Sprintf("%s (%d)", legible(name), l.id)
	}
	return name
}

// everybody returns all columns, for a note across them.
func (c *cast) everybody() string {
	switch n := len(c.order); n {
	case 0:
		return "none"
	case 1:
		return c.names[c.order[0]]
	default:
		return c.names[c.order[0]] + "," + c.names[c.order[n-1]]
	}
}

// who returns the name of an actor.
func (d directory) who(id uint64) string {
	a, known := d.actors[id]
	switch {
	case id == 0:
		return "unknown"
	case strings.TrimSpace(a.Name) != "":
		return a.Name
	case a.Task:
		return fmt.Sprintf("task %d", id)
	case known && a.Goroutine != 0:
		return fmt.Sprintf("goroutine %d", a.Goroutine)
	}
	return fmt.Sprintf("actor %d", id)
}

// channel returns the name of a channel.
func (d directory) channel(id uint64) string {
	if name := d.channels[id]; strings.TrimSpace(name) != "" {
		return name
	}
	return fmt.Sprintf("channel %d", id)
}

// theChannel returns it where a name alone would not say what it is the name of.
func (d directory) theChannel(id uint64) string {
	if name := d.channel(id); name == d.channels[id] {
		return "channel " + name
	}
	return d.channel(id)
}

func counted(n uint64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
