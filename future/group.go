package future

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/handoff-go/handoff/internal/park"
)

// group polls many futures as one, each with a waker of its own, so that a wake
// costs one poll and not one for each member.
type group[T any] struct {
	members []Future[T]     // a completed one is nil
	left    int             // how many are not nil
	ctx     context.Context // of the latest poll; the members' contexts are made from it
	hub     hub
}

// hub is what the wakers of the members share.
type hub struct {
	mu    sync.Mutex
	kids  []member // nil before the first poll and once the group is closed
	waker Waker    // of the latest poll, until it is woken
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
		if f == nil { // inside, nil means completed, and the group would wait forever
			panic(fmt.Sprintf("future: no future at index %d", i))
		}
	}
	return group[T]{members: slices.Clone(fs), left: len(fs)}
}

// Wake implements [Waker].
func (m *member) Wake() {
	h := m.hub
	h.mu.Lock()
	if h.kids == nil {
		h.mu.Unlock()
		return // the group is closed
	}
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

// due returns the members to poll: those that were woken, or all of them in the first poll
// and when the context has changed, which is passed to each.
//
// Another waker under the same context does not matter, because only the hub keeps it. So a
// join that is lent to a race in every round polls only the members that were woken
// (TestARoundOfABorrowedJoinPollsOnlyWhatWasWoken).
func (g *group[T]) due(cx *Context) []*member {
	h := &g.hub
	var fresh []member
	var all []*member
	if ctx := plain(cx.Context); g.ctx == nil || !park.Same(g.ctx, ctx) {
		// New members, not changed ones: a future may have kept or passed on its Context.
		fresh, all = make([]member, len(g.members)), make([]*member, len(g.members))
		for i := range fresh {
			m := &fresh[i]
			m.cx.init(ctx, m)
			m.hub, m.index = h, i
			all[i] = m
		}
		g.ctx = ctx
	}
	w := cx.Waker()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waker = w
	if fresh != nil {
		clear(h.woken)
		h.kids, h.woken = fresh, h.woken[:0]
		return all
	}
	due := h.woken
	h.woken, h.spare = h.spare[:0], nil
	for _, m := range due {
		m.queued = false // a wake from now on counts for the next poll
	}
	return due
}

// done keeps the slice that due returned, for the next poll.
func (g *group[T]) done(due []*member) {
	clear(due)
	g.hub.mu.Lock()
	g.hub.spare = due[:0]
	g.hub.mu.Unlock()
}

// poll polls member m, and removes it from the group if it is ready.
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

// close makes further wakes no-ops and returns the members, for [dropAll]. The group keeps
// no references.
func (g *group[T]) close() []Future[T] {
	members := g.members
	g.members, g.ctx = nil, nil
	h := &g.hub
	h.mu.Lock()
	h.kids, h.waker, h.woken, h.spare = nil, nil, nil, nil
	h.mu.Unlock()
	return members
}
