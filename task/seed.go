package task

import (
	"cmp"
	"maps"
	"slices"
)

// Under a seed the order of all steps of tasks follows from the random draws. Package context
// reports the end of a context on a goroutine of its own, at any time. So the worker checks
// before each draw whether a context that tasks wait under has ended, in the order in which
// the sources were made. The report itself only starts a worker if none runs, and ends the
// inner contexts that package context does not end (see link), because the one task that
// runs may wait for its own.

// cancelEnded cancels the tasks below the sources whose contexts have ended.
func (rt *Runtime) cancelEnded() {
	rt.mu.Lock()
	rt.anyEnded = false
	sources := slices.SortedFunc(maps.Values(rt.sources), func(a, b *core) int { return cmp.Compare(a.id, b.id) })
	rt.mu.Unlock()
	for _, src := range sources {
		if !src.has(cancelled) {
			src.cancelIfEnded()
		}
	}
}

// cancelIfEnded cancels what is below src if its context has ended. That is user code: a context that
// panics or ends the goroutine counts as ended, or each worker would ask it and be lost. So
// does one that was reported, whatever its Err says.
func (src *core) cancelIfEnded() {
	why := uint32(byAbove)
	defer func() {
		if why != 0 {
			src.cancel(why)
		}
	}()
	defer src.rt.contain("a context")
	if s := src.state.Load(); s&noted != 0 {
		why = s & reasons
	} else {
		why = reasonOf(src.base)
	}
}

// sourceEnded makes a worker call cancelEnded, because the context of src has ended for the reason why, and
// ends the inner contexts below src that have a link.
func (rt *Runtime) sourceEnded(src *core, why uint32) {
	var s sweep
	src.mark(noted | why)
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
		rt.anyEnded = true
	}
	rt.mu.Unlock()
	s.run()
	rt.start(w)
}
