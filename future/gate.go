package future

import (
	_ "sync" // its methods are inlined only where it is imported; see package sched

	"github.com/handoff-go/handoff/internal/sched"
)

// gate passes one wake on for each poll, however many of the futures behind it want
// another one.
type gate struct {
	outer *Context   // of the latest poll
	inner *Context   // what the futures get; replaced, never changed
	first ownContext // the first inner

	mu    sched.Mutex
	waker Waker // until it is woken
}

// enter returns the context to poll with, in a poll with cx.
func (g *gate) enter(cx *Context) *Context {
	if g.outer != cx {
		if g.outer == nil {
			g.first.init(cx.Context, g)
			g.inner = &g.first.Context
		} else {
			g.inner = NewContext(cx.Context, g)
		}
		g.outer = cx
	}
	g.mu.Lock()
	g.waker = cx.Waker()
	g.mu.Unlock()
	return g.inner
}

// close wakes nobody any more.
func (g *gate) close() {
	g.mu.Lock()
	g.waker = nil
	g.mu.Unlock()
}

// Wake implements [Waker].
func (g *gate) Wake() {
	g.mu.Lock()
	w := g.waker
	g.waker = nil
	g.mu.Unlock()
	if w != nil {
		w.Wake()
	}
}
