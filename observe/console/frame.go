package console

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/handoff-go/handoff/observe"
)

// frameRows are the rows of all tables at one look.
type frameRows struct {
	channels, tasks, remote table
}

// table is one of them. index tells where the row of an id is.
type table struct {
	rows  []row
	index map[uint64]int
}

func rowsOf(s *observe.State) frameRows {
	return frameRows{tableOf(s.Channels, channelRow), tableOf(s.Tasks, taskRow), remoteRows(s)}
}

func tableOf[T any](items []T, encode func(*T) row) table {
	t := table{make([]row, len(items)), make(map[uint64]int, len(items))}
	for i := range items {
		t.rows[i] = encode(&items[i])
		t.index[t.rows[i].id] = i
	}
	return t
}

// maxWarnings bounds how many warnings a frame carries: a program with more needs no longer
// list, and a program that is stuck as a whole may have one for each channel.
const maxWarnings = 100

// frame is what a page gets. A page that has the frame before applies it; a full one
// stands for itself. These are the parts that are small; the tables are written by hand.
type frame struct {
	Full     bool                `json:"full"`
	Seq      uint64              `json:"seq"`
	Now      int64               `json:"now"`
	Every    int64               `json:"every"`
	Level    string              `json:"level"`
	Events   uint64              `json:"events"`
	Lost     uint64              `json:"lost"`
	Columns  map[string][]string `json:"columns,omitempty"`
	Warnings []observe.Warning   `json:"warnings"`
	Warned   int                 `json:"warned"` // how many warnings there are in all
	Channels json.RawMessage     `json:"channels"`
	Tasks    json.RawMessage     `json:"tasks"`
	Remote   json.RawMessage     `json:"remote"`
}

// encodeFrame returns the frame of l as JSON, which has no newline: against the rows of
// the look before, or in full.
func encodeFrame(l *look, every time.Duration, before *frameRows) []byte {
	f := frame{
		Full: before == nil, Seq: l.seq,
		Now: l.state.Taken.UnixMilli(), Every: every.Milliseconds(),
		Level: l.state.Level, Events: l.state.Events, Lost: l.state.Lost,
		Warnings: l.warnings[:min(len(l.warnings), maxWarnings)], Warned: len(l.warnings),
	}
	if before == nil {
		f.Columns = columns
		before = &frameRows{}
	}
	f.Channels = l.rows.channels.since(before.channels)
	f.Tasks = l.rows.tasks.since(before.tasks)
	f.Remote = l.rows.remote.since(before.remote)
	data, err := json.Marshal(f)
	if err != nil {
		panic(err) // all of it is of types that cannot fail
	}
	return data
}

// since returns the rows of t that are new or different, and the ids of those that are
// gone, as {"made":[...],"now":[...],"gone":[...]}.
func (t table) since(before table) json.RawMessage {
	var made, now [][]byte
	for _, r := range t.rows {
		i, known := before.index[r.id]
		if !known {
			made = append(made, r.made)
		}
		if !known || !bytes.Equal(r.now, before.rows[i].now) {
			now = append(now, r.now)
		}
	}
	var gone array
	for _, r := range before.rows {
		if _, still := t.index[r.id]; !still {
			gone = gone.uint(r.id)
		}
	}
	if gone == nil {
		gone = array("[")
	}
	out := []byte(`{"made":[`)
	out = append(out, bytes.Join(made, []byte(","))...)
	out = append(out, `],"now":[`...)
	out = append(out, bytes.Join(now, []byte(","))...)
	out = append(out, `],"gone":`...)
	return append(append(out, gone.end()...), '}')
}
