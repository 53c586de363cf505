package mpsc

// The methods that both kinds of sender have. They are methods of the types themselves and not
// promoted, so that the documentation has them with their type parameter.

// Drop ends this handle: sends through it fail from now on. The last sender's Drop
// disconnects the receiver, which still receives the messages sent before. Sends that
// wait through this handle in other goroutines return [ErrDropped] with their value.
//
// Drop may be called any number of times, from any goroutine, and never blocks.
// Every handle needs one; the usual place is a defer right where the goroutine
// that owns it begins.
func (s *Sender[T]) Drop() { s.drop() }

// IsDisconnected reports whether the receiver was dropped, so that every send
// fails from now on. It never blocks. False may be outdated at once; only a send is
// conclusive.
func (s *Sender[T]) IsDisconnected() bool { return s.isDisconnected() }

// Done returns a channel that is closed when the receiver is dropped, for use in a
// select: a producer that waits for something else is notified that its sends would fail.
// Dropping senders does not close it. All calls on all handles of a channel return the same
// one, which the first call makes.
func (s *Sender[T]) Done() <-chan struct{} { return s.done() }

// Drop ends this handle: sends through it fail from now on. The last sender's Drop
// disconnects the receiver, which still receives the messages sent before. Sends that
// wait through this handle in other goroutines return [ErrDropped] with their value.
//
// Drop may be called any number of times, from any goroutine, and never blocks.
// Every handle needs one; the usual place is a defer right where the goroutine
// that owns it begins.
func (s *SyncSender[T]) Drop() { s.drop() }

// IsDisconnected reports whether the receiver was dropped, so that every send
// fails from now on. It never blocks. False may be outdated at once; only a send is
// conclusive.
func (s *SyncSender[T]) IsDisconnected() bool { return s.isDisconnected() }

// Done returns a channel that is closed when the receiver is dropped, for use in a
// select: a producer that waits for something else is notified that its sends would fail.
// Dropping senders does not close it. All calls on all handles of a channel return the same
// one, which the first call makes.
func (s *SyncSender[T]) Done() <-chan struct{} { return s.done() }
