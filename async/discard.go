package async

import "github.com/handoff-go/handoff/sync/mpsc"

// Discarder is [mpsc.Discarder]: a message whose Discarded is called when it is discarded,
// because the last receiver was dropped or because a [Pipe] that had received it ended.
type Discarder = mpsc.Discarder

// Discarded implements [Discarder] with [Sender.Drop], for a handle that is a message or
// part of one. A nil handle is none.
func (s *Sender[T]) Discarded() {
	if s != nil {
		s.Drop()
	}
}

// Discarded implements [Discarder] with [Receiver.Drop].
func (r *Receiver[T]) Discarded() {
	if r != nil {
		r.Drop()
	}
}
