package observe

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
)

// record is one element of traceEvents. The letters of Phase and what belongs to each are
// those of the Trace Event Format:
// https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
type record struct {
	Name     string  `json:"name"`
	Category string  `json:"cat,omitempty"`
	Phase    string  `json:"ph"`
	Time     micros  `json:"ts"`
	Duration *micros `json:"dur,omitempty"` // of a slice
	Process  int     `json:"pid"`
	Thread   int     `json:"tid"`
	Flow     int     `json:"id,omitempty"`
	Bind     string  `json:"bp,omitempty"` // "e": the arrow ends at the slice around it, not at the next
	Scope    string  `json:"s,omitempty"`  // of a mark
	Args     any     `json:"args,omitempty"`
}

// The phases that are used here.
const (
	metadata = "M"
	complete = "X"
	instant  = "i"
	flowFrom = "s"
	flowTo   = "f"
)

// process is the only one.
const process = 1

// micros is written in microseconds, as the format wants, with the nanoseconds after the
// point. As a float64 it could not hold both for a program that runs for long.
type micros time.Duration

// MarshalJSON returns a number.
func (m micros) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, "%d.%03d", m/1000, m%1000), nil
}

// details is what a viewer shows of a record that is selected.
type details struct {
	Event   uint64 `json:"event"` // its Seq
	Channel string `json:"channel,omitempty"`
	Message uint64 `json:"message,omitempty"`
	Count   int    `json:"count,omitempty"`
	Text    string `json:"text,omitempty"`
	Result  string `json:"result,omitempty"`
}

func (b *traceBuilder) details(e *Event, result string) any {
	if e == nil {
		return nil
	}
	d := details{Event: e.Seq, Message: e.Message, Count: e.Count, Text: legible(e.Text), Result: legible(result)}
	if e.Channel != 0 {
		d.Channel = legible(b.channel(e.Channel))
	}
	return d
}

// write writes it record by record, so that a long trace is not in memory as text as well.
func (b *traceBuilder) write(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, `{"displayTimeUnit":"ns","traceEvents":[`)
	separator := "\n"
	for _, r := range b.records() {
		text, err := json.Marshal(r)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s%s", separator, text)
		separator = ",\n"
	}
	fmt.Fprintln(out, "\n]}")
	return out.Flush()
}

// records returns all records in the order of their times.
func (b *traceBuilder) records() []record {
	all := []record{about("process_name", 0, "name", "handoff")}
	next := 1
	for _, row := range b.order {
		row.layOut()
		row.first = next
		next += row.lanes
		for lane := range row.lanes {
			name := legible(b.who(row.actor))
			if lane > 0 {
				name += " (more)"
			}
			thread := row.first + lane
			all = append(all, about("thread_name", thread, "name", name), about("thread_sort_index", thread, "sort_index", thread))
		}
	}
	head := len(all)
	for _, row := range b.order {
		for _, s := range row.slices {
			duration := micros(s.to - s.from)
			all = append(all, record{
				Name: legible(s.name), Category: s.kind, Phase: complete, Time: micros(s.from), Duration: &duration,
				Process: process, Thread: s.thread(), Args: b.details(s.about, s.result),
			})
		}
	}
	for i, f := range b.flows {
		r := record{Name: legible(f.name), Category: f.kind, Process: process, Flow: i + 1}
		r.Phase, r.Time, r.Thread = flowFrom, micros(f.from.from), f.from.thread()
		all = append(all, r)
		r.Phase, r.Time, r.Thread, r.Bind = flowTo, micros(f.to.from), f.to.thread(), "e"
		all = append(all, r)
	}
	for _, m := range b.marks {
		r := record{Name: legible(m.name), Phase: instant, Time: micros(m.at), Process: process, Scope: "g", Args: b.details(m.about, "")}
		if m.row != nil {
			r.Thread, r.Scope = m.row.first, "t"
		}
		all = append(all, r)
	}
	// Stable: slices come before what is bound to them, and outer slices before inner ones.
	slices.SortStableFunc(all[head:], func(a, b record) int { return cmp.Compare(a.Time, b.Time) })
	return all
}

func (s *slice) thread() int { return s.row.first + s.lane }

// about names a process or a thread.
func about(what string, thread int, key string, value any) record {
	return record{Name: what, Phase: metadata, Process: process, Thread: thread, Args: map[string]any{key: value}}
}
