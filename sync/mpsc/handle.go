package mpsc

import (
	"fmt"

	"github.com/handoff-go/handoff/internal/channel"
	"github.com/handoff-go/handoff/internal/once"
)

// sender is what the two kinds of sender share.
type sender[T any] struct {
	noCopy noCopy
	c      *channel.Chan[T]
	h      channel.Handle[T]
}

// Drop ends this handle: sends through it fail from now on. The last sender's Drop
// disconnects the receiver, which still receives the messages sent before. Sends that
// wait through this handle in other goroutines return [ErrDropped] with their value.
//
// Drop may be called any number of times, from any goroutine, and never blocks.
// Every handle needs one; the usual place is a defer right where the goroutine
// that owns it begins.
func (s *sender[T]) Drop() {
	if s.c != nil {
		s.c.DropSender(&s.h)
	}
}

// IsDisconnected reports whether the receiver was dropped, so that every send
// fails from now on. It never blocks. False may be outdated at once; only a send is
// conclusive.
func (s *sender[T]) IsDisconnected() bool { return s.c == nil || s.c.ReceiversDropped() }

// Done returns a channel that is closed when the receiver is dropped, for use in a
// select: a producer that waits for something else is notified that its sends would fail.
// Dropping senders does not close it. All calls on all handles of a channel return the same
// one, which the first call makes.
func (s *sender[T]) Done() <-chan struct{} {
	if s.c == nil {
		return once.Closed
	}
	s.c.Uses(&s.h)
	return s.c.Done()
}

func (s *sender[T]) same(o *sender[T]) bool { return s.c == o.c }

// describe prints a handle of c.
func describe[T any](kind string, c *channel.Chan[T], h *channel.Handle[T]) string {
	if c == nil {
		return kind + "(zero value)"
	}
	room := "unbounded"
	if n, ok := c.Cap(); ok {
		room = fmt.Sprintf("capacity %d", n)
	}
	senders, receivers := c.Counts()
	if name := c.Name(); name != "" {
		kind += fmt.Sprintf(" %q", name)
	}
	text := fmt.Sprintf("%s(buffered %d, %s, senders %d, receivers %d", kind, c.Len(), room, senders, receivers)
	if c.Closed() {
		text += ", disconnected"
	}
	if h.State.Load() != channel.Live {
		if !c.Uses(h) {
			text += ", dropped"
		}
	}
	return text + ")"
}

// noCopy makes go vet report copies of a handle. A copy would have to be dropped
// separately from its original.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}
