package task

import (
	"context"
	"time"
)

// Info is what [Current] tells of a task.
type Info struct {
	ID        uint64 // unique in its runtime
	Name      string // from [Named]
	Parent    uint64 // the task that spawned it; 0: none
	SpawnedAt time.Time
}

// Current returns the task that ctx belongs to. It reports false outside of one.
func Current(ctx context.Context) (Info, bool) {
	t, ok := ctx.Value(currentKey{}).(*core)
	if !ok {
		return Info{}, false
	}
	return Info{ID: t.id, Name: t.name, Parent: t.parent, SpawnedAt: t.rt.begun.Add(t.born)}, true
}
