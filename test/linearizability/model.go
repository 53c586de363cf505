package linearizability

import (
	"fmt"
	"hash/maphash"

	"github.com/anishathalye/porcupine"
)

// Model is a channel of the given capacity, one step at a time.
func Model(h *History) porcupine.Model {
	seed := maphash.MakeSeed()
	return porcupine.Model{
		Init: func() any { return state{tx: h.Tx, rx: h.Rx} },
		Step: func(before, input, _ any) (bool, any) {
			s, e := before.(state), input.(step)
			ok := e.apply(&s, h.Capacity)
			return ok, s
		},
		Hash:              func(s any) uint64 { return maphash.Comparable(seed, s.(state)) },
		DescribeOperation: func(input, _ any) string { return input.(step).String() },
		DescribeState: func(v any) string {
			s := v.(state)
			return fmt.Sprintf("%v, line %v, reserved %d, senders %b, receivers %b, closed %v",
				s.buf[:s.n], s.line[:s.waiting], s.reserved, s.tx, s.rx, s.closed)
		},
	}
}

// apply takes the step, or reports that it cannot be taken in this state.
func (e step) apply(s *state, capacity int) bool {
	if s.handing && !e.parked() {
		return false
	}
	s.handing = false
	switch c := e.call; e.what {
	case arrive, serve, piece, leave, turnedAway, findFull, try:
		return e.send(s, capacity)
	case take, look, takeFirst, takeRest, findEmpty, findEnd:
		return e.receive(s, capacity)
	case meet:
		return e.meet(s)
	case grantMaybe:
		if s.first(c.ID) && !s.closed && s.room(capacity) >= c.Room {
			s.leave(c.ID)
			s.reserved += uint8(c.Room)
			s.progress[c.ID] = 1
		}
	case usePermit:
		s.reserved--
		if c.Out == Closed {
			return s.rx == 0 && s.cause == c.Cause
		}
		s.push(c.Vals[0])
		return c.Out == OK && s.rx != 0
	case dropPermit:
		s.reserved -= uint8(c.Room)
	case force:
		return e.force(s, capacity)
	case length:
		return s.rx == 0 || c.N == int(s.n)
	case shut:
		if !c.First {
			return s.closed
		}
		ok := !s.closed
		s.closed, s.cause = true, c.Cause
		return ok
	case cloneTx:
		s.tx |= s.tx >> c.Origin & 1 << c.Handle
	case cloneRx:
		s.rx |= s.rx >> c.Origin & 1 << c.Handle
	case dropTx:
		s.dropTx(c.Handle)
	case dropRx:
		s.dropRx(c.Handle)
	case never:
		return false
	}
	return true
}

func (e step) send(s *state, capacity int) bool {
	c := e.call
	room := s.room(capacity)
	switch e.what {
	case arrive:
		want := max(1, c.Room, len(c.Vals)-int(s.progress[c.ID]))
		if e.blocked && (s.closed || s.waiting == 0 && room >= want) {
			return false
		}
		if c.Kind != SendMany || int(s.progress[c.ID]) < len(c.Vals) {
			s.join(c.ID)
		}
	case try:
		if s.closed || s.waiting > 0 {
			return false
		}
		return e.fill(s, room)
	case serve:
		if s.closed || !s.first(c.ID) {
			return false
		}
		s.leave(c.ID)
		return e.fill(s, room)
	case piece:
		return e.piece(s, room)
	case leave:
		if c.Kind == Reserve && s.progress[c.ID] == 1 {
			s.reserved -= uint8(c.Room)
		} else if !s.leave(c.ID) {
			return false
		}
		if c.Kind == SendMany && int(s.progress[c.ID]) != c.N {
			return false
		}
		return c.Out != Closed || s.closed && s.cause == c.Cause
	case turnedAway:
		return s.closed && s.cause == c.Cause
	case findFull:
		return !s.closed && (s.waiting > 0 || room < max(1, c.Room))
	}
	return true
}

// fill puts what there is to send into free slots, or reserves them. A message needs no
// slot if a parked receive takes it out of the hands of its sender, which happens only if
// nothing is before it. It makes a difference when every slot is reserved.
func (e step) fill(s *state, room int) bool {
	if room < max(1, e.call.Room) {
		if e.other == nil || s.n > 0 || s.waiting > 0 {
			return false
		}
		s.handing = true
	}
	s.reserved += uint8(e.call.Room)
	for _, v := range e.call.Vals {
		s.push(v)
	}
	return true
}

// parked reports whether the step takes a message as a goroutine that was parked.
func (e step) parked() bool {
	return (e.what == take && e.call.Kind == Recv || e.what == takeFirst && e.call.Kind == RecvMany) && e.call.Pinned == 0
}

// piece sends what there is room for of a batch: all of it at once if that is possible.
func (e step) piece(s *state, room int) bool {
	c := e.call
	done := int(s.progress[c.ID])
	if e.index < done {
		return true // it went in together with the one before
	}
	inTurn := s.first(c.ID) || s.waiting == 0 // it may look at its context between the first pieces and the line
	n := min(room, len(c.Vals)-done)
	if s.closed || !inTurn || n < 1 || done+n > c.N {
		return false
	}
	for _, v := range c.Vals[done : done+n] {
		s.push(v)
	}
	s.progress[c.ID] += uint8(n)
	if done+n == len(c.Vals) {
		s.leave(c.ID)
	}
	return true
}

func (e step) receive(s *state, capacity int) bool {
	c := e.call
	switch e.what {
	case take:
		return s.popAll(c.Got)
	case look, takeFirst, takeRest:
		return e.batch(s)
	case findEmpty:
		return s.n == 0 && !s.over() && (capacity != 0 || s.closed || s.waiting == 0)
	case findEnd:
		return s.n == 0 && s.over() && s.cause == c.Cause
	}
	return true
}

// How far a receive of a batch has come, in state.progress.
const (
	looked uint8 = iota + 1 // knows how many it takes
	handed                  // has the first, and takes others
	lookedAgain
	complete
)

// batch takes a step of a receive of a batch. It looks how many there are and then takes
// them, or it was handed the only one and does so then with what else is there.
func (e step) batch(s *state) bool {
	c := e.call
	p := &s.progress[c.ID]
	switch {
	case e.what == look && *p == 0:
		*p = looked
		return len(c.Got) == min(int(s.n), c.Room)
	case e.what == look && *p == handed:
		*p = lookedAgain
		return len(c.Got)-1 == min(int(s.n), c.Room-1)
	case e.what == takeFirst && *p == looked:
		*p = complete
		return s.popAll(c.Got)
	case e.what == takeFirst && *p == 0 && c.Kind == RecvMany:
		*p = handed
		return s.n == 1 && s.popAll(c.Got[:1])
	case e.what == takeRest && *p == lookedAgain:
		*p = complete
		return s.popAll(c.Got[1:])
	}
	return e.what == takeRest && *p == complete
}

// meet hands a message over without a slot, from the first in the line of senders.
func (e step) meet(s *state) bool {
	tx, rx := e.call, e.other
	if s.closed || s.progress[rx.ID] != uint8(e.position) {
		return false
	}
	s.progress[rx.ID]++
	if tx.Kind == TrySend {
		return s.waiting == 0
	}
	inTurn := s.first(tx.ID) || tx.Kind == SendMany && s.waiting == 0
	if !inTurn || s.progress[tx.ID] != uint8(e.index) {
		return false
	}
	if s.progress[tx.ID]++; int(s.progress[tx.ID]) == len(tx.Vals) {
		s.leave(tx.ID)
	}
	return true
}

func (e step) force(s *state, capacity int) bool {
	c := e.call
	if s.closed {
		return false
	}
	full := s.room(capacity) < 1
	if c.Out == Full {
		return full && s.n == 0
	}
	if full != (len(c.Got) == 1) || full && !s.popAll(c.Got) {
		return false
	}
	s.push(c.Vals[0])
	return true
}
