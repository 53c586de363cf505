package linearizability

import (
	"fmt"
	"strings"
)

// Kind is what a call does.
type Kind uint8

// The kinds of calls. Those that differ only in how they wait are one kind.
const (
	Send Kind = iota
	TrySend
	SendMany
	Recv
	TryRecv
	RecvMany
	TryRecvMany
	Reserve
	TryReserve
	PermitSend
	PermitDrop
	ForceSend
	Len
	Close
	CloneTx
	DropTx
	CloneRx
	DropRx
)

var kindNames = [...]string{
	"Send", "TrySend", "SendMany", "Recv", "TryRecv", "RecvMany", "TryRecvMany", "Reserve", "TryReserve",
	"PermitSend", "PermitDrop", "ForceSend", "Len", "Close", "CloneTx", "DropTx", "CloneRx", "DropRx",
}

// String implements fmt.Stringer.
func (k Kind) String() string { return kindNames[k] }

func (k Kind) waits() bool { return k == Send || k == SendMany || k == Reserve }

// throughTx reports whether a call goes through a sender handle, and fails if that was
// dropped.
func (k Kind) throughTx() bool {
	return k <= SendMany || k == Reserve || k == TryReserve || k == ForceSend
}

func (k Kind) throughRx() bool { return Recv <= k && k <= TryRecvMany }

// Outcome is the error of a call, as far as the model distinguishes errors.
type Outcome uint8

// The outcomes. GaveUp is an ended context, a timeout, or a future that was dropped.
const (
	OK Outcome = iota
	Full
	Empty
	Closed
	Dropped
	GaveUp
	Strange // an error that no document mentions here
)

var outcomeNames = [...]string{"ok", "full", "empty", "closed", "dropped", "gave up", "STRANGE"}

// String implements fmt.Stringer.
func (o Outcome) String() string { return outcomeNames[o] }

// Call is an operation as it was recorded.
type Call struct {
	ID     int
	Client int
	Kind   Kind
	Form   string  // how it waits, for the reader
	Handle int     // through which handle; of Clone, the new one
	Origin int     // of Clone, the old one
	Vals   []uint8 // to be sent
	Room   int     // of the buffer of a batch receive; slots of a reservation

	From, To int64 // logical times of call and return
	Pinned   int64 // when the first poll returned, if that was not ready
	Ending   int64 // when the owner of a polled future began to end it

	Out   Outcome
	N     int     // messages sent; of Len, the answer
	Got   []uint8 // messages received, or evicted
	Cause uint8   // of Close, and of an outcome Closed
	First bool    // of Close: it was this call that closed
	Text  string  // of a Strange outcome
}

// String describes the call for reports and pictures.
func (c *Call) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v", c.Kind)
	if c.Form != "" {
		fmt.Fprintf(&b, "/%s", c.Form)
	}
	fmt.Fprintf(&b, "(h%d", c.Handle)
	if c.Vals != nil {
		fmt.Fprintf(&b, " %v", c.Vals)
	}
	if c.Room > 0 {
		fmt.Fprintf(&b, " up to %d", c.Room)
	}
	fmt.Fprintf(&b, ") %v", c.Out)
	switch c.Kind {
	case Len, SendMany:
		fmt.Fprintf(&b, " n=%d", c.N)
	case Close:
		fmt.Fprintf(&b, " first=%v", c.First)
	}
	if c.Got != nil {
		fmt.Fprintf(&b, " got %v", c.Got)
	}
	if c.Cause != 0 {
		fmt.Fprintf(&b, " cause %d", c.Cause)
	}
	if c.Text != "" {
		fmt.Fprintf(&b, " %q", c.Text)
	}
	return b.String()
}

// History is what a program did.
type History struct {
	Capacity int    // Unlimited, or the capacity
	Tx, Rx   uint16 // the handles at the beginning, a bit each
	Calls    []*Call
}

// Unlimited is the capacity of an unbounded channel.
const Unlimited = -1

// Overlaps counts the pairs of calls that overlapped in time.
func (h *History) Overlaps() (n int) {
	for i, a := range h.Calls {
		for _, b := range h.Calls[i+1:] {
			if b.From < a.To {
				n++
			}
		}
	}
	return n
}

// String lists the calls in the order in which they began.
func (h *History) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "capacity %d, senders %b, receivers %b\n", h.Capacity, h.Tx, h.Rx)
	for _, c := range h.Calls {
		fmt.Fprintf(&b, "  client %d  [%3d, %3d]", c.Client, c.From, c.To)
		if c.Pinned != 0 {
			fmt.Fprintf(&b, " pending at %d", c.Pinned)
		}
		fmt.Fprintf(&b, "  %v\n", c)
	}
	return b.String()
}
