package observe

import "time"

// State is what [Snapshot] returns: every observed channel and task that is in use, at
// about one moment. Each channel and each task is looked at by itself, one after the
// other, so that nothing is held up as a whole: two rows may differ by what happened
// between the two looks. Taken is before the first. What began later is of the meantime.
//
// Its JSON form is that of the fields: times as in RFC 3339, durations in nanoseconds.
type State struct {
	Taken    time.Time `json:"taken"`    // when the snapshot began
	Level    string    `json:"level"`    // "off", "counts" or "events"
	Channels []Channel `json:"channels"` // the oldest first
	Tasks    []Task    `json:"tasks"`    // likewise, with the last that have ended
	Remote   []Remote  `json:"remote"`   // channels elsewhere, while recording is on
	Actors   []Actor   `json:"actors"`   // whom the rows refer to

	Events uint64 `json:"events"` // recorded since recording was switched on
	Lost   uint64 `json:"lost"`   // of these, overwritten in the ring by newer ones
}

// Actor is a task or a goroutine that uses channels.
type Actor struct {
	ID        uint64 `json:"id"`                  // unique in the process, also among channels
	Name      string `json:"name"`                // of a task from its spawn, of a goroutine from [Name], or ""
	Goroutine uint64 `json:"goroutine,omitempty"` // as a traceback numbers it; 0 for a task
	Task      bool   `json:"task,omitempty"`      // ID is that of a [Task]
}

// Channel is one channel of either face.
type Channel struct {
	ID       uint64    `json:"id"`              // unique in the process, also among actors
	Name     string    `json:"name"`            // of the option Named, or ""
	Site     string    `json:"site"`            // file:line where it was made
	Message  string    `json:"message"`         // the type of the messages
	Flavour  string    `json:"flavour"`         // "mpsc unbounded", "async bounded", "async rendezvous", ...
	Capacity int       `json:"capacity"`        // -1: unbounded
	Made     time.Time `json:"made"`            // when
	Filled   time.Time `json:"filled,omitzero"` // when a message lay in it for the first time

	Len       int `json:"len"`       // messages that are there
	HighWater int `json:"highWater"` // the most that Len has been; beyond 16, and with counts only, up to a sixteenth less
	Senders   int `json:"senders"`   // live handles
	Receivers int `json:"receivers"` // likewise
	Weak      int `json:"weak"`      // weak handles of both sides
	Reserved  int `json:"reserved"`  // slots promised to permits

	Sent         uint64    `json:"sent"`                  // messages
	Received     uint64    `json:"received"`              // messages, also those that never lay in the queue
	Discarded    uint64    `json:"discarded"`             // with the last receiver
	Evicted      uint64    `json:"evicted"`               // by ForceSend
	Collected    uint64    `json:"collected"`             // handles that were garbage and not dropped
	TimesFull    uint64    `json:"timesFull"`             // sends that found no room at once
	LastSent     time.Time `json:"lastSent,omitzero"`     // recorded at level events only
	LastReceived time.Time `json:"lastReceived,omitzero"` // likewise

	Closed bool   `json:"closed"`          // no more sends
	Cause  string `json:"cause,omitempty"` // why it is closed

	// SenderHolder is the actor that seems to have all senders: it waits to receive, it has
	// made every sender that is left and used or cloned each, no other actor was seen to use
	// one, and other actors had senders that are dropped. It is nil otherwise, and at level
	// counts also while leak tracking is off.
	SenderHolder *Holder `json:"senderHolder,omitempty"`
	// ReceiverHolder is the actor that seems to have all receivers: it waits to send, it has
	// made every receiver, and no other actor was seen to use one. It is nil otherwise, and at
	// level counts also while leak tracking is off.
	ReceiverHolder *Holder `json:"receiverHolder,omitempty"`

	Waiting []Waiting `json:"waiting"` // the longest first
	Handles []Handle  `json:"handles"` // the live ones
}

// Holder is an actor that has made all handles of one side of a channel.
type Holder struct {
	Actor uint64 `json:"actor"` // that made them
	Site  string `json:"site"`  // file:line where one of them was made
}

// Waiting is an operation that has not come to an end.
type Waiting struct {
	Actor   uint64        `json:"actor"`             // 0: not known
	Op      string        `json:"op"`                // "send", "reserve", "recv", "close", "join", "sleep" or "other"
	Channel uint64        `json:"channel,omitempty"` // on which, or 0
	Task    uint64        `json:"task,omitempty"`    // whose end is awaited
	Since   time.Time     `json:"since"`             // the beginning of the wait
	For     time.Duration `json:"for"`               // until the state was taken
	Polled  bool          `json:"polled,omitempty"`  // by a future, on a channel: its owner may wait for others too
	What    string        `json:"what,omitempty"`    // where other things may end the wait too: the type of the future, or "recv with a timeout" and the like
}

// Handle is a sender or receiver that was not dropped.
type Handle struct {
	Side string `json:"side"` // "sender" or "receiver"
	User uint64 `json:"user"` // the actor that used it last, or else made it; 0: not known

	// Used is whether that actor was seen to use it, and did not just make it, maybe for
	// another actor. At level counts a use is only seen where it has to wait.
	Used bool `json:"used"`
}

// Task is one task of any runtime.
type Task struct {
	ID      uint64    `json:"id"`      // as an actor
	Runtime string    `json:"runtime"` // the name of its runtime, or ""
	Number  uint64    `json:"number"`  // its ID in its runtime
	Name    string    `json:"name"`    // from its spawn, or ""
	Parent  uint64    `json:"parent"`  // the actor that spawned it; 0: none
	Site    string    `json:"site"`    // file:line where it was spawned
	Kind    string    `json:"kind"`    // "polled", "function" or "blocking"
	State   string    `json:"state"`   // "ready", "running", "waiting", "queued" or "done"
	Spawned time.Time `json:"spawned"` // when
	Since   time.Time `json:"since"`   // in this state since then

	QueueWait   time.Duration `json:"queueWait"`   // queued for a worker, so far
	RunTime     time.Duration `json:"runTime"`     // on a worker, so far
	Polls       uint64        `json:"polls"`       // of a function, how often it went on
	LongestPoll time.Duration `json:"longestPoll"` // the longest time on a worker between two waits

	Awaits  *Waiting  `json:"awaits,omitempty"` // of one that waits
	Waiting []Waiting `json:"waiting"`          // who awaits its end, the longest first
	Err     string    `json:"err,omitempty"`    // that it ended with
	Panic   string    `json:"panic,omitempty"`  // the value, of one that has panicked
}
