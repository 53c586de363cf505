package observe

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"
)

// Topology writes which actor sends to which through which channel, as a flowchart of Mermaid:
// https://mermaid.js.org/syntax/flowchart.html
//
// Boxes are tasks and goroutines, round boxes channels. An arrow into a channel or out of
// it has the number of messages that were sent or received, and how many that were in a
// second from the first to the last event. Both are of the events that f selects. A dotted
// arrow is an actor that has a handle and has not used it in that time.
func (r Recording) Topology(w io.Writer, f Filter) error {
	d := r.names()
	events := r.Select(f)
	counts := traffic(events)
	r.addHandles(counts, f.within(d))

	var steps []step
	for e := range counts {
		steps = append(steps, step{channel: e.channel(), from: e.from, to: e.to})
	}
	slices.SortFunc(steps, func(a, b step) int {
		// Of each channel the senders before the receivers, which is how it is read.
		return cmp.Or(cmp.Compare(a.channel, b.channel), cmp.Compare(a.from.kind, b.from.kind),
			cmp.Compare(a.from.id, b.from.id), cmp.Compare(a.to.id, b.to.id))
	})
	cast := newCast(d, steps, f.Participants)

	out := bufio.NewWriter(w)
	fmt.Fprintln(out, "flowchart LR")
	for _, l := range cast.order {
		if l.kind == channelLine {
			fmt.Fprintf(out, "    %s(\"%s\")\n", cast.names[l], mermaidText(cast.title(l)))
		} else {
			fmt.Fprintf(out, "    %s[\"%s\"]\n", cast.names[l], mermaidText(cast.title(l)))
		}
	}
	if len(cast.order) == 0 {
		fmt.Fprintf(out, "    none[\"%s\"]\n", mermaidText("nothing was recorded"))
	}
	var span time.Duration
	if n := len(events); n > 0 {
		span = events[n-1].Time.Sub(events[0].Time)
	}
	merged := make(map[edge]uint64) // the others share their arrows
	for e, n := range counts {
		merged[edge{cast.column(e.from), cast.column(e.to)}] += n
	}
	for _, s := range cast.steps {
		e := edge{s.from, s.to}
		n, open := merged[e]
		delete(merged, e)
		switch {
		case !open: // drawn already
		case n == 0:
			fmt.Fprintf(out, "    %s -.-> %s\n", cast.names[e.from], cast.names[e.to])
		default:
			fmt.Fprintf(out, "    %s -->|\"%s\"| %s\n", cast.names[e.from], mermaidText(volume(n, span)), cast.names[e.to])
		}
	}
	return out.Flush()
}

// edge is an arrow between an actor and a channel, in the direction of the messages.
type edge struct{ from, to lifeline }

func (e edge) channel() uint64 {
	if e.from.kind == channelLine {
		return e.from.id
	}
	return e.to.id
}

// traffic counts the messages on each edge.
func traffic(events []Event) map[edge]uint64 {
	counts := make(map[edge]uint64)
	for _, e := range events {
		actor, channel := lifeline{actorLine, e.Actor}, lifeline{channelLine, e.Channel}
		switch e.Kind {
		case Sent:
			counts[edge{actor, channel}] += uint64(max(e.Count, 1))
		case Received:
			counts[edge{channel, actor}] += uint64(max(e.Count, 1))
		}
	}
	return counts
}

// addHandles adds the actors that could send and receive, without a count.
func (r Recording) addHandles(counts map[edge]uint64, fits selection) {
	for _, c := range r.Channels {
		channel := lifeline{channelLine, c.ID}
		for _, h := range c.Handles {
			if h.User == 0 || !fits.channel(c.ID) || !fits.actor(h.User) {
				continue
			}
			e := edge{lifeline{actorLine, h.User}, channel}
			if h.Side == "receiver" {
				e = edge{channel, e.from}
			}
			counts[e] += 0
		}
	}
}

// volume is a number of messages and their rate.
func volume(n uint64, span time.Duration) string {
	if span <= 0 {
		return strconv.FormatUint(n, 10)
	}
	return fmt.Sprintf("%d, %s/s", n, rate(float64(n)/span.Seconds()))
}

// rate returns a number with two digits or more, and without a power of ten.
func rate(perSecond float64) string {
	switch {
	case perSecond >= 10:
		return strconv.FormatFloat(perSecond, 'f', 0, 64)
	case perSecond >= 1:
		return strconv.FormatFloat(perSecond, 'f', 1, 64)
	}
	return strconv.FormatFloat(perSecond, 'g', 2, 64)
}
