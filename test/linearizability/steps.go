package linearizability

import (
	"fmt"

	"github.com/anishathalye/porcupine"
)

// what a step does.
type what uint8

const (
	arrive     what = iota // take a place in the line of senders
	serve                  // the first queued sender gets room
	piece                  // a part of a batch goes in
	leave                  // give the place in the line up
	turnedAway             // a send that does not wait meets the end
	findFull
	try // a send that does not wait
	take
	look      // how many messages are there
	takeFirst // of a batch: all of it, or what it was handed
	takeRest
	findEmpty
	findEnd
	meet
	grantMaybe // a reservation that fails in the end may have been granted for a while
	usePermit
	dropPermit
	force
	length
	shut
	cloneTx
	cloneRx
	dropTx
	dropRx
	never // explained by no order
)

var whatNames = [...]string{
	"arrive", "serve", "piece", "leave", "turned away", "full", "try", "take", "look", "take first", "take rest", "empty", "end", "meet",
	"grant?", "use permit", "drop permit", "force", "length", "close", "clone", "clone", "drop", "drop", "NEVER",
}

// step is a call, or the part of one that has a moment of its own.
type step struct {
	what     what
	call     *Call
	index    int   // of the message in the batch
	blocked  bool  // of arrive: it has found no room
	other    *Call // the receive that the message met: always of meet; of others, if it may have been parked
	position int   // of meet: of the message in what that received
	why      string
}

func (e step) String() string {
	s := whatNames[e.what] + ": " + e.call.String()
	if e.what == meet {
		s += " with " + e.other.String()
	}
	return s + e.why
}

// expansion makes the steps of a history.
type expansion struct {
	h     *History
	ops   []porcupine.Operation
	drops map[int]*Call // the first Drop to return of a sender handle
	gone  map[int]*Call // the same of a receiver handle
}

// Steps returns the history as porcupine wants it.
func Steps(h *History) []porcupine.Operation {
	x := &expansion{h: h, drops: map[int]*Call{}, gone: map[int]*Call{}}
	for _, c := range h.Calls {
		switch c.Kind {
		case DropTx:
			x.drops[c.Handle] = earlier(x.drops[c.Handle], c)
		case DropRx:
			x.gone[c.Handle] = earlier(x.gone[c.Handle], c)
		}
	}
	for _, c := range h.Calls {
		x.call(c)
	}
	return x.ops
}

func earlier(a, b *Call) *Call {
	if a == nil || b.To < a.To {
		return b
	}
	return a
}

func (x *expansion) add(from, to int64, e step) {
	if from > to {
		e.what, e.why = never, ": the calls do not overlap"
		from, to = e.call.From, e.call.To
	}
	x.ops = append(x.ops, porcupine.Operation{ClientId: e.call.Client, Input: e, Call: from, Return: to})
}

func (x *expansion) whole(c *Call, w what) { x.add(c.From, c.To, step{what: w, call: c}) }

func (x *expansion) never(c *Call, why string) {
	x.add(c.From, c.To, step{what: never, call: c, why: ": " + why})
}

func (x *expansion) call(c *Call) {
	if c.Out == Strange {
		x.never(c, "an unexpected error")
		return
	}
	if x.decidedByHandle(c) {
		return
	}
	switch {
	case c.Kind.waits():
		x.waiting(c)
	case c.Kind.throughRx():
		x.receive(c)
	default:
		x.simple(c)
	}
}

// waiting makes the steps of a call that may be queued as a sender.
func (x *expansion) waiting(c *Call) {
	if x.h.Capacity == Unlimited {
		x.simple(c)
		return
	}
	in := step{what: arrive, call: c, blocked: c.Pinned != 0 || c.Out == GaveUp}
	until := c.To
	if c.Pinned != 0 {
		until = c.Pinned
	}
	x.add(c.From, until, in)
	switch {
	case x.h.Capacity == 0:
		if !x.met(c) { // the meetings are made from the receives
			x.never(c, "sent without a receive")
		}
	case c.Kind == SendMany:
		for i := range c.N {
			x.add(c.From, c.To, step{what: piece, call: c, index: i})
		}
	case c.Out == OK:
		x.add(c.From, c.To, step{what: serve, call: c, other: x.parked(c)})
	case c.Kind == Reserve:
		x.whole(c, grantMaybe)
	}
	switch {
	case c.Out == GaveUp:
		x.add(x.outOfLine(c), c.To, step{what: leave, call: c})
	case c.Out != OK:
		x.whole(c, leave)
	}
}

// outOfLine returns when a send that gave up may have left the line at the earliest:
// a future when its owner ended it, or when its handle was dropped, which the owner of
// a future that is not polled again never sees.
func (x *expansion) outOfLine(c *Call) int64 {
	from := max(c.From, c.Ending)
	for _, d := range x.h.Calls {
		if d.Kind == DropTx && d.Handle == c.Handle {
			from = min(from, max(c.From, d.From))
		}
	}
	return from
}

// met reports whether as many messages of a send were received as it says.
func (x *expansion) met(c *Call) bool {
	n := 0
	for _, v := range c.Vals {
		for _, r := range x.h.Calls {
			if r.Kind.throughRx() {
				for _, got := range r.Got {
					if got == v {
						n++
					}
				}
			}
		}
	}
	return n == c.N
}

func (x *expansion) receive(c *Call) {
	switch c.Out {
	case Closed:
		x.whole(c, findEnd)
	case Empty:
		x.whole(c, findEmpty)
	case GaveUp:
		to := c.To
		if c.Pinned != 0 {
			to = c.Pinned
		}
		x.add(c.From, to, step{what: findEmpty, call: c})
	case OK:
		switch {
		case x.h.Capacity == 0:
			x.meetings(c)
		case c.Room > 0:
			x.whole(c, look)
			x.whole(c, takeFirst)
			if c.Kind == RecvMany {
				x.whole(c, takeRest)
			}
		default:
			x.whole(c, take)
		}
	}
}

// meetings makes one step of a receive and each send that it took a message from.
func (x *expansion) meetings(r *Call) {
	for j, v := range r.Got {
		tx, i := x.sender(v)
		if tx == nil || i >= tx.N {
			x.never(r, fmt.Sprintf("%d was not sent", v))
			continue
		}
		x.add(max(tx.From, r.From), min(tx.To, r.To), step{what: meet, call: tx, index: i, other: r, position: j})
	}
}

func (x *expansion) sender(v uint8) (c *Call, index int) {
	for _, c := range x.h.Calls {
		for i, sent := range c.Vals {
			if sent == v {
				return c, i
			}
		}
	}
	return nil, 0
}

// parked returns the receive that may have taken the message of a send out of its hands,
// which it did only if the two overlap.
func (x *expansion) parked(c *Call) *Call {
	if c.Kind != Send && c.Kind != TrySend {
		return nil
	}
	for _, r := range x.h.Calls {
		if (r.Kind == Recv || r.Kind == RecvMany) && r.Pinned == 0 && r.From < c.To && len(r.Got) > 0 && r.Got[0] == c.Vals[0] {
			return r
		}
	}
	return nil
}

var simple = map[Kind]what{
	PermitSend: usePermit, PermitDrop: dropPermit, ForceSend: force, Len: length, Close: shut,
	CloneTx: cloneTx, CloneRx: cloneRx, DropTx: dropTx, DropRx: dropRx,
}

func (x *expansion) simple(c *Call) {
	switch w, one := simple[c.Kind]; {
	case c.Out == Closed && c.Kind != PermitSend:
		x.whole(c, turnedAway)
	case c.Out == Dropped || c.Out == GaveUp: // a send that is never full cannot give up
		if c.Out == GaveUp {
			x.never(c, "nothing to wait for")
		}
	case one:
		x.whole(c, w)
	case c.Out == Full:
		x.whole(c, findFull)
	case x.h.Capacity != 0:
		x.add(c.From, c.To, step{what: try, call: c, other: x.parked(c)})
	case !x.met(c):
		x.never(c, "sent without a receive")
	}
}
