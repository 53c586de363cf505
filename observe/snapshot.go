package observe

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/handoff-go/handoff/internal/probe"
)

// Snapshot returns the state of everything that is observed: the channels and tasks that
// were made while recording was on and that are in use, the oldest first, and the last
// tasks that have ended: 64 that have panicked or failed and 64 others. It takes the lock
// of each channel and of each task for a moment, one after the other, so it may be called
// in a program that is busy, every second or so. Of channels elsewhere it says what is
// known, without waiting for a server: see [Register].
func Snapshot() *State {
	s := &State{
		Taken:  time.Now(),
		Level:  levelName(probe.On()),
		Events: probe.Recorded(),
		Lost:   probe.Lost(),
	}
	channels := probe.Channels()
	tasks := append(probe.Ended(), probe.Tasks()...) // of one that is in both, the end
	slices.SortStableFunc(tasks, func(a, b probe.Task) int { return cmp.Compare(a.ID, b.ID) })
	tasks = slices.CompactFunc(tasks, func(a, b probe.Task) bool { return a.ID == b.ID })
	s.Channels = make([]Channel, 0, len(channels))
	for i := range channels {
		s.Channels = append(s.Channels, channelOf(&channels[i], s.Taken))
	}
	s.Tasks = make([]Task, 0, len(tasks))
	for i := range tasks {
		s.Tasks = append(s.Tasks, taskOf(&tasks[i], s.Taken))
	}
	s.Remote = []Remote{}
	if s.Level != levelName(probe.Off) {
		s.Remote = remoteRows()
	}
	s.completeTasks()
	s.nameActors()
	return s
}

func levelName(l probe.Level) string {
	return [...]string{"off", "counts", "events"}[l]
}

func channelOf(c *probe.Channel, now time.Time) Channel {
	out := Channel{
		ID: c.ID, Name: c.Name, Site: c.Site, Message: c.Message, Flavour: c.Face + " bounded", Capacity: c.Capacity, Made: c.Made, Filled: c.Filled,
		Len: c.Len, HighWater: c.HighWater, Senders: c.Senders, Receivers: c.Receivers, Weak: c.Weak, Reserved: c.Reserved,
		Sent: c.Sent, Received: c.Received, Discarded: c.Discarded, Evicted: c.Evicted, Collected: c.Collected, TimesFull: c.Full,
		LastSent: c.LastSent, LastReceived: c.LastReceived, Closed: c.Closed, Cause: c.Cause,
		Waiting: waitingOf(c.Waiting, now),
		Handles: make([]Handle, 0, len(c.Handles)),
	}
	switch c.Capacity {
	case -1:
		out.Flavour = c.Face + " unbounded"
	case 0:
		out.Flavour = c.Face + " rendezvous"
	}
	out.SenderHolder, out.ReceiverHolder = (*Holder)(c.SenderHolder), (*Holder)(c.ReceiverHolder)
	for _, h := range c.Handles {
		out.Handles = append(out.Handles, Handle{sideNames[h.Side], h.User, h.Used})
	}
	return out
}

func taskOf(t *probe.Task, now time.Time) Task {
	out := Task{
		ID: t.ID, Runtime: t.Runtime, Number: t.Number, Name: t.Name, Parent: t.Parent, Site: t.Site, Kind: t.Kind, State: t.State, Spawned: t.Spawned, Since: t.StateSince,
		QueueWait: t.QueueWait, RunTime: t.RunTime, Polls: t.Polls, LongestPoll: t.LongestPoll,
		Waiting: waitingOf(t.Waiting, now),
		Err:     t.Err, Panic: t.Panic,
	}
	if t.On != nil {
		on := waitOf(*t.On, now)
		out.Awaits = &on
	}
	return out
}

// waitingOf sorts by waiting time, longest first.
func waitingOf(all []probe.Waiting, now time.Time) []Waiting {
	out := make([]Waiting, 0, len(all))
	for _, w := range all {
		out = append(out, waitOf(w, now))
	}
	slices.SortStableFunc(out, func(a, b Waiting) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Actor, b.Actor))
	})
	return out
}

func waitOf(w probe.Waiting, now time.Time) Waiting {
	out := Waiting{Actor: w.Actor, Op: opNames[w.Op], Channel: w.Channel, Task: w.Task, Since: w.Since, For: max(0, now.Sub(w.Since)), Polled: w.Polled, What: w.Text}
	if w.Timed {
		out.What = out.Op + " with a timeout"
	}
	return out
}

// completeTasks says of tasks that wait on what they do: the channels know, and the tasks
// that are awaited. What a task itself knows is the type of the future.
func (s *State) completeTasks() {
	on := make(map[uint64]Waiting)
	add := func(all []Waiting) {
		for _, w := range all {
			if old, ok := on[w.Actor]; !ok || w.Since.Before(old.Since) {
				on[w.Actor] = w
			}
		}
	}
	for i := range s.Channels {
		add(s.Channels[i].Waiting)
	}
	for i := range s.Tasks {
		add(s.Tasks[i].Waiting)
	}
	for i := range s.Tasks {
		t := &s.Tasks[i]
		if w, ok := on[t.ID]; ok && t.State != "done" {
			if t.Awaits != nil && !ours(t.Awaits.What) {
				w.What = t.Awaits.What // a race, say, which other things can end too
			}
			t.Awaits = &w
		}
	}
}

// ours reports whether the type of a future is one whose waits the channels and tasks know.
func ours(future string) bool {
	for _, pkg := range [...]string{"async.", "mpsc.", "task."} {
		if strings.HasPrefix(future, pkg) {
			return true
		}
	}
	return false
}

// nameActors fills Actors with everybody that is referred to.
func (s *State) nameActors() {
	seen := make(map[uint64]bool)
	var ids []uint64
	add := func(id uint64) {
		if id != 0 && !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	for i := range s.Channels {
		for _, w := range s.Channels[i].Waiting {
			add(w.Actor)
		}
		for _, h := range s.Channels[i].Handles {
			add(h.User)
		}
		for _, h := range [...]*Holder{s.Channels[i].SenderHolder, s.Channels[i].ReceiverHolder} {
			if h != nil {
				add(h.Actor)
			}
		}
	}
	for i := range s.Tasks {
		add(s.Tasks[i].ID)
		add(s.Tasks[i].Parent)
		for _, w := range s.Tasks[i].Waiting {
			add(w.Actor)
			add(w.Task)
		}
	}
	s.Actors = actorsOf(ids)
}

func actorsOf(ids []uint64) []Actor {
	slices.Sort(ids)
	out := make([]Actor, 0, len(ids))
	for _, a := range probe.Actors(ids) {
		if a.Goroutine == 1 {
			a.Name = cmp.Or(a.Name, "main")
		}
		out = append(out, Actor{ID: a.ID, Name: a.Name, Goroutine: a.Goroutine, Task: a.IsTask})
	}
	return out
}

var (
	sideNames = [...]string{probe.NoSide: "", probe.SenderSide: "sender", probe.ReceiverSide: "receiver"}
	opNames   = [...]string{
		probe.NoOp: "", probe.Send: "send", probe.Reserve: "reserve", probe.Recv: "recv", probe.Close: "close",
		probe.Join: "join", probe.Sleep: "sleep", probe.Other: "other",
	}
)

// Variable is what [Var] returns. It implements expvar.Var.
type Variable struct{}

// Var returns a variable for package expvar, whose value is the [Snapshot] of the moment,
// as JSON:
//
//	expvar.Publish("handoff", observe.Var())
//
// This package does not import expvar, which adds a handler to [net/http.DefaultServeMux]
// in every program that imports it; a program that wants that imports it itself.
func Var() Variable { return Variable{} }

// String returns the state as JSON.
func (Variable) String() string {
	text, err := json.Marshal(Snapshot())
	if err != nil {
		return fmt.Sprintf("%q", err) // nothing in a state can fail
	}
	return string(text)
}
