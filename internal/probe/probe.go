// Package probe records the live channels and tasks, and their events, while observation
// is enabled. Package observe reads it; nothing else
// does.
//
// It is below everything that it watches and imports none of it. A channel or a task that
// is made while recording is off has no record, and pays for the question whether there is
// one. Records are held by what they describe and by weak pointers here, so that observing
// keeps nothing in use that would be garbage.
//
// Nothing here runs the code of others or blocks, except for [Label] and for the short
// locks of its own tables, so it may be called under the locks of a channel and of a
// runtime. Those locks nest outside of the ones here, which are never held while a
// record is asked for its state.
package probe

import (
	"sync/atomic"
)

// Level is how much is recorded. Each level includes the one before.
type Level int32

const (
	Off    Level = iota
	Counts       // records for channels and tasks, the waiting actors and for how long
	Events       // and each operation, in a ring; see [Emit]
)

var level atomic.Int32

// On reports how much is to be recorded of a channel or task that is made now.
func On() Level { return Level(level.Load()) }

// Emitting reports whether events are recorded at the moment. A channel or task
// that was made at level [Events] asks before it computes what an event needs.
func Emitting() bool { return On() == Events }

// Set sets the level, for channels and tasks that are made from now on. At level Events
// it begins with an empty ring for size events; size is not used otherwise. What was made
// before keeps the level it was made at, except that its events count only while the
// level is Events. The last call wins.
func Set(l Level, size int) {
	if l == Events {
		events.reset(size)
	}
	level.Store(int32(l))
}

// ids numbers channels and tasks together from 1 on: no two records share a number.
var ids atomic.Uint64

// NextID returns a number that no other record of this process has.
func NextID() uint64 { return ids.Add(1) }
