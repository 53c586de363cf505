package probe

import "time"

// Actor is a task or a goroutine.
type Actor struct {
	ID        uint64
	Name      string
	Goroutine uint64 // the number that a traceback shows, of a goroutine
	IsTask    bool   // a task; ID is that of its [Task]
}

// Waiting is an actor that waits on a channel or for a task.
type Waiting struct {
	Actor   uint64 // 0: not known
	Op      Op
	Channel uint64    // on which, or 0
	Task    uint64    // for which, or 0
	Since   time.Time // the beginning of the wait
	Timed   bool      // it ends after some time, whatever others do
	Polled  bool      // by a future, which may be one of several that the actor waits for
	Text    string    // of [Other]: the type of the future
}

// Handle is a live handle of a channel.
type Handle struct {
	Side Side
	User uint64 // the actor that used it last, or else made it; 0: not known
	Used bool   // and not just made it, which says little: many are made for another actor
}

// Channel is what is known of a channel at one moment.
type Channel struct {
	ID       uint64
	Name     string
	Site     string // where it was made: file:line
	Message  string // the type of its messages
	Face     string // "mpsc" or "async"
	Capacity int    // -1: none
	Made     time.Time
	Filled   time.Time // when a message lay in it for the first time; zero: never

	Len, HighWater           int
	Senders, Receivers, Weak int
	Reserved                 int
	Sent, Received           uint64 // messages, also those handed over directly
	Discarded, Evicted       uint64
	Collected                uint64 // handles that were garbage and not dropped
	Full                     uint64 // how many sends found no room at once
	Closed                   bool
	Cause                    string    // why it was closed; "" while it is open
	LastSent, LastReceived   time.Time // zero: never, or not recorded at this level

	// The holder of the senders is set while a receive waits, if one actor has made and used
	// every sender that is left, no other was seen to use one, and others had senders that are
	// dropped. That of the receivers is set while a send waits, if one actor has made all of
	// them and no other was seen to use one. Neither is known of a channel that is only
	// counted.
	SenderHolder, ReceiverHolder *Holder

	Waiting []Waiting
	Handles []Handle
}

// Holder is the actor that seems to have all handles of a side.
type Holder struct {
	Actor uint64
	Site  string // where one of the handles was made: file:line
}

// Task is what is known of a task at one moment.
type Task struct {
	ID      uint64 // as an actor
	Runtime string // the name of its runtime
	Number  uint64 // its ID in its runtime
	Name    string
	Parent  uint64 // the actor that spawned it; 0: not a task
	Site    string // where it was spawned, or where its function stands
	Kind    string // "polled", "function" or "blocking"
	State   string // "ready", "running", "waiting", "queued" or "done"
	Spawned time.Time

	QueueWait   time.Duration // queued for a worker, so far
	RunTime     time.Duration // on a worker, so far
	Polls       uint64
	LongestPoll time.Duration // of a polled task; of a function, the longest run between two awaits
	StateSince  time.Time

	On      *Waiting  // what it awaits, or nil
	Waiting []Waiting // the actors that join it
	Err     string    // of a task that has ended
	Panic   string
}
