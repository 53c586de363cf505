package observe

import "time"

// Event is one thing that happened to a channel or a task. [Events] returns them. Fields
// that say nothing for a kind are zero.
//
// The message with the number n that Actor a has sent into a channel is the one with the
// number n that Actor b receives from it: this is how a diagram gets its arrows. A message
// that is handed to a waiting receiver directly has a number too.
type Event struct {
	Seq     uint64    `json:"seq"`               // grows by one from event to event; a gap was lost
	Time    time.Time `json:"time"`              // when
	Kind    Kind      `json:"kind"`              // what
	Actor   uint64    `json:"actor,omitempty"`   // who did it; 0: not known
	Channel uint64    `json:"channel,omitempty"` // on which, or 0
	Task    uint64    `json:"task,omitempty"`    // whom it is about
	Side    string    `json:"side,omitempty"`    // "sender" or "receiver", of a handle
	Op      string    `json:"op,omitempty"`      // what is waited in; see [Waiting]
	Message uint64    `json:"message,omitempty"` // number of the first message, from 1 on
	Count   int       `json:"count,omitempty"`   // how many messages
	Text    string    `json:"text,omitempty"`    // a name, a cause, an error, a panic; of sent: the label of the message, if the program opted in
}

// Kind is the kind of an [Event], as a word for logs and JSON.
type Kind string

// The kinds of events.
const (
	Made      Kind = "made"      // a channel, with its first two handles; Text: its name
	Cloned    Kind = "cloned"    // a handle, from another one or from a weak one
	Dropped   Kind = "dropped"   // a handle
	Collected Kind = "collected" // a handle, by the garbage collector: it was not dropped
	Closed    Kind = "closed"    // a channel; Text: why
	Sent      Kind = "sent"      // Count messages from Message on
	Received  Kind = "received"  // likewise
	Evicted   Kind = "evicted"   // a message, by ForceSend
	Discarded Kind = "discarded" // Count messages, with the last receiver
	Blocked   Kind = "blocked"   // Actor waits, in Op, on Channel or for Task
	Resumed   Kind = "resumed"   // the wait is over; Text: the error

	Spawned   Kind = "spawned"   // Task, by Actor; Text: its name
	Started   Kind = "started"   // Task runs for the first time
	Finished  Kind = "finished"  // Task has returned; Text: the error
	Cancelled Kind = "cancelled" // Task, by Actor: it is asked to return
	Panicked  Kind = "panicked"  // Task; Text: the value
)
