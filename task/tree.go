package task

import (
	"github.com/handoff-go/handoff/internal/probe"
)

// The tree determines which tasks are cancelled together, and which are alive. All of it is
// under rt.mu, and no method of a foreign context is called under that lock: the context may be
// derived from that of a task, whose methods take the lock.
//
//   - A live task is a node below the task whose context it was spawned with, or below
//     the root, or, once it has to notice the end of another context, below the source
//     that stands for that context (see source.go). All nodes below a task end with the
//     same context above.
//   - A polled task that was spawned from outside is inserted when it has to wait, or when
//     its context is asked for, or with a Cancel. Until then it is in the run queue or in
//     a lane, and only a Shutdown can end it.
//   - A task that has finished leaves the tree. If two or more nodes are left below it, a
//     finished node takes its place, so that they still end with the nodes above. It keeps
//     no reference to the task. A finished node with one node below it is replaced by that
//     node: there are always fewer finished nodes than live tasks.

// scope is the tree of live tasks, and the contexts above it. Under rt.mu.
type scope struct {
	root        core                      // of the tree
	sources     map[<-chan struct{}]*core // see source.go
	sourcesPeak int                       // the largest len(sources) since the map was made
	links       uint64                    // the id of the latest source
	anyEnded    bool                      // a source has ended, under a seed; see seed.go
}

// branch is the list of the children of a node. They reach their parent through it, so that
// another node can take the parent's place in one step, however many children there are.
type branch struct {
	owner *core
	kids  *core // the first; the others are its siblings
}

// branch returns the branch of t, and allocates it if there is none. Under rt.mu.
func (t *core) branch() *branch {
	side := t.ensureSide()
	if side.branch == nil {
		side.branch = &branch{owner: t}
	}
	return side.branch
}

// kids is the first node below t; the others are its siblings.
func (t *core) kids() *core {
	if side := t.side.Load(); side != nil && side.branch != nil {
		return side.branch.kids
	}
	return nil
}

// insert puts t below the owner of b.
func (t *core) insert(b *branch) {
	t.up, t.prev, t.sib = b, nil, b.kids
	if t.sib != nil {
		t.sib.prev = t
	}
	b.kids = t
}

// remove takes t out of the branch it is in.
func (t *core) remove() {
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

// ensureInTreeLocked inserts t into the tree if it is not there. Under rt.mu.
func (t *core) ensureInTreeLocked() {
	if t.kind != polled {
		return // begin has inserted it
	}
	for {
		s := t.state.Load()
		if s&(inTree|over) != 0 {
			return
		}
		if t.state.CompareAndSwap(s, s|inTree) {
			break
		}
	}
	if t.rt.closing {
		t.mark(cancelled | byShutdown)
	}
	t.insert(t.rt.root.branch())
}

// ensureInTree is ensureInTreeLocked, for callers that do not hold the lock.
func (t *core) ensureInTree() {
	if t.has(inTree) {
		return
	}
	t.rt.mu.Lock()
	t.ensureInTreeLocked()
	t.rt.mu.Unlock()
}

// leave removes a task, which is over, from the tree, and adds its inner context to s.
func (t *core) leave(s *sweep) {
	if t.inner() != nil {
		s.ends = append(s.ends, t)
	}
	up := t.up
	t.remove()
	kid := t.kids()
	switch {
	case kid == nil:
		up.shrink(s)
	case kid.sib == nil:
		kid.remove()
		kid.insert(up)
	default:
		side := t.side.Load()
		node := &core{rt: t.rt, kind: finished}
		node.state.Store(t.state.Load() & subscribed)
		node.ensureSide().branch, side.branch = side.branch, nil
		node.side.Load().branch.owner = node
		node.insert(up)
	}
}

// shrink is called after a removal from b. It removes the owner too if that is a source or a
// finished node that is not needed any more, and so on upwards.
func (b *branch) shrink(s *sweep) {
	for {
		t := b.owner
		switch {
		case t.kind == finished && b.kids != nil && b.kids.sib == nil:
			kid := b.kids
			kid.remove()
			kid.insert(t.up)
		case b.kids != nil, t.kind != finished && t.kind != source:
			return
		case t.kind == source:
			t.forget(s)
		}
		b = t.up
		t.remove()
	}
}

// after returns the node after t in a preorder walk of the tree below of, or nil after the last.
func (t *core) after(of *core) *core {
	if k := t.kids(); k != nil {
		return k
	}
	for t != of && t.sib == nil {
		t = t.up.owner
	}
	if t == of {
		return nil
	}
	return t.sib
}

// cancelTree ends the contexts of t and of the tasks below, except spared's, for the
// reason why. Under rt.mu.
func (t *core) cancelTree(why uint32, spared *core, s *sweep) {
	for k := t; k != nil; k = k.after(t) {
		if k.kind == root || k == spared {
			continue
		}
		if k.inner() != nil {
			// Also if an earlier cancel has set the bit: that one may not have ended the
			// context yet, and it must have ended when this one returns.
			s.ends = append(s.ends, k)
		}
		if k.has(cancelled) {
			continue
		}
		k.mark(cancelled | why)
		if k.kind > root {
			continue
		}
		s.wake = append(s.wake, k)
		if r := k.record(); r != nil {
			probe.Emit(probe.Event{Kind: probe.Cancelled, Actor: s.actor, Task: r.id})
		}
	}
}

// cancel ends the context of t and of the tasks below, for the reason why. When it
// returns, they have ended, and so has what package context derived from them.
func (t *core) cancel(why uint32) {
	var s sweep
	if t.kind != source {
		s.bySelf()
	}
	t.rt.mu.Lock()
	t.ensureInTreeLocked()
	t.cancelTree(why, nil, &s)
	t.rt.mu.Unlock()
	s.run()
}

// sweep collects calls to be made once the lock is released.
type sweep struct {
	calls []func()
	ends  []*core // whose inner contexts end
	wake  []*core
	actor uint64 // that cancels, for observers; 0: not known
}

// bySelf records that the calling goroutine cancels.
func (s *sweep) bySelf() {
	if probe.Emitting() {
		s.actor = probe.Self()
	}
}

// run makes all calls, also if user code panics or calls Goexit in one. It ends contexts before
// it wakes tasks, because the tasks check them. User code runs here only as a method of a
// foreign context: package context runs an AfterFunc on a goroutine of its own.
func (s *sweep) run() {
	defer func() {
		if len(s.calls)+len(s.ends)+len(s.wake) > 0 {
			s.run() // user code has called Goexit, which ends this goroutine
		}
	}()
	for len(s.calls) > 0 {
		f := s.calls[0]
		s.calls = s.calls[1:]
		f()
	}
	for len(s.ends) > 0 {
		t := s.ends[0]
		s.ends = s.ends[1:]
		t.endInnerSafely()
	}
	for len(s.wake) > 0 {
		t := s.wake[0]
		s.wake = s.wake[1:]
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

// endInnerSafely is endInner where a panic of the context above must not keep the others
// from ending.
func (t *core) endInnerSafely() {
	defer t.rt.contain("a context")
	t.endInner()
}
