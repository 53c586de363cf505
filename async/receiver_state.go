package async

// What a handle does to its channel, and says of it. These are methods of the type itself and not
// promoted from what both types embed, so that its documentation has them with their type parameter.

// Close closes the channel for all handles, as [Sender.Close] does. Messages that are buffered can
// still be received.
func (r *Receiver[T]) Close() bool { return r.closeCause(nil) }

// CloseCause is [Receiver.Close] with a reason; see [Sender.CloseCause].
func (r *Receiver[T]) CloseCause(cause error) bool { return r.closeCause(cause) }

// Cause returns why the channel is closed, or nil while it is open; see [Sender.Cause].
func (r *Receiver[T]) Cause() error { return r.cause() }

// IsClosed reports whether sends are over. There may be messages left to receive, and permits
// outstanding; see [Sender.IsClosed].
func (r *Receiver[T]) IsClosed() bool { return r.isClosed() }

// Len returns how many messages are buffered; see [Sender.Len].
func (r *Receiver[T]) Len() int { return r.length() }

// IsEmpty reports whether Len is 0. On a rendezvous channel it always is.
func (r *Receiver[T]) IsEmpty() bool { return r.isEmpty() }

// IsFull reports whether there is no free slot; see [Sender.IsFull].
func (r *Receiver[T]) IsFull() bool { return r.isFull() }

// Available returns how many slots are free; see [Sender.Available].
func (r *Receiver[T]) Available() int { return r.available() }

// Capacity returns how many messages the channel can buffer, or (math.MaxInt, false) if there is
// no bound.
func (r *Receiver[T]) Capacity() (n int, bounded bool) { return r.capacity() }

// SenderCount returns how many sender handles are live at this moment; see [Sender.SenderCount].
func (r *Receiver[T]) SenderCount() int { return r.senderCount() }

// ReceiverCount returns how many receiver handles are live at this moment; see
// [Sender.ReceiverCount].
func (r *Receiver[T]) ReceiverCount() int { return r.receiverCount() }
