package remote

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/handoff-go/handoff/future"
)

// Sender is a handle to send into a channel. It is safe for concurrent use and must not
// be copied; Clone makes another.
type Sender[T any] struct {
	l       *link
	dropped atomic.Bool
	id      string
	count   atomic.Uint64
}

func newSender[T any](l *link) *Sender[T] {
	l.mu.Lock()
	l.senders++
	l.mu.Unlock()
	return &Sender[T]{l: l, id: newID()}
}

// Send returns a future of v being stored by the stream. Nothing happens before it is
// awaited or polled. See [SendFuture].
func (s *Sender[T]) Send(v T) *SendFuture[T] { return s.SendID(s.nextID(), v) }

// SendID is Send with an id for the message, which has to be unique in the channel. A
// message whose id the stream has seen inside the dedup window is stored already, and
// the send succeeds. An id that stands for the work itself makes it happen once, however
// often and from whichever process it is sent.
func (s *Sender[T]) SendID(id string, v T) *SendFuture[T] {
	return &SendFuture[T]{s: s, value: v, id: id}
}

// SendMany returns a future of all values being stored, in order. They go out
// pipelined: it costs a round trip for many of them. See [SendManyFuture].
func (s *Sender[T]) SendMany(vs []T) *SendManyFuture[T] {
	return &SendManyFuture[T]{s: s, values: vs}
}

// TrySend sends v if there is room, and fails with [ErrFull] if the stream, or a sender of
// this process that waits before it, leaves none. It still waits for the answer of the
// server, until ctx ends. Errors are those of [SendFuture.Await].
func (s *Sender[T]) TrySend(ctx context.Context, v T) error {
	f := s.Send(v)
	f.try = true
	return f.Await(ctx)
}

func (s *Sender[T]) nextID() string {
	return fmt.Sprintf("%s-%d", s.id, s.count.Add(1))
}

// Clone returns another handle. One that is made from a dropped handle is dropped too.
// Messages of different handles of one [Bounded] or [Unbounded] call go out in the order
// of their calls.
func (s *Sender[T]) Clone() *Sender[T] {
	c := newSender[T](s.l)
	if s.dropped.Load() {
		c.Drop()
	}
	return c
}

// Drop ends this handle. Its sends in flight go on. When the last handle of
// this process is dropped, what has not been stored fails with [ErrDropped], and its
// value; and when no process is left that has sent, receivers get what is stored and
// then [ErrClosed]. It does not wait, and may be called any number of times.
func (s *Sender[T]) Drop() {
	if !s.dropped.Swap(true) {
		s.l.dropSender()
	}
}

// Done returns a channel that is closed when nothing can be sent any more: the channel
// was closed or deleted, the connection closed, or, on a channel that ends its senders,
// the last receiver disconnected. Cause, or the next send, returns which.
func (s *Sender[T]) Done() <-chan struct{} { return s.l.done }

// Close ends the channel for everybody: no more sends, and receivers get what is stored
// before [ErrClosed]. It waits for the server, until ctx ends.
func (s *Sender[T]) Close(ctx context.Context) error { return s.CloseCause(ctx, nil) }

// CloseCause is Close with a reason. Errors match [ErrClosed] and, in this process, the
// cause; other processes get its text.
func (s *Sender[T]) CloseCause(ctx context.Context, cause error) error {
	if s.dropped.Load() {
		return ErrDropped
	}
	return s.l.close(ctx, cause)
}

// Cause is nil while the channel is open as far as this process knows, ErrClosed after a
// plain close, and after CloseCause an error that matches ErrClosed and the cause.
func (s *Sender[T]) Cause() error { return s.l.closedErr() }

// String returns the name and what this process knows.
func (s *Sender[T]) String() string { return "Sender(" + s.l.describe() + ")" }

// encode returns the bytes of v, or why there are none.
func (s *Sender[T]) encode(id string, v T) (m message, err error) {
	defer func() { // a codec of the user's, or an Encode method of the type
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: encode %T: panic: %v", ErrCodec, v, r)
		}
	}()
	if !fitsHeader(id) {
		return m, fmt.Errorf("%w: the message id %q is empty, has control characters, or blanks around it", ErrOption, id)
	}
	data, err := s.l.set.codec.Encode(v)
	if err != nil {
		return m, fmt.Errorf("%w: encode %T: %w", ErrCodec, v, err)
	}
	const lines = 1 << 10 // the names of the headers, and those that a dead letter has
	size, most := int64(len(data)+len(id)+len(s.l.kind)+lines), s.l.conn.nc.MaxPayload()
	if size > most {
		return m, fmt.Errorf("%w: %d bytes with its headers, and the server takes %d (its max_payload)", ErrTooLarge, size, most)
	}
	return message{id, data}, nil
}

// SendFuture is a send, made by [Sender.Send]. It is a future.Future[struct{}], so it can
// be raced and timed out. It has one owner and must not be copied.
type SendFuture[T any] struct {
	s     *Sender[T]
	value T
	id    string
	try   bool
	phase phase
	j     *job
}

var _ future.Future[struct{}] = (*SendFuture[int])(nil)

// ID returns the id of the message.
func (f *SendFuture[T]) ID() string { return f.id }

// Await sends the value and returns when the stream has stored it, on a majority of its
// replicas. It waits for room in a bounded channel. Lost connections, changes of the
// leader and lost answers are tried again until ctx ends, without storing it twice.
//
// It fails with a [*SendError] that carries the value: [ErrClosed], [ErrDropped],
// [ErrTooLarge], [ErrCodec], [ErrDeleted], [ErrStorage], [ErrAuth], or ctx's error, with
// what stood in the way then. If it also matches [ErrUncertain], the message may have been
// stored, and sending it again with [SendFuture.ID] cannot store it twice.
//
// A goroutine parks; inside a function task the task releases its worker while it waits.
func (f *SendFuture[T]) Await(ctx context.Context) error {
	_, err := future.Await(ctx, future.Future[struct{}](f))
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*SendError[T]](err); ok {
		return err
	}
	if errors.Is(err, future.ErrConsumed) || f.j == nil {
		return err
	}
	stored, _, err := f.s.l.out.outcome(f.j, err)
	if stored > 0 {
		return nil
	}
	return failed(f.value, err)
}

// Poll implements [future.Future].
func (f *SendFuture[T]) Poll(cx *future.Context) (none struct{}, ready bool, err error) {
	if err := f.phase.over(); err != nil {
		return none, true, err
	}
	if f.j == nil {
		if f.s.dropped.Load() {
			f.phase = consumed
			return none, true, failed(f.value, ErrDropped)
		}
		m, err := f.s.encode(f.id, f.value)
		if err != nil {
			f.phase = consumed
			return none, true, failed(f.value, err)
		}
		f.j = &job{msgs: []message{m}, try: f.try}
		f.s.l.out.add(f.j)
	}
	done, _, err := f.s.l.out.poll(f.j, cx.Waker())
	if !done {
		return none, false, nil
	}
	f.phase = consumed
	if err != nil {
		return none, true, failed(f.value, err)
	}
	return none, true, nil
}

// Drop implements [future.Future]: the send is not wanted any more. If the message is on
// its way, it may still be stored.
func (f *SendFuture[T]) Drop() {
	if f.phase.drop() && f.j != nil {
		f.s.l.out.withdraw(f.j)
	}
}
