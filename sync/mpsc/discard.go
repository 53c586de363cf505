package mpsc

// Discarder is implemented by messages that need a notification when they are discarded
// because the last receiver was dropped while they were in the channel. Such a message has
// no owner any more, so its own method must release what it owns, usually a reply that
// another goroutine waits for:
//
//	type request struct {
//	    question string
//	    answer   *future.Promise[string]
//	}
//
//	func (r request) Discarded() { r.answer.Drop() } // the wait for the answer ends at once
//
// Discarded is called once, by the Drop of the receiver, after the senders were notified and
// in the order of the messages; the first panic in it reaches the caller of that Drop, after
// the other messages were discarded. A message that is returned to its sender, by the error
// of a send, was not discarded. Senders, receivers and promises, which may be the message
// itself or embedded in it, have the method already.
//
// A receiver that is dropped by a Discarded discards its own messages before its Drop
// returns. Once 32 such Drops are nested, the messages of further ones are queued and
// discarded before the outermost Drop returns, so that no depth overflows the stack.
//
// Channels of other types pay nothing for it; for a channel of a Discarder or of an
// interface, the cost of Drop grows with the number of buffered messages.
type Discarder interface {
	// Discarded is called by the library, not by users of the message.
	Discarded()
}

// Discarded implements [Discarder] with [Sender.Drop], for a handle that is a message or
// embedded in one. It does nothing on a nil handle. The library calls it; users call Drop.
func (s *Sender[T]) Discarded() {
	if s != nil {
		s.Drop()
	}
}

// Discarded implements [Discarder] with [SyncSender.Drop]. The library calls it; users call Drop.
func (s *SyncSender[T]) Discarded() {
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
