package task

import (
	"context"

	"github.com/handoff-go/handoff/internal/park"
	"github.com/handoff-go/handoff/internal/probe"
)

// The tree says who is cancelled with whom, and who is alive. All of it is under
// rt.mu, and no context that is not ours is called under that lock, for it may be
// derived from one of ours.
//
//   - A live task hangs under the task whose context it was spawned with, or under
//     the root, or, once it has to hear of the end of another context, under the
//     source that stands for that context. There is one source, and one
//     registration, for each context, however many tasks wait under it.
//   - A polled task that was spawned from outside comes into the tree when it has to
//     wait, or when somebody asks for its context or cancels it. Until then it is in
//     the line or in a lane, and only a Shutdown can end it.
//   - A task that has finished leaves the tree, and its context has ended. While tasks
//     spawned under it are left it stays as a ghost, so that they still hear from
//     above. A ghost climbs past ghosts, so that a chain of tasks, each the child of
//     the one before, does not grow.

// sweep is what is to be done once the lock is released.
type sweep struct {
	calls []func()
	wake  []*core
	actor uint64 // who cancels, for those who observe; 0: not known
}

// bySelf notes that the calling goroutine cancels.
func (s *sweep) bySelf() {
	if probe.Emitting() {
		s.actor = probe.Self()
	}
}

func (s *sweep) run() {
	for _, f := range s.calls {
		f()
	}
	for _, t := range s.wake {
		switch t.kind {
		case polled:
			t.Wake()
		case blocking:
			t.rt.skip(t)
		case function:
			t.Resume()
		}
	}
}

// plantLocked brings t into the tree if it is not there. Under rt.mu.
func (t *core) plantLocked() {
	if t.kind != polled {
		return // is always there
	}
	bits := uint32(planted)
	if t.rt.closing {
		bits |= causes(ErrShutdown)
	}
	for {
		s := t.state.Load()
		if s&(planted|over) != 0 {
			return
		}
		if t.state.CompareAndSwap(s, s|bits) {
			t.hang(&t.rt.root)
			return
		}
	}
}

// plant is plantLocked, for those who do not hold the lock.
func (t *core) plant() {
	if t.has(planted) {
		return
	}
	t.rt.mu.Lock()
	t.plantLocked()
	t.rt.mu.Unlock()
}

func (t *core) hang(up *core) {
	above := up.more()
	t.up, t.prev, t.sib = up, nil, above.kids
	if t.sib != nil {
		t.sib.prev = t
	}
	above.kids = t
}

// kids is the first node below t; the others are its siblings.
func (t *core) kids() *core {
	if side := t.side.Load(); side != nil {
		return side.kids
	}
	return nil
}

func (t *core) unhang() {
	if t.prev != nil {
		t.prev.sib = t.sib
	} else {
		t.up.side.Load().kids = t.sib
	}
	if t.sib != nil {
		t.sib.prev = t.prev
	}
	t.up, t.prev, t.sib = nil, nil, nil
}

// leave takes a task, which is over, out of the tree, or makes it a ghost, and ends its
// context.
func (t *core) leave(s *sweep) {
	t.end(s)
	if t.kids() == nil {
		t.prune(s)
		return
	}
	t.state.Or(ghost)
	for t.up.has(ghost) {
		old := t.up
		up := old.up
		t.unhang()
		t.hang(up)
		if old.kids() == nil {
			old.prune(s)
		}
	}
}

// prune takes t, below which there is nothing, out of the tree, and what was there
// only for its sake.
func (t *core) prune(s *sweep) {
	for {
		up := t.up
		t.unhang()
		if t.kind == source {
			t.forget(s)
		}
		if up.kids() != nil || !up.has(ghost) && up.kind != source {
			return
		}
		t = up
	}
}

// forget ends what a source stands for.
func (t *core) forget(s *sweep) {
	rt, side := t.rt, t.side.Load()
	side.gone = true
	delete(rt.sources, side.key)
	if side.stop != nil {
		s.calls = append(s.calls, func() {
			defer rt.contain("a context")
			side.stop()
		})
	}
}

// cancelTree ends the contexts of t and of those below, except spared's.
func (t *core) cancelTree(cause error, spared *core, s *sweep) {
	bits := causes(cause)
	for k := t; ; {
		if k.kind != root && !k.has(cancelled) && k != spared {
			k.state.Or(bits)
			k.end(s)
			if !k.has(ghost) {
				s.wake = append(s.wake, k)
				if r := k.record(); r != nil {
					probe.Emit(probe.Event{Kind: probe.Cancelled, Actor: s.actor, Task: r.id})
				}
			}
		}
		if k = k.after(t); k == nil {
			return
		}
	}
}

// after is the next node in or below of: below t, beside it, or beside one above.
func (t *core) after(of *core) *core {
	if k := t.kids(); k != nil {
		return k
	}
	for t != of && t.sib == nil {
		t = t.up
	}
	if t == of {
		return nil
	}
	return t.sib
}

// cancel ends the context of t.
func (t *core) cancel(cause error) {
	var s sweep
	if t.kind != source {
		s.bySelf()
	}
	t.rt.mu.Lock()
	t.plantLocked()
	t.cancelTree(cause, nil, &s)
	t.rt.mu.Unlock()
	s.run()
}

// subscribe sees to it that t hears of the end of the context it was derived from.
func (t *core) subscribe() {
	if t.has(hears) {
		return
	}
	above := t.base.Done()
	t.state.Or(hears)
	if above == nil {
		return
	}
	rt := t.rt
	rt.mu.Lock()
	// The highest task that was derived from the same context hears of it for all.
	for t.up != nil && t.up.kind < root && park.Same(origin(t.up.base), origin(t.base)) {
		t = t.up
	}
	if t.has(subscribed) || t.up == nil || t.has(cancelled) {
		rt.mu.Unlock()
		return
	}
	t.state.Or(subscribed)
	src := rt.sources[above]
	fresh := src == nil
	if fresh {
		rt.links++
		src = &core{rt: rt, kind: source, id: rt.links, base: t.base}
		src.more().key = above
		rt.sources[above] = src
		src.hang(&rt.root)
	}
	var s sweep
	old := t.up
	t.unhang()
	t.hang(src)
	if src.has(cancelled) {
		t.cancelTree(src.cause(), nil, &s) // it ended, and its tasks are not gone yet
	}
	if old.kids() == nil && (old.has(ghost) || old.kind == source) {
		old.prune(&s)
	}
	rt.mu.Unlock()
	s.run()
	if !fresh {
		return
	}
	base := t.base
	stop := context.AfterFunc(base, func() {
		if rt.seeded {
			rt.kick(src)
		} else {
			src.cancel(causeOf(base))
		}
	})
	rt.mu.Lock()
	side := src.side.Load()
	gone := side.gone
	side.stop = stop
	rt.mu.Unlock()
	if gone {
		stop()
	}
}
