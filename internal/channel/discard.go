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

// tell tells the messages of rest. The first panic, or Goexit, goes on to the caller, with
// its own stack, for nobody recovers it; but not before the others were told.
func tell[T any](rest *queue.Rest[T]) {
	told := false
	defer func() {
		if !told {
			tellOthers(rest) // what one message does is not the fault of the others
		}
	}()
	for v, ok := rest.Next(); ok; v, ok = rest.Next() {
		Discard(v)
	}
	told = true
}

// tellOthers is tell when one has panicked already. It is a loop and no recursion, for
// each message may do the same; only a Goexit cannot be left behind.
func tellOthers[T any](rest *queue.Rest[T]) {
	told := false
	defer func() {
		if !told {
			tellOthers(rest)
		}
	}()
	for v, ok := rest.Next(); ok; v, ok = rest.Next() {
		discardSafely(v)
	}
	told = true
}

func discardSafely[T any](v T) {
	defer func() { _ = recover() }()
	Discard(v)
}
