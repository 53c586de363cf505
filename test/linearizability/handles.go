package linearizability

// What a call may report because of its handle is decided by the history alone, before
// the search: a call that begins after a Drop of its handle has returned must fail, and
// one that overlaps with it may.

// decidedByHandle reports whether the handle of a call says what becomes of it, so that
// there is nothing to search for.
func (x *expansion) decidedByHandle(c *Call) bool {
	drop, through := x.dropOf(c)
	dropped := drop != nil && drop.To < c.From
	switch {
	case !through:
		return false
	case c.Kind == Close:
		if dropped && c.First {
			x.never(c, "the handle was dropped before")
		}
		return dropped || !c.First && x.droppedBefore(c) // a dropped handle closes nothing
	case dropped && c.Out != Dropped:
		x.never(c, "the handle was dropped before")
	case c.Out == Dropped && !x.droppedBefore(c):
		x.never(c, "the handle was not dropped")
		return true
	}
	return dropped
}

// dropOf returns the first Drop to return of the handle that a call goes through, or nil.
// A handle that was cloned from a dropped one counts as dropped with that.
func (x *expansion) dropOf(c *Call) (drop *Call, through bool) {
	drops := x.drops
	switch {
	case c.Kind.throughTx(), c.Kind == Close:
	case c.Kind.throughRx():
		drops = x.gone
	default:
		return nil, false
	}
	if clone := x.cloneOf(c); clone != nil {
		if d := drops[clone.Origin]; d != nil && d.To < clone.From {
			return d, true
		}
	}
	return drops[c.Handle], true
}

// cloneOf returns the call that made the handle of a call, or nil.
func (x *expansion) cloneOf(c *Call) *Call {
	kind := CloneTx
	if c.Kind.throughRx() {
		kind = CloneRx
	}
	for _, clone := range x.h.Calls {
		if clone.Kind == kind && clone.Handle == c.Handle {
			return clone
		}
	}
	return nil
}

// droppedBefore reports whether a Drop of the handle began before the call returned.
func (x *expansion) droppedBefore(c *Call) bool {
	kind := DropTx
	if c.Kind.throughRx() {
		kind = DropRx
	}
	clone := x.cloneOf(c)
	for _, d := range x.h.Calls {
		if d.Kind == kind && (d.Handle == c.Handle && d.From < c.To || clone != nil && d.Handle == clone.Origin && d.From < clone.To) {
			return true
		}
	}
	return false
}
