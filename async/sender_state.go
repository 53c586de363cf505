package async

// What a handle does to its channel, and says of it. These are methods of the type itself and not
// promoted from what both types embed, so that its documentation has them with their type parameter.

// Close closes the channel for all handles: from now on every send fails, waiting ones
// included, and returns its value. Buffered messages can still be received, and so can
// messages sent through permits that were granted before; then receives fail with
// [ErrClosed]. It reports whether this call closed the channel, which the last Drop of
// either side does too; a dropped handle closes nothing. It never blocks.
//
// There is no need to close a channel: dropping the handles does it.
func (s *Sender[T]) Close() bool { return s.closeCause(nil) }

// CloseCause is [Sender.Close] with a reason: sends and receives then fail with errors
// that match both [ErrClosed] and cause under [errors.Is]. With a nil cause it is Close.
// If the channel was closed before, the earlier cause, or its absence, stands.
func (s *Sender[T]) CloseCause(cause error) bool { return s.closeCause(cause) }

// Cause returns why the channel is closed: what was passed to CloseCause, as it is, or
// [ErrClosed] if there is no such reason. It is nil while the channel is open.
func (s *Sender[T]) Cause() error { return s.cause() }

// IsClosed reports whether sends are over: the channel was closed, the last sender
// was dropped or the last receiver. There may be messages left to receive, and permits
// outstanding. False may be outdated at once; only a send is conclusive.
func (s *Sender[T]) IsClosed() bool { return s.isClosed() }

// Len returns how many messages are buffered. While others send or receive it is a
// snapshot, but every send and receive that has returned is counted. It may wait briefly for
// an operation that holds a lock.
func (s *Sender[T]) Len() int { return s.length() }

// IsEmpty reports whether Len is 0. On a rendezvous channel it always is.
func (s *Sender[T]) IsEmpty() bool { return s.isEmpty() }

// IsFull reports whether there is no free slot, so that a TrySend would fail unless a
// goroutine is parked in a receive: slots that are reserved, and those that waiting sends
// and reservations will get, are not free. A rendezvous channel is always full, an
// unbounded one never.
func (s *Sender[T]) IsFull() bool { return s.isFull() }

// Available returns how many slots are free in the sense of IsFull: how many TrySends
// would succeed now, parked receives aside. It is [math.MaxInt] for an unbounded channel. It takes the
// senders' lock for a moment.
func (s *Sender[T]) Available() int { return s.available() }

// Capacity returns how many messages the channel can buffer, or (math.MaxInt, false)
// if there is no bound.
func (s *Sender[T]) Capacity() (n int, bounded bool) { return s.capacity() }

// SenderCount returns how many sender handles are live at this moment. Weak ones and
// permits do not count. It takes the senders' lock for a moment.
func (s *Sender[T]) SenderCount() int { return s.senderCount() }

// ReceiverCount returns how many receiver handles are live at this moment. Weak ones
// do not count. It takes the senders' lock for a moment.
func (s *Sender[T]) ReceiverCount() int { return s.receiverCount() }
