package probe

import "time"

// Event is one thing that happened. Which fields are set depends on the kind; see the
// kinds. Package observe has it under its own name, with the documentation for users.
type Event struct {
	Seq     uint64
	Time    time.Time
	Kind    Kind
	Actor   uint64
	Channel uint64
	Task    uint64
	Side    Side
	Op      Op
	Message uint64
	Count   int
	Text    string
}

// Kind is the kind of an [Event].
type Kind uint8

// The kinds of events. Actor is the task or goroutine that did it, or 0 if that is not known.
const (
	_ Kind = iota

	// Of channels: Channel is set.

	Made      // the channel, with its first two handles; Text is its name
	Cloned    // a handle of Side from another one, or upgraded from a weak one
	Dropped   // a handle of Side
	Collected // a handle of Side by the garbage collector, not dropped
	Closed    // no more sends; Text is why
	Sent      // Count messages; Message is the number of the first
	Received  // Count messages; Message is the number of the first
	Evicted   // one message, Message, by a ForceSend
	Discarded // Count messages from Message on, with the last receiver
	Blocked   // Actor begins to wait in Op, on Channel or, to join, for Task
	Resumed   // the wait is over; Text is the error, or ""

	// Of tasks: Task is set.

	Spawned   // Actor has spawned Task; Text is its name
	Started   // it runs for the first time
	Finished  // it has returned; Text is the error, or ""
	Cancelled // Actor has cancelled it, which asks it to return
	Panicked  // it has panicked; Text is the value
)

// Side is one of the two ends of a channel.
type Side uint8

const (
	NoSide Side = iota
	SenderSide
	ReceiverSide
)

// Op is the operation that an actor waits in.
type Op uint8

const (
	NoOp    Op = iota
	Send       // for room, or for a receiver at capacity 0
	Reserve    // for slots
	Recv       // for a message
	Close      // for the channel to be closed
	Join       // for the end of a task
	Sleep      // for a time
	Other      // for a future that is none of these; Text of the event is its type
)
