package task

import (
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/probe"
	"github.com/handoff-go/handoff/internal/site"
)

// record is what is known of a task that is observed, that is, one that was made while
// package observe was on. It is in the task's side, so that unobserved tasks pay for a look
// whether they have one. It must not lead back to the task, which it outlives when the
// task was one of the last that have ended.
type record struct {
	id   uint64 // as an actor
	base probe.Task
	site site.Site
	code uintptr      // as in core
	of   reflect.Type // what a polled task polls

	// Of BlockOn: the goroutine, and the task that it stood for before.
	goroutine, before uint64

	mu      sync.Mutex // a leaf: under it nothing is called
	state   State
	since   time.Time
	begun   bool
	queue   time.Duration
	run     time.Duration
	longest time.Duration
	runs    uint64
	on      reflect.Type // what a function task waits for
	joins   map[*waitNode]probe.Waiting
	err     string
	panic   string
}

// record returns the record of t, or nil.
func (t *core) record() *record {
	if side := t.side.Load(); side != nil {
		return side.record
	}
	return nil
}

// observe gives t a record. It is called by prepare.
func (t *core) observe(up *core) {
	now := time.Now()
	r := &record{id: probe.NextID(), code: t.code, state: Ready, since: now}
	r.base = probe.Task{ID: r.id, Runtime: t.rt.name, Name: probe.Cut(t.name(), probe.MaxText), Kind: "function", Spawned: now}
	switch t.kind {
	case polled:
		r.base.Kind = "polled"
		r.of, r.code = typeOf(t.code), 0
	case blocking:
		r.base.Kind = "blocking"
		r.state = Queued
	}
	if up != nil {
		if above := up.record(); above != nil {
			r.base.Parent = above.id
		}
	}
	r.site.Take(2)
	t.ensureSide().record = r
	probe.AddTask(r, r.id, r.base.Name, (*record).snapshot)
	if probe.Emitting() {
		probe.Emit(probe.Event{Kind: probe.Spawned, Actor: probe.Self(), Task: r.id, Text: r.base.Name})
	}
}

// number notes the number that the task has in its runtime, which comes late.
func (r *record) number(id uint64) {
	r.mu.Lock()
	r.base.Number = id
	r.mu.Unlock()
}

// become notes that the task is in state s from now on.
func (r *record) become(s State) { r.becomeFor(s, nil) }

// becomeFor is become for one that waits for on.
func (r *record) becomeFor(s State, on any) {
	now := time.Now()
	r.mu.Lock()
	if r.state == s || r.state == Done {
		r.mu.Unlock()
		return
	}
	r.pass(now)
	r.state, r.on = s, nil
	first := false
	if s == Running {
		first, r.begun = !r.begun, true
		r.runs++
	}
	if on != nil {
		r.on = reflect.TypeOf(on)
	}
	r.mu.Unlock()
	if first {
		probe.Emit(probe.Event{Kind: probe.Started, Task: r.id})
	}
}

// pass adds the time in the state that ends. Under mu.
func (r *record) pass(now time.Time) {
	d := now.Sub(r.since)
	switch r.state {
	case Ready, Queued:
		r.queue += d
	case Running:
		r.run += d
		r.longest = max(r.longest, d)
	}
	r.since = now
}

// observedPoll polls an observed task. During the poll, operations on channels are attributed to
// the task.
func (t *core) observedPoll(r *record) (ready bool, err error) {
	g := probe.Goroutine()
	before := probe.Adopt(g, r.id)
	r.become(Running)
	defer func() {
		if !ready {
			r.become(Waiting) // before others may wake it
		}
		probe.Adopt(g, before)
	}()
	if tracing() {
		return t.tracedPoll()
	}
	return t.body.poll(&t.cx)
}

// observedCall is a call of the function of a task that is observed.
func (t *core) observedCall(r *record) error {
	g := probe.Goroutine()
	before := probe.Adopt(g, r.id)
	r.become(Running)
	defer probe.Adopt(g, before)
	return t.tracedCall()
}

// enter has the goroutine of a BlockOn stand for its task, until leave.
func (r *record) enter() {
	r.goroutine = probe.Goroutine()
	r.before = probe.Adopt(r.goroutine, r.id)
}

func (r *record) leave() { probe.Adopt(r.goroutine, r.before) }

// textOf is v as text. It runs code of others, so it comes under no lock; fmt contains
// their panics.
func textOf(v any) string { return probe.Cut(fmt.Sprint(v), probe.MaxText) }

// end notes how the task has ended, and that those who await it go on. It comes before
// they can, so that what they do is recorded after it.
func (r *record) end(err error, how outcome) {
	e := probe.Event{Kind: probe.Finished, Task: r.id}
	var failure, value string
	if p, ok := err.(*PanicError); ok && how == hasPanicked { //nolint:errorlint // its own, as in complete
		value = textOf(p.Value)
	} else if err != nil {
		failure = textOf(err)
	}
	e.Text = failure
	if how == hasPanicked {
		e.Kind, e.Text = probe.Panicked, value+failure
	}
	now := time.Now()
	r.mu.Lock()
	r.pass(now)
	r.state, r.on = Done, nil
	r.err, r.panic = failure, value
	joins := r.joins
	r.joins = nil // they lead to the task
	r.mu.Unlock()
	probe.EndTask(r.id, how == hasPanicked || how == hasCompleted && err != nil, r.snapshot)
	if !probe.Emitting() {
		return
	}
	probe.Emit(e)
	for _, w := range joins {
		probe.Emit(probe.Event{Kind: probe.Resumed, Actor: w.Actor, Op: probe.Join, Task: r.id})
	}
}

// join notes that n waits for the end of the task.
func (r *record) join(n *waitNode) {
	w := probe.Waiting{Actor: probe.Self(), Op: probe.Join, Task: r.id, Since: time.Now()}
	r.mu.Lock()
	_, known := r.joins[n]
	if known || r.state == Done {
		r.mu.Unlock()
		return
	}
	if r.joins == nil {
		r.joins = make(map[*waitNode]probe.Waiting)
	}
	r.joins[n] = w
	r.mu.Unlock()
	probe.Emit(probe.Event{Kind: probe.Blocked, Actor: w.Actor, Op: probe.Join, Task: r.id})
}

// unjoin notes that n does not wait any more.
func (r *record) unjoin(n *waitNode) {
	r.mu.Lock()
	w, known := r.joins[n]
	delete(r.joins, n)
	r.mu.Unlock()
	if known {
		probe.Emit(probe.Event{Kind: probe.Resumed, Actor: w.Actor, Op: probe.Join, Task: r.id})
	}
}

// snapshot is what package probe asks for.
func (r *record) snapshot() probe.Task {
	now := time.Now()
	where := r.site.String()
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.base
	t.Site, t.State, t.StateSince = where, r.state.String(), r.since
	t.QueueWait, t.RunTime, t.LongestPoll, t.Polls = r.queue, r.run, r.longest, r.runs
	switch d := now.Sub(r.since); r.state {
	case Ready, Queued:
		t.QueueWait += d
	case Running:
		t.RunTime += d
		t.LongestPoll = max(t.LongestPoll, d)
	case Waiting:
		t.On = r.awaits()
	}
	for _, w := range r.joins {
		t.Waiting = append(t.Waiting, w)
	}
	t.Err, t.Panic = r.err, r.panic
	return t
}

// awaits describes a wait by the type of its future. Under mu.
func (r *record) awaits() *probe.Waiting {
	w := &probe.Waiting{Actor: r.id, Op: probe.Other, Since: r.since}
	on := r.on
	if r.of != nil {
		on = r.of
	}
	switch on {
	case nil:
		return w
	case reflect.TypeOf(future.After(0)):
		w.Op = probe.Sleep
	default:
		w.Text = typeName(on)
	}
	return w
}
