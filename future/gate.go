package future

import (
	"github.com/handoff-go/handoff/internal/once"
	"github.com/handoff-go/handoff/internal/park"
)

// gate passes on one wake for each poll, however many of the futures behind it ask for
// another one.
//
// A gate that is closed keeps nothing: neither a waker nor a context
// (TestAFutureThatIsOverKeepsNothing). That is why inner is an allocation of its own. Part
// of the gate, it could not be cleared, because the futures behind the gate may have
// handed it on as a context.
type gate struct {
	inner *Context // passed to the futures behind the gate; replaced, never changed

	once.Waker // that of the latest poll, until it is woken
}

// enter returns the Context for the futures behind the gate, in a poll with cx. It returns the
// same one as long as the context.Context of cx is the same, whatever its waker, so that a
// group behind the gate does not have to poll all of its members again (see [group.due]).
func (g *gate) enter(cx *Context) *Context {
	if ctx := plain(cx.Context); g.inner == nil || !park.Same(plain(g.inner.Context), ctx) {
		g.inner = NewContext(ctx, g)
	}
	g.Set(cx.Waker())
	return g.inner
}

// close makes further wakes no-ops.
func (g *gate) close() {
	g.inner = nil
	g.Set(nil)
}
