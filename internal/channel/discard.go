package channel

import (
	"github.com/handoff-go/handoff/internal/discard"
	"github.com/handoff-go/handoff/internal/queue"
)

// Discarder is a message that is told when nobody will receive it.
type Discarder = discard.Discarder

// Discard tells v, if it is a [Discarder], that it was discarded. No lock may be held.
func Discard[T any](v T) { discard.Value(v) }

// discardAll is Discard for what was left in a list. Messages that are no Discarders are not
// looked at one by one.
func discardAll[T any](rest queue.Rest[T]) {
	if !rest.Empty() && discard.Interested[T]() {
		some := rest // apart, because what escapes is allocated by every call
		discard.All(discard.Next(some.Next))
	}
}
