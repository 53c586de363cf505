package channel

import (
	"github.com/handoff-go/handoff/internal/discard"
	"github.com/handoff-go/handoff/internal/queue"
)

// Discarder is a message that is notified when it is discarded.
type Discarder = discard.Discarder

// Discard calls Discarded of v, if it is a [Discarder]. No lock may be held.
func Discard[T any](v T) { discard.Value(v) }

// discardAll is Discard for the messages that were left in a list. It does not walk the list if
// T cannot be a Discarder.
func discardAll[T any](rest queue.Rest[T]) {
	if !rest.Empty() && discard.Interested[T]() {
		some := rest // apart, because what escapes is allocated by every call
		discard.All(discard.Next(some.Next))
	}
}
