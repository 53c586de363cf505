package async_test

import (
	"context"
	"errors"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
)

// The steps of FuzzPrograms on the side of the senders.

// pendingClaim is a send or a reservation that was polled and was not ready.
type pendingClaim struct {
	*claim
	vals  []int // all that it sends
	one   *async.SendFuture[int]
	batch *async.SendManyFuture[int]
	slot  *async.ReserveFuture[int]
	slots *async.ReserveManyFuture[int]
	woken *counter
}

// pendingClosed is a Closed that was not ready.
type pendingClosed struct {
	handle int
	f      future.Future[struct{}]
	woken  *counter
}

func (l *lab) trySend(h int) {
	v := l.fresh(1)
	c := &claim{handle: h, vals: v}
	l.m.send(c, false)
	l.refused(c.err, v[0], l.tx[h].TrySend(v[0]))
}

func (l *lab) sendFuture(h int) {
	vals := l.fresh(1)
	c := &pendingClaim{claim: &claim{handle: h, vals: vals}, vals: vals, one: l.tx[h].Send(vals[0])}
	l.m.send(c.claim, true)
	l.claims = append(l.claims, c)
	l.pollClaim(c, false)
}

func (l *lab) sendMany(h, k int) {
	vals := l.fresh(k)
	c := &pendingClaim{claim: &claim{handle: h, vals: vals}, vals: vals, batch: l.tx[h].SendMany(vals)}
	if k == 0 {
		c.granted = true
	} else {
		l.m.send(c.claim, true)
	}
	l.claims = append(l.claims, c)
	l.pollClaim(c, false)
}

func (l *lab) reserve(h, n int, one bool) {
	c := &pendingClaim{claim: &claim{handle: h, slots: n}}
	if one {
		c.claim.slots = 1
		c.slot = l.tx[h].Reserve()
	} else {
		c.slots = l.tx[h].ReserveMany(n)
	}
	l.m.reserve(c.claim, true)
	l.claims = append(l.claims, c)
	l.pollClaim(c, false)
}

func (l *lab) tryReserve(h, n int, one bool) {
	c := &claim{handle: h, slots: n}
	if one {
		c.slots = 1
		l.m.reserve(c, false)
		p, err := l.tx[h].TryReserve()
		if l.sameError(c.err, err); err == nil {
			l.slots = append(l.slots, p)
		}
		return
	}
	l.m.reserve(c, false)
	p, err := l.tx[h].TryReserveMany(n)
	if l.sameError(c.err, err); err == nil {
		l.many = append(l.many, p)
	}
}

func (l *lab) force(h int) {
	v := l.fresh(1)[0]
	wantOld, wantReplaced, want := l.m.force(h, v)
	old, replaced, err := l.tx[h].ForceSend(v)
	l.refused(want, v, err)
	require.Equal(l.t, wantReplaced, replaced)
	require.Equal(l.t, wantOld, old)
}

// usePermit sends through a permit or drops it.
func (l *lab) usePermit(arg int) {
	i, drop := arg/4, arg%4 == 0
	if arg%2 == 0 && len(l.slots) > 0 {
		i %= len(l.slots)
		p := l.slots[i]
		l.slots = slices.Delete(l.slots, i, i+1)
		if drop {
			l.m.release(1)
			p.Drop()
		} else {
			v := l.fresh(1)[0]
			l.refused(l.m.permit(v), v, p.Send(v))
		}
		l.refused(async.ErrDropped, -1, p.Send(-1)) // it was used up either way
		return
	}
	if len(l.many) == 0 {
		return
	}
	i %= len(l.many)
	ps := l.many[i]
	if ps.Len() > 0 && arg%8 != 1 {
		v := l.fresh(1)[0]
		l.refused(l.m.permit(v), v, ps.Send(v))
		return
	}
	l.many = slices.Delete(l.many, i, i+1)
	l.m.release(ps.Len())
	ps.Drop()
	l.refused(async.ErrDropped, -1, ps.Send(-1))
}

// moveClaim polls a send or a reservation, with another waker, awaits it, or drops it.
func (l *lab) moveClaim(arg int) {
	if len(l.claims) == 0 {
		return
	}
	c := l.claims[arg/4%len(l.claims)]
	switch arg % 4 {
	case 0, 1:
		l.pollClaim(c, false)
	case 2:
		l.pollClaim(c, true)
	case 3:
		l.dropClaim(c)
	}
}

// pollClaim polls, or awaits under an ended context, which is a poll and a drop.
func (l *lab) pollClaim(c *pendingClaim, await bool) {
	t := l.t
	cx, woken := newCx()
	var n int
	var ready bool
	var err error
	var permit *async.Permit[int]
	var permits *async.Permits[int]
	switch {
	case c.one != nil && await:
		ready, err = true, c.one.Await(endedContext)
	case c.one != nil:
		_, ready, err = c.one.Poll(cx)
	case c.batch != nil && await:
		ready = true
		n, err = c.batch.Await(endedContext)
	case c.batch != nil:
		n, ready, err = c.batch.Poll(cx)
	case c.slot != nil && await:
		ready = true
		permit, err = c.slot.Await(endedContext)
	case c.slot != nil:
		permit, ready, err = c.slot.Poll(cx)
	case await:
		ready = true
		permits, err = c.slots.Await(endedContext)
	default:
		permits, ready, err = c.slots.Poll(cx)
	}
	want := c.err
	if c.waiting {
		if !await {
			require.False(t, ready, "%v", err)
			c.woken = woken
			return
		}
		want = context.Canceled
		l.m.withdraw(c.claim)
	}
	require.True(t, ready)
	l.forget(c)
	switch {
	case c.one != nil:
		l.refused(want, c.vals[0], err)
		l.unsent(c, want != nil)
	case c.batch != nil:
		l.sameError(want, err)
		require.Equal(t, c.taken, n)
		require.Equal(t, c.taken, c.batch.Sent())
	default:
		l.sameError(want, err)
		require.Equal(t, want == nil, permit != nil || permits != nil)
		if permit != nil {
			l.slots = append(l.slots, permit)
		}
		if permits != nil {
			require.Equal(t, c.claim.slots, permits.Len())
			l.many = append(l.many, permits)
		}
	}
	if _, ready, err = l.again(c, cx); !ready || !errors.Is(err, future.ErrConsumed) {
		require.Fail(t, "a future completes once", "%v %v", ready, err)
	}
}

// again polls a future that is over.
func (l *lab) again(c *pendingClaim, cx *future.Context) (v any, ready bool, err error) {
	switch {
	case c.one != nil:
		return c.one.Poll(cx)
	case c.batch != nil:
		return c.batch.Poll(cx)
	case c.slot != nil:
		return c.slot.Poll(cx)
	}
	return c.slots.Poll(cx)
}

func (l *lab) dropClaim(c *pendingClaim) {
	l.m.withdraw(c.claim)
	for range 2 {
		switch {
		case c.one != nil:
			c.one.Drop()
			l.unsent(c, !c.granted)
		case c.batch != nil:
			c.batch.Drop()
			require.Equal(l.t, c.taken, c.batch.Sent())
		case c.slot != nil:
			c.slot.Drop()
		default:
			c.slots.Drop()
		}
	}
	cx, _ := newCx()
	_, ready, err := l.again(c, cx)
	require.True(l.t, ready)
	require.ErrorIs(l.t, err, async.ErrDropped)
	l.forget(c)
}

// unsent looks whether the value came back.
func (l *lab) unsent(c *pendingClaim, want bool) {
	v, ok := c.one.Unsent()
	require.Equal(l.t, want, ok, "Unsent")
	if ok {
		require.Equal(l.t, c.vals[0], v)
	}
}

func (l *lab) forget(c *pendingClaim) {
	l.claims = slices.DeleteFunc(l.claims, func(o *pendingClaim) bool { return o == c })
}

// closedFuture waits for the end, or polls or drops one that does.
func (l *lab) closedFuture(h, arg int) {
	if arg < 128 || len(l.closes) == 0 {
		c := &pendingClosed{handle: h, f: l.tx[h].Closed()}
		l.closes = append(l.closes, c)
		l.pollClosed(c)
		return
	}
	c := l.closes[arg%len(l.closes)]
	if arg%3 > 0 {
		l.pollClosed(c)
		return
	}
	c.f.Drop()
	l.closes = slices.DeleteFunc(l.closes, func(o *pendingClosed) bool { return o == c })
}

func (l *lab) pollClosed(c *pendingClosed) {
	cx, woken := newCx()
	_, ready, err := c.f.Poll(cx)
	switch {
	case l.m.closed:
		require.True(l.t, ready)
		require.NoError(l.t, err)
	case !l.m.tx[c.handle]:
		require.True(l.t, ready)
		require.ErrorIs(l.t, err, async.ErrDropped)
	default:
		require.False(l.t, ready)
		c.woken = woken
		return
	}
	l.closes = slices.DeleteFunc(l.closes, func(o *pendingClosed) bool { return o == c })
}
