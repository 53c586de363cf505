// Package probe is what the core tells of itself while somebody observes: which channels
// and tasks there are, and what happens to them. Package observe reads it; nothing else
// does.
//
// It is below everything that it watches and imports none of it. A channel or a task that
// is made while recording is off has no record, and pays for the question whether there is
// one. Records are held by what they describe and by weak pointers here, so that observing
// keeps nothing in use that would be garbage.
//
// Nothing here runs the code of others or blocks, except for the short locks of its own
// tables, so it may be called under the locks of a channel and of a runtime. Those locks
// nest outside of the ones here.
package probe

import (
	"sync/atomic"
)

// Level is how much is recorded. Each level includes the one before.
type Level int32

const (
	Off    Level = iota
	Counts       // records for channels and tasks, who waits and for how long
	Events       // and each operation, in a ring; see [Emit]
)

var level atomic.Int32

// On reports how much is to be recorded of a channel or task that is made now.
func On() Level { return Level(level.Load()) }

// ids numbers channels and actors together from 1 on: no two records share a number.
var ids atomic.Uint64

// NextID returns a number that no other record of this process has.
func NextID() uint64 { return ids.Add(1) }
