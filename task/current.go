package task

import (
	"context"
	"fmt"
	"time"
)

// Info describes a task; [Current] returns it.
type Info struct {
	ID        uint64    // unique in its runtime, from 1 on
	Name      string    // from [Named], or ""
	Parent    uint64    // the ID of the task that spawned it; 0: none
	SpawnedAt time.Time // to about a millisecond
	State     State     // at the moment of the call
}

// State is the state of a task at some moment.
type State uint8

// The states of a task.
const (
	Ready   State = iota // is queued for a worker slot
	Running              // runs, or is stuck outside of an await
	Waiting              // waits for what it awaits
	Queued               // blocking work that was not started
	Done                 // has ended; the result stands, or will in a moment
)

// String returns the name of the state in lower case, such as "waiting".
func (s State) String() string {
	names := [...]string{"ready", "running", "waiting", "queued", "done"}
	if int(s) < len(names) {
		return names[s]
	}
	return fmt.Sprintf("State(%d)", uint8(s))
}

// Current returns the task that ctx belongs to, and true; or false outside of one. It
// takes no lock and allocates nothing.
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
