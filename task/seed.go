package task

import (
	"cmp"
	"maps"
	"slices"
)

// Under a seed everything that tasks do to each other happens in the order of the
// draws. Package context reports the end of a context on a goroutine of its own, at
// any time; so the worker looks by itself whether a context that tasks hang from has
// ended, before each draw, in the order in which they came to be known. The report
// wakes a worker where none runs, and ends the channels of Done, for the one task
// that runs may wait for its own.

// hear ends the tasks whose contexts have ended.
func (rt *Runtime) hear() {
	rt.mu.Lock()
	rt.kicked = false
	sources := slices.SortedFunc(maps.Values(rt.sources), func(a, b *core) int { return cmp.Compare(a.id, b.id) })
	rt.mu.Unlock()
	for _, src := range sources {
		if !src.has(cancelled) {
			if err := causeOf(src.base); err != nil {
				src.cancel(err)
			}
		}
	}
}

// kick has a worker look at src.
func (rt *Runtime) kick(src *core) {
	rt.mu.Lock()
	for t := src; t != nil; t = t.after(src) {
		if side := t.side.Load(); side != nil && side.done != nil {
			close(side.done)
			side.done = nil
		}
	}
	var w *worker
	if rt.active == 0 {
		w = rt.recruit()
	} else {
		rt.kicked = true
	}
	rt.mu.Unlock()
	rt.start(w)
}
