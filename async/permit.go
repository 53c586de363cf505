package async

import (
	"math"
	"sync/atomic"

	"github.com/handoff-go/handoff/internal/channel"
	"github.com/handoff-go/handoff/internal/leak"
)

// Permit is a reserved slot. It is independent of the sender it came from: it can still
// send after that sender was dropped or the channel closed. It is not counted as a sender,
// but receivers see [ErrClosed] only after every permit was used or dropped; so drop an
// unused one, preferably with a defer.
//
// A Permit may be used from any goroutine and must not be copied.
type Permit[T any] struct {
	noCopy noCopy
	c      *channel.Chan[T] // read and cleared only by the call that sets state to permitUsed
	state  atomic.Uint32
}

// The states of a permit.
const (
	permitFresh = iota
	permitUsed
	permitTracked // fresh, and there is a record of it
)

func newPermit[T any](tx *Sender[T]) *Permit[T] {
	p := &Permit[T]{c: tx.c}
	if leak.On() {
		p.state.Store(permitTracked)
		track(p, tx, "async.Permit", 1)
	}
	return p
}

// use uses the permit up and returns its channel, or nil if it was used up before.
func (p *Permit[T]) use() *channel.Chan[T] {
	switch p.state.Swap(permitUsed) {
	case permitUsed:
		return nil
	case permitTracked:
		leak.Forget(p)
	}
	c := p.c
	p.c = nil
	return c
}

// Send sends v into the slot. It never blocks, because the slot is reserved. It fails with a
// [*SendError] that carries v: [ErrClosed] if the last receiver was dropped, and
// [ErrDropped] if the permit was used or dropped before.
func (p *Permit[T]) Send(v T) error {
	c := p.use()
	if c == nil {
		return failed(v, ErrDropped)
	}
	if err := c.SendReserved(v); err != nil {
		return failed(v, err)
	}
	return nil
}

// Drop gives the slot back if it was not used. It may be called any number of times,
// also after Send, and never blocks.
func (p *Permit[T]) Drop() {
	if c := p.use(); c != nil {
		c.Release(1)
	}
}

// Permits are several reserved slots; see [Permit], which each of them is like. They
// may be used by several goroutines at once and must not be copied.
type Permits[T any] struct {
	noCopy noCopy
	c      atomic.Pointer[channel.Chan[T]] // nil once none is left
	left   atomic.Int64                    // how many, and a flag
}

// permitsTracked is a flag in left: the permits have a leak record. It is the sign bit, which
// no number of slots uses.
const permitsTracked = math.MinInt64

func newPermits[T any](tx *Sender[T], n int) *Permits[T] {
	p := new(Permits[T])
	if n > 0 {
		p.c.Store(tx.c)
	}
	p.left.Store(int64(n))
	if n > 0 && leak.On() {
		p.left.Store(int64(n) | permitsTracked)
		track(p, tx, "async.Permits", n)
	}
	return p
}

// Len returns how many slots are left, neither used nor dropped.
func (p *Permits[T]) Len() int { return int(p.left.Load() &^ permitsTracked) }

// Send sends v into one of the slots. It never blocks. It fails as [Permit.Send] does,
// with [ErrDropped] if no slot is left.
func (p *Permits[T]) Send(v T) error {
	c := p.c.Load() // before it may be cleared by one that uses the last slot
	for {
		n := p.left.Load()
		if n&^permitsTracked == 0 {
			return failed(v, ErrDropped)
		}
		if p.left.CompareAndSwap(n, n-1) {
			if n&permitsTracked != 0 {
				lessPermits(p)
			}
			if n&^permitsTracked == 1 {
				p.c.Store(nil)
			}
			break
		}
	}
	if err := c.SendReserved(v); err != nil {
		return failed(v, err)
	}
	return nil
}

// Drop gives back the slots that are left. It may be called any number of times and
// never blocks.
func (p *Permits[T]) Drop() {
	c := p.c.Load()
	n := p.left.Swap(0)
	if n&permitsTracked != 0 {
		leak.Forget(p)
	}
	if n &^= permitsTracked; n > 0 {
		p.c.Store(nil)
		c.Release(int(n))
	}
}
