package channel

import "github.com/handoff-go/handoff/internal/queue"

// Discarder is a message that is told when nobody will receive it.
type Discarder interface{ Discarded() }

// Discard tells v, if it is a [Discarder], that it was discarded. That is somebody
// else's code, so no lock is held.
func Discard[T any](v T) {
	d, ok := any(v).(Discarder)
	if !ok {
		d, ok = any(&v).(Discarder)
	}
	if ok {
		d.Discarded()
	}
}

// discardAll is Discard for what was left in a list. All are told, whatever one of
// them does.
func discardAll[T any](rest queue.Rest[T]) {
	var v T
	switch any(v).(type) {
	case Discarder:
	case nil: // T is an interface, so it depends on the message
	default:
		if _, ok := any(&v).(Discarder); !ok {
			return // they need not be looked at one by one
		}
	}
	tell(&rest)
}

func tell[T any](rest *queue.Rest[T]) {
	told := false
	defer func() {
		if !told {
			tell(rest) // a panic of one message is not the fault of the others
		}
	}()
	for v, ok := rest.Next(); ok; v, ok = rest.Next() {
		Discard(v)
	}
	told = true
}
