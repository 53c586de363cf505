package mpsc_test

import (
	"context"

	"github.com/handoff-go/handoff/sync/mpsc"
)

// model is a channel as one would write it with no concern for speed: a slice, a
// line of waiting sends and at most one waiting receive, changed by one operation
// at a time. It predicts who completes with what.
type model struct {
	cap     int // unbounded, or the bound
	buf     []int
	senders []*call // queued
	recv    *call   // waiting
	live    []bool  // sender handles
	rxLive  bool
}

// call is an operation with its expected outcome.
type call struct {
	handle int
	vals   []int // a send: what is left to be taken
	want   int   // a receive: room in the buffer

	done bool
	n    int // messages sent or received
	got  []int
	err  error
}

func (c *call) finish(err error) { c.done, c.err = true, err }

func (m *model) room() int {
	if m.cap == unbounded {
		return 1 << 30
	}
	return m.cap - len(m.buf)
}

func (m *model) closed() bool {
	for _, live := range m.live {
		if live {
			return false
		}
	}
	return true
}

// accept moves messages of a send into the buffer.
func (m *model) accept(c *call) {
	n := min(len(c.vals), m.room())
	m.buf = append(m.buf, c.vals[:n]...)
	c.vals, c.n = c.vals[n:], c.n+n
	if len(c.vals) == 0 {
		c.finish(nil)
	}
}

// settle lets everything happen that can.
func (m *model) settle() {
	if m.recv != nil && len(m.buf) > 0 {
		m.take(m.recv)
		m.recv = nil
	}
	for len(m.senders) > 0 && m.room() > 0 {
		m.accept(m.senders[0])
		if m.senders[0].done {
			m.senders = m.senders[1:]
		}
	}
}

func (m *model) take(c *call) {
	n := min(c.want, len(m.buf))
	c.got, m.buf = append(c.got, m.buf[:n]...), m.buf[n:]
	c.n = n
	c.finish(nil)
}

func (m *model) refusal(handle int) error {
	switch {
	case !m.live[handle]:
		return mpsc.ErrDropped
	case !m.rxLive:
		return mpsc.ErrDisconnected
	}
	return nil
}

func (m *model) send(c *call, wait bool) {
	if err := m.refusal(c.handle); err != nil {
		c.finish(err)
		return
	}
	if len(m.senders) == 0 {
		if m.cap == 0 && m.recv != nil { // a meeting with the parked receiver
			m.recv.got, m.recv.n = c.vals[:1], 1
			m.recv.finish(nil)
			m.recv = nil
			c.vals, c.n = c.vals[1:], 1
			if len(c.vals) == 0 {
				c.finish(nil)
			}
		} else {
			m.accept(c)
		}
	}
	if !c.done {
		if wait {
			m.senders = append(m.senders, c)
		} else {
			c.finish(mpsc.ErrFull)
		}
	}
	m.settle()
}

func (m *model) receive(c *call, wait bool) {
	switch {
	case !m.rxLive:
		c.finish(mpsc.ErrDropped)
	case len(m.buf) > 0:
		m.take(c)
	case m.cap == 0 && len(m.senders) > 0:
		for len(c.got) < c.want && len(m.senders) > 0 {
			s := m.senders[0]
			c.got = append(c.got, s.vals[0])
			s.vals, s.n = s.vals[1:], s.n+1
			if len(s.vals) == 0 {
				s.finish(nil)
				m.senders = m.senders[1:]
			}
		}
		c.n = len(c.got)
		c.finish(nil)
	case m.closed():
		c.finish(mpsc.ErrDisconnected)
	case wait:
		m.recv = c
	default:
		c.finish(mpsc.ErrEmpty)
	}
	m.settle()
}

func (m *model) cancel(c *call) {
	if c.done {
		return
	}
	c.finish(context.Canceled)
	m.forget(c)
}

func (m *model) forget(c *call) {
	if m.recv == c {
		m.recv = nil
	}
	for i, s := range m.senders {
		if s == c {
			m.senders = append(m.senders[:i:i], m.senders[i+1:]...)
			return
		}
	}
}

func (m *model) clone(handle int) { m.live = append(m.live, m.live[handle]) }

func (m *model) dropSender(handle int) {
	if !m.live[handle] {
		return
	}
	m.live[handle] = false
	for _, s := range append([]*call(nil), m.senders...) {
		if s.handle == handle {
			s.finish(mpsc.ErrDropped)
			m.forget(s)
		}
	}
	if m.closed() && m.recv != nil {
		m.recv.finish(mpsc.ErrDisconnected)
		m.recv = nil
	}
}

func (m *model) dropReceiver() {
	if !m.rxLive {
		return
	}
	m.rxLive, m.buf = false, nil
	if m.recv != nil {
		m.recv.finish(mpsc.ErrDropped)
		m.recv = nil
	}
	for _, s := range m.senders {
		s.finish(mpsc.ErrDisconnected)
	}
	m.senders = nil
}
