package future

import (
	"fmt"
	"sync"
)

// group polls many futures as one, each with a waker of its own, so that a wake
// costs one poll and not one for each member.
type group[T any] struct {
	members []Future[T] // nil: completed or dropped
	left    int         // not nil
	cx      *Context    // whose poll the members' contexts are made from
	hub     hub
}

// hub is what the wakers of the members share.
type hub struct {
	mu    sync.Mutex
	kids  []member
	waker Waker // of the latest poll, until it is woken
	woken []*member
	spare []*member // the slice for the next woken ones
}

// member is the waker of one future.
type member struct {
	cx     ownContext
	hub    *hub
	index  int
	queued bool // in woken
}

func newGroup[T any](fs []Future[T]) group[T] {
	for i, f := range fs {
		if f == nil { // inside, nil says that it was ready: nobody would ever wait for it
			panic(fmt.Sprintf("future: no future at index %d", i))
		}
	}
	return group[T]{members: append([]Future[T](nil), fs...), left: len(fs)}
}

// Wake implements [Waker].
func (m *member) Wake() {
	h := m.hub
	h.mu.Lock()
	m = &h.kids[m.index] // the waker may be from before the group moved
	if m.queued {
		h.mu.Unlock()
		return
	}
	m.queued = true
	h.woken = append(h.woken, m)
	w := h.waker
	h.waker = nil
	h.mu.Unlock()
	if w != nil {
		w.Wake()
	}
}

// due returns the members to poll: those that were woken, and all of them the first
// time and when somebody else polls now.
func (g *group[T]) due(cx *Context) []*member {
	h := &g.hub
	if g.cx != cx {
		// New members and not changed ones: whoever got a Context may keep it.
		fresh := make([]member, len(g.members))
		h.mu.Lock()
		h.kids, h.woken = fresh, h.woken[:0]
		for i := range fresh {
			m := &fresh[i]
			m.cx.init(cx.Context, m)
			m.hub, m.index, m.queued = h, i, true
			h.woken = append(h.woken, m)
		}
		h.mu.Unlock()
		g.cx = cx
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waker = cx.Waker()
	due := h.woken
	h.woken, h.spare = h.spare[:0], nil
	for _, m := range due {
		m.queued = false // a wake from now on counts for the next poll
	}
	return due
}

// done returns the slice of due for later.
func (g *group[T]) done(due []*member) {
	clear(due)
	g.hub.mu.Lock()
	g.hub.spare = due[:0]
	g.hub.mu.Unlock()
}

// poll polls the member m and takes it out of the group if it is ready.
func (g *group[T]) poll(m *member) (v T, ready bool, err error) {
	f := g.members[m.index]
	if f == nil {
		return v, false, nil
	}
	if v, ready, err = f.Poll(&m.cx.Context); ready {
		g.members[m.index] = nil
		g.left--
	}
	return v, ready, err
}

// drop drops what is left, in order.
func (g *group[T]) drop() {
	for i, f := range g.members {
		if f != nil {
			g.members[i] = nil
			f.Drop()
		}
	}
	g.hub.mu.Lock()
	g.hub.waker = nil
	g.hub.mu.Unlock()
}
