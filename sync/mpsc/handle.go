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

func (s *sender[T]) drop() {
	if s.c != nil {
		s.c.DropSender(&s.h)
	}
}

func (s *sender[T]) isDisconnected() bool { return s.c == nil || s.c.ReceiversDropped() }

func (s *sender[T]) done() <-chan struct{} {
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
