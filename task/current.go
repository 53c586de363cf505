package task

import (
	"context"
	"time"
)

// Info is what [Current] tells of a task.
type Info struct {
	ID        uint64    // unique in its runtime
	Name      string    // from [Named]
	Parent    uint64    // the task that spawned it; 0: none
	SpawnedAt time.Time // to about a millisecond
	State     State
}

// State is what a task does at the moment.
type State uint8

// The states of a task.
const (
	Ready   State = iota // it stands in line for a worker
	Running              // or its function has stopped outside of an await
	Waiting              // for what it awaits
	Queued               // blocking work that has not started
	Done
)

// String implements fmt.Stringer.
func (s State) String() string {
	return [...]string{"ready", "running", "waiting", "queued", "done"}[s]
}

// Current returns the task that ctx belongs to. It reports false outside of one.
func Current(ctx context.Context) (Info, bool) {
	t, ok := ctx.Value(currentKey{}).(*core)
	if !ok {
		return Info{}, false
	}
	return t.info(), true
}

func (t *core) info() Info {
	return Info{ID: t.id, Name: t.name(), Parent: t.parent, SpawnedAt: t.rt.begun.Add(t.born.duration()), State: t.stage()}
}

func (t *core) name() string {
	if side := t.side.Load(); side != nil {
		return side.name
	}
	return ""
}

// stage is the state of t at some moment of this call.
func (t *core) stage() State {
	s := t.state.Load()
	switch {
	case s&(over|done) != 0:
		return Done
	case t.kind == blocking && s&running == 0:
		return Queued
	case t.kind == polled && s&running != 0:
		return Running
	case t.kind == polled && s&queued == 0:
		return Waiting
	case t.kind == function && t.turn.Load() == turnSuspended:
		return Waiting
	case t.kind == function && t.turn.Load() == turnReady, s&running == 0:
		return Ready
	}
	return Running
}
