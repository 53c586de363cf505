package async

import (
	"fmt"
	"math"

	"github.com/handoff-go/handoff/internal/channel"
)

// handle is what senders and receivers share. The zero value is a dropped handle of
// no channel.
type handle[T any] struct {
	noCopy noCopy
	c      *channel.Chan[T]
	h      channel.Handle[T]
}

// live reports whether the handle was not dropped.
func (s *handle[T]) live() bool { return s.h.State.Load() == channel.Live || s.c.Uses(&s.h) }

func (s *handle[T]) closeCause(cause error) bool { return s.c != nil && s.c.Close(&s.h, cause) }

func (s *handle[T]) cause() error {
	if s.c == nil {
		return ErrClosed
	}
	return s.c.Cause()
}

func (s *handle[T]) isClosed() bool { return s.c == nil || s.c.Closed() }

func (s *handle[T]) length() int {
	if s.c == nil {
		return 0
	}
	return s.c.Len()
}

func (s *handle[T]) isEmpty() bool { return s.length() == 0 }

func (s *handle[T]) isFull() bool { return s.available() == 0 }

func (s *handle[T]) available() int {
	if s.c == nil {
		return 0
	}
	return s.c.Room()
}

func (s *handle[T]) capacity() (n int, bounded bool) {
	if s.c == nil {
		return 0, true
	}
	if n, bounded = s.c.Cap(); !bounded {
		n = math.MaxInt
	}
	return n, bounded
}

func (s *handle[T]) senderCount() int {
	n, _ := s.counts()
	return n
}

func (s *handle[T]) receiverCount() int {
	_, n := s.counts()
	return n
}

func (s *handle[T]) counts() (senders, receivers int) {
	if s.c == nil {
		return 0, 0
	}
	return s.c.Counts()
}

// describe prints a handle.
func (s *handle[T]) describe(kind string) string {
	if s.c == nil {
		return kind + "(zero value)"
	}
	room := "unbounded"
	if n, bounded := s.c.Cap(); bounded {
		room = fmt.Sprintf("capacity %d", n)
	}
	senders, receivers := s.c.Counts()
	if name := s.c.Name(); name != "" {
		kind += fmt.Sprintf(" %q", name)
	}
	text := fmt.Sprintf("%s(buffered %d, %s, senders %d, receivers %d", kind, s.c.Len(), room, senders, receivers)
	if s.c.Closed() {
		text += ", closed"
	}
	if !s.live() {
		text += ", dropped"
	}
	return text + ")"
}

// noCopy makes go vet report copies of a handle. A copy would have to be dropped
// separately from its original.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}
