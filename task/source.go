package task

import "context"

// A source is a node of the tree that stands for a context of user code or of package context.
// There is one source, and one registration, for each such context, however many tasks wait
// below it.

// sourcesKept is the largest peak of sources after which the empty map is kept: a map does not
// shrink, so after a larger peak it is replaced.
const sourcesKept = 64

// forget removes a source from the map and unregisters it.
func (t *core) forget(s *sweep) {
	rt, side := t.rt, t.side.Load()
	side.removed = true
	delete(rt.sources, side.key)
	if len(rt.sources) == 0 && rt.sourcesPeak > sourcesKept {
		rt.sources, rt.sourcesPeak = make(map[<-chan struct{}]*core), 0
	}
	if side.stop != nil {
		s.calls = append(s.calls, func() {
			defer rt.contain("a context")
			side.stop()
		})
	}
}

// subscribe registers t for the end of the context above it: it places t below the source of
// that context.
func (t *core) subscribe() {
	if t.has(subscribeCalled) {
		return
	}
	above := t.base.Done()
	t.state.Or(subscribeCalled)
	if above == nil {
		return
	}
	rt := t.rt
	rt.mu.Lock()
	top := t.topLocked()
	if top == nil {
		rt.mu.Unlock()
		return
	}
	src := rt.sources[above]
	fresh := src == nil
	if fresh {
		rt.links++
		// Without the values, which lead to tasks that may have finished.
		src = &core{rt: rt, kind: source, id: rt.links, base: endOf(t.base)}
		src.ensureSide().key = above
		rt.sources[above] = src
		rt.sourcesPeak = max(rt.sourcesPeak, len(rt.sources))
		src.insert(rt.root.branch())
	}
	var s sweep
	old := top.up
	top.remove()
	top.insert(src.branch())
	if src.has(cancelled) {
		top.cancelTree(src.state.Load()&reasons, nil, &s) // its context ended before t was inserted
	}
	old.shrink(&s)
	rt.mu.Unlock()
	s.run()
	if fresh {
		src.register()
	}
}

// topLocked returns the node to be placed below a source: the highest one above t that is below
// the root, or t itself, so that the source serves all nodes below it. It returns nil if
// that is below a source already, or if t has ended or was cancelled. It marks the nodes that
// it passes subscribed, so each node is passed once, however deep tasks are nested. Under
// rt.mu.
func (t *core) topLocked() *core {
	if t.up == nil || t.has(cancelled) {
		return nil
	}
	for {
		if t.state.Or(subscribed)&subscribed != 0 {
			return nil
		}
		switch up := t.up.owner; up.kind {
		case root:
			return t
		case source:
			return nil
		default:
			t = up
		}
	}
}

// register registers the source for the end of its context.
func (src *core) register() {
	rt, base := src.rt, src.base
	stop := context.AfterFunc(src.watched(), func() {
		// The context is user code, and this goroutine is not its caller's: a panic here would
		// end the process. What is below has to end also if the context gives no reason, or if
		// it contradicts the report.
		why := uint32(byAbove)
		defer func() {
			if rt.seeded {
				rt.sourceEnded(src, why)
			} else {
				src.cancel(why)
			}
		}()
		defer rt.contain("a context")
		why |= reasonOf(base)
	})
	rt.mu.Lock()
	side := src.side.Load()
	removed := side.removed
	side.stop = stop
	rt.mu.Unlock()
	if removed {
		stop()
	}
}

// watched returns the context to register with: that of src, or one in its place that has
// the same Done and is no user code. Package context waits for a foreign context on a
// goroutine of its own and asks it for Err there, where a panic ends the process, and so
// does an Err that is nil.
func (src *core) watched() (ctx context.Context) {
	rt, side := src.rt, src.side.Load()
	ctx = onlyDone{context.Background(), side.key}
	defer rt.contain("a context")
	if _, ok := src.base.(interface{ AfterFunc(func()) func() bool }); ok || native(src.base) {
		ctx = src.base // costs no goroutine
	}
	return ctx
}

// onlyDone is the Done of a foreign context.
type onlyDone struct {
	context.Context

	done <-chan struct{}
}

// Done implements context.Context.
func (d onlyDone) Done() <-chan struct{} { return d.done }

// Err implements context.Context.
func (d onlyDone) Err() error {
	select {
	case <-d.done:
		return context.Canceled
	default:
		return nil
	}
}
