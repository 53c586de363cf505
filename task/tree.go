package task

import (
	"context"

	"github.com/handoff-go/handoff/internal/park"
)

// The tree says who is cancelled with whom, and who is alive. All of it is under
// rt.mu, and no context that is not ours is called under that lock, for it may be
// derived from one of ours.
//
//   - A live task hangs under the task whose context it was spawned with, or under
//     the root, or, once it has to hear of the end of another context, under the
//     source that stands for that context. There is one source, and one
//     registration, for each context, however many tasks wait under it.
//   - A task that has finished leaves the tree. While tasks or contexts derived
//     from it are left it stays as a ghost, so that they still hear from above.
//     A ghost climbs past ghosts, so that a chain of tasks, each the child of the
//     one before, does not grow.

// link is what only some nodes have.
type link struct {
	done  chan struct{}        // of the context, once somebody asked
	after map[*func()]struct{} // what the context's end calls
	stop  func() bool          // of a source: unregisters it
	key   <-chan struct{}      // of a source
	gone  bool                 // a source that was removed
}

func (t *core) links() *link {
	if t.link == nil {
		t.link = new(link)
	}
	return t.link
}

// sweep is what is to be done once the lock is released.
type sweep struct {
	calls []func()
	wake  []*core
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
			t.slot.Resume()
		}
	}
}

func (t *core) hang(up *core) {
	t.up, t.prev, t.sib = up, nil, up.kids
	if up.kids != nil {
		up.kids.prev = t
	}
	up.kids = t
}

func (t *core) unhang() {
	if t.prev != nil {
		t.prev.sib = t.sib
	} else {
		t.up.kids = t.sib
	}
	if t.sib != nil {
		t.sib.prev = t.prev
	}
	t.up, t.prev, t.sib = nil, nil, nil
}

// leave takes a finished task out of the tree, or makes it a ghost.
func (t *core) leave(s *sweep) {
	t.ghost = true
	for t.up.ghost {
		old := t.up
		up := old.up
		t.unhang()
		t.hang(up)
		old.prune(s)
	}
	t.prune(s)
}

// prune removes a ghost or a source that nothing is derived from any more.
func (t *core) prune(s *sweep) {
	for t.kids == nil && t.up != nil && (t.ghost || t.kind == source) {
		if l := t.link; l != nil {
			if len(l.after) > 0 {
				return
			}
			if l.done != nil && !t.has(cancelled) {
				t.cause = ErrCancelled
				t.state.Or(cancelled)
				close(l.done)
			}
			if t.kind == source {
				l.gone = true
				delete(t.rt.sources, l.key)
				if l.stop != nil {
					s.calls = append(s.calls, func() { l.stop() })
				}
			}
		}
		up := t.up
		t.unhang()
		t = up
	}
}

// cancelTree ends t's context and those below.
func (t *core) cancelTree(cause error, s *sweep) {
	if !t.has(cancelled) {
		t.cause = cause
		t.state.Or(cancelled)
		if l := t.link; l != nil {
			if l.done != nil {
				close(l.done)
			}
			for f := range l.after {
				s.calls = append(s.calls, func() { go (*f)() })
			}
			l.after = nil
		}
		if !t.ghost {
			s.wake = append(s.wake, t)
		}
	}
	for k := t.kids; k != nil; k = k.sib {
		k.cancelTree(cause, s)
	}
}

// cancel ends the context of t.
func (t *core) cancel(cause error) {
	var s sweep
	t.rt.mu.Lock()
	t.cancelTree(cause, &s)
	if t.ghost {
		t.prune(&s)
	}
	t.rt.mu.Unlock()
	s.run()
}

// subscribe sees to it that t hears of the end of the context it was derived from.
func (t *core) subscribe() {
	over := t.base.Done()
	if over == nil {
		return
	}
	rt := t.rt
	rt.mu.Lock()
	// The highest task that was derived from the same context hears of it for all.
	for t.up != nil && t.up.kind < root && park.Same(t.up.base, t.base) {
		t = t.up
	}
	if t.subscribed || t.up == nil || t.has(cancelled) {
		rt.mu.Unlock()
		return
	}
	t.subscribed = true
	src := rt.sources[over]
	fresh := src == nil
	if fresh {
		src = &core{rt: rt, kind: source, link: &link{key: over}, base: context.Background()}
		rt.sources[over] = src
		src.hang(&rt.root)
	}
	var s sweep
	old := t.up
	t.unhang()
	t.hang(src)
	if src.has(cancelled) {
		t.cancelTree(src.cause, &s) // it ended, and its tasks are not gone yet
	}
	if old != &rt.root {
		old.prune(&s)
	}
	rt.mu.Unlock()
	s.run()
	if !fresh {
		return
	}
	base := t.base
	stop := context.AfterFunc(base, func() { src.cancel(causeOf(base)) })
	rt.mu.Lock()
	gone := src.link.gone
	src.link.stop = stop
	rt.mu.Unlock()
	if gone {
		stop()
	}
}
