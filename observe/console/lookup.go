package console

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"github.com/handoff-go/handoff/observe"
)

// Limits on what one answer carries.
const (
	maxEvents  = 500
	maxWaiters = 150 // in the graph; more cannot be made out
)

// state is the whole snapshot, for programs.
func (h *handler) state(w http.ResponseWriter, r *http.Request) {
	state := h.hub.read()
	answer(w, state)
}

// detail is one channel or task with its latest events, or one remote channel.
func (h *handler) detail(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseUint(r.URL.Query().Get("id"), 10, 64)
	if err != nil {
		http.Error(w, "detail?id=NUMBER", http.StatusBadRequest)
		return
	}
	state, recorded := h.hub.readEvents()
	var d struct {
		Now     int64             `json:"now"`
		Channel *observe.Channel  `json:"channel,omitempty"`
		Task    *observe.Task     `json:"task,omitempty"`
		Remote  *observe.Remote   `json:"remote,omitempty"`
		Events  []observe.Event   `json:"events"`
		Names   map[uint64]naming `json:"names"`
	}
	d.Now = state.Taken.UnixMilli()
	if i := slices.IndexFunc(state.Channels, func(c observe.Channel) bool { return c.ID == id }); i >= 0 {
		d.Channel = &state.Channels[i]
	} else if i := slices.IndexFunc(state.Tasks, func(t observe.Task) bool { return t.ID == id }); i >= 0 {
		d.Task = &state.Tasks[i]
	} else if i := slices.IndexFunc(state.Remote, func(r observe.Remote) bool { return r.ID == id }); i >= 0 {
		d.Remote = &state.Remote[i]
	}
	d.Events = latest(recorded.Events, 100, id)
	if d.Channel == nil && d.Task == nil && d.Remote == nil && len(d.Events) == 0 {
		http.Error(w, "nothing is known of that number any more", http.StatusNotFound)
		return
	}
	names := namesOf(state, recorded)
	d.Names = names.used(d.Channel, d.Task, d.Events)
	if d.Remote != nil {
		d.Names[id] = names[id]
	}
	answer(w, d)
}

// recent is the latest events: of everything, or with id those of one channel or actor.
func (h *handler) recent(w http.ResponseWriter, r *http.Request) {
	state, recorded := h.hub.readEvents()
	chosen := chosenEvents(r, recorded.Events)
	answer(w, struct {
		Now    int64             `json:"now"`
		Level  string            `json:"level"`
		Events []observe.Event   `json:"events"`
		Names  map[uint64]naming `json:"names"`
	}{state.Taken.UnixMilli(), state.Level, chosen, namesOf(state, recorded).used(nil, nil, chosen)})
}

// sequence is the same as text in the language of Mermaid. It is a filter of all events: what
// is left out is not missing, and a message may have been sent before the first of them.
func (h *handler) sequence(w http.ResponseWriter, r *http.Request) {
	state, recorded := h.hub.readEvents()
	var f observe.Filter
	if chosen := chosenEvents(r, recorded.Events); len(chosen) > 0 {
		f.Since = max(chosen[0].Seq, 1) - 1
	}
	if id := chosenID(r); id != 0 {
		only := []string{strconv.FormatUint(id, 10)}
		if namesOf(state, recorded)[id].Kind == "channel" {
			f.Channels = only
		} else {
			f.Actors = only
		}
	}
	var text bytes.Buffer
	if err := recorded.Sequence(&text, f); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write(text.Bytes())
}

func chosenEvents(r *http.Request, events []observe.Event) []observe.Event {
	n, err := strconv.Atoi(r.URL.Query().Get("n"))
	if err != nil || n < 1 {
		n = 100
	}
	return latest(events, min(n, maxEvents), chosenID(r))
}

// chosenID is what the request is about, or 0.
func chosenID(r *http.Request) uint64 {
	id, err := strconv.ParseUint(r.URL.Query().Get("id"), 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// latest returns the last n events, the oldest first; with an id, of those that name it.
func latest(events []observe.Event, n int, id uint64) []observe.Event {
	if id == 0 {
		return append([]observe.Event{}, events[max(0, len(events)-n):]...)
	}
	found := []observe.Event{}
	for _, e := range slices.Backward(events) {
		if e.Channel == id || e.Task == id || e.Actor == id {
			if found = append(found, e); len(found) == n {
				break
			}
		}
	}
	slices.Reverse(found)
	return found
}

// graph serves the wait-for graph: the longest waits and all that belong to a deadlock,
// with the actors that could end them.
func (h *handler) graph(w http.ResponseWriter, r *http.Request) {
	state := h.hub.read()
	cycles := state.Cycles()
	inCycle := make(map[uint64]bool)
	for _, cycle := range cycles {
		for _, actor := range cycle.Actors {
			inCycle[actor] = true
		}
	}
	waits := waitsOf(state)
	slices.SortStableFunc(waits, func(a, b observe.Waiting) int {
		if inCycle[a.Actor] != inCycle[b.Actor] {
			if inCycle[a.Actor] {
				return -1
			}
			return 1
		}
		return a.Since.Compare(b.Since)
	})
	total := len(waits)
	waits = waits[:min(total, maxWaiters)]
	answer(w, struct {
		Now    int64                       `json:"now"`
		Waits  []observe.Waiting           `json:"waits"`
		Total  int                         `json:"total"`
		Users  map[uint64][]observe.Handle `json:"users"` // of the channels that are waited on
		Cycles []observe.Cycle             `json:"cycles"`
		Names  map[uint64]naming           `json:"names"`
	}{state.Taken.UnixMilli(), waits, total, usersOf(state, waits), cycles, namesOf(state, observe.Recording{})})
}

func answer(w http.ResponseWriter, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(data)
}
