package async

// Discarder is implemented by messages that need a notification when they are discarded, because
// the last receiver was dropped or because a [Pipe] that had received one ended. It has the method
// of mpsc.Discarder, whose documentation says more, so that a message that implements one
// implements both.
type Discarder interface {
	// Discarded is called by the library, not by users of the message.
	Discarded()
}

// Discarded implements [Discarder] with [Sender.Drop], for a handle that is a message or
// part of one. A nil handle is none. The library calls it; users call Drop.
func (s *Sender[T]) Discarded() {
	if s != nil {
		s.Drop()
	}
}

// Discarded implements [Discarder] with [Receiver.Drop]. The library calls it; users call Drop.
func (r *Receiver[T]) Discarded() {
	if r != nil {
		r.Drop()
	}
}
