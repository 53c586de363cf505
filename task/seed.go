package task

import (
	"cmp"
	"maps"
	"slices"
)

// Under a seed everything that tasks do to each other happens in the order of the draws.
// Package context reports the end of a context on a goroutine of its own, at any time. So
// the worker looks by itself, before each draw, whether a context that tasks wait under
// has ended, in the order in which the runtime met them. The report only wakes a worker
// where none runs, and ends the inner contexts that package context does not end (see
// link), because the one task that runs may wait for its own.

// hear ends the tasks whose contexts have ended.
func (rt *Runtime) hear() {
	rt.mu.Lock()
	rt.kicked = false
	sources := slices.SortedFunc(maps.Values(rt.sources), func(a, b *core) int { return cmp.Compare(a.id, b.id) })
	rt.mu.Unlock()
	for _, src := range sources {
		if !src.has(cancelled) {
			if why := reasonOf(src.base); why != 0 {
				src.cancel(why)
			}
		}
	}
}

// kick has a worker look at src.
func (rt *Runtime) kick(src *core) {
	why := reasonOf(src.base) | byAbove
	var s sweep
	rt.mu.Lock()
	for t := src; t != nil; t = t.after(src) {
		if in := t.inner(); in != nil && in.link != nil {
			t.mark(noted | why)
			s.ends = append(s.ends, t)
		}
	}
	var w *worker
	if rt.active == 0 {
		w = rt.recruit()
	} else {
		rt.kicked = true
	}
	rt.mu.Unlock()
	s.run()
	rt.start(w)
}
