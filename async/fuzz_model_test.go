package async_test

import (
	"slices"

	"github.com/handoff-go/handoff/async"
)

// naive is a channel as one would write it with no concern for speed: a slice, a line
// of the operations that wait for room, and counts. It predicts what each operation returns when
// nothing happens at the same time. Who waits to receive is not its affair, for a
// polled receive is only notified and takes a message, if there is one, when it is polled.
type naive struct {
	cap       int // unbounded, or the capacity
	buf       []int
	line      []*claim
	reserved  int
	tx, rx    []bool // handles, and whether they are live
	closed    bool
	cause     error // what errors match besides ErrClosed, or nil
	receivers int
	senders   int
}

// claim is a send or a reservation that was queued.
type claim struct {
	handle  int
	vals    []int // of a send: what was not taken yet
	slots   int   // of a reservation
	taken   int
	waiting bool
	granted bool
	err     error // why it was turned away
}

func newNaive(capacity int) *naive {
	return &naive{cap: capacity, tx: []bool{true}, rx: []bool{true}, senders: 1, receivers: 1}
}

func (m *naive) room() int {
	if m.cap == unbounded {
		return 1 << 30
	}
	return max(0, m.cap-len(m.buf)-m.reserved)
}

// ended is the error of an operation that meets the end.
func (m *naive) ended() error {
	if m.cause != nil {
		return m.cause
	}
	return async.ErrClosed
}

func (m *naive) refusal(h int) error {
	switch {
	case !m.tx[h]:
		return async.ErrDropped
	case m.closed:
		return m.ended()
	}
	return nil
}

// send is a first try, which is queued afterwards if it is to wait.
func (m *naive) send(c *claim, wait bool) {
	if c.err = m.refusal(c.handle); c.err != nil {
		return
	}
	if len(m.line) == 0 {
		m.take(c)
	}
	switch {
	case len(c.vals) == 0:
		c.granted = true
	case wait:
		c.waiting = true
		m.line = append(m.line, c)
	default:
		c.err = async.ErrFull
	}
}

// take moves what there is room for into the buffer.
func (m *naive) take(c *claim) {
	n := min(len(c.vals), m.room())
	m.buf = append(m.buf, c.vals[:n]...)
	c.vals, c.taken = c.vals[n:], c.taken+n
}

// slotsFor is why a reservation of n slots fails at once, or nil.
func (m *naive) slotsFor(h, n int) error {
	if err := m.refusal(h); err != nil {
		return err
	}
	switch {
	case m.cap == 0:
		return errUnsupported
	case m.cap != unbounded && n > m.cap:
		return async.ErrCapacity
	}
	return nil
}

func (m *naive) reserve(c *claim, wait bool) {
	if c.err = m.slotsFor(c.handle, c.slots); c.err != nil {
		return
	}
	switch {
	case c.slots == 0 || len(m.line) == 0 && m.room() >= c.slots:
		c.granted = true
		m.reserved += c.slots
	case wait:
		c.waiting = true
		m.line = append(m.line, c)
	default:
		c.err = async.ErrFull
	}
}

// serve gives what is free to those in front.
func (m *naive) serve() {
	for len(m.line) > 0 && m.cap != 0 {
		c := m.line[0]
		if c.vals == nil {
			if m.room() < c.slots {
				return
			}
			m.reserved += c.slots
		} else if m.take(c); len(c.vals) > 0 {
			return
		}
		c.waiting, c.granted = false, true
		m.line = m.line[1:]
	}
}

// something is how many messages a receive could have.
func (m *naive) something() int {
	n := len(m.buf)
	if m.cap == 0 {
		for _, c := range m.line {
			n += len(c.vals)
		}
	}
	return n
}

// disconnected reports whether nothing more can come.
func (m *naive) over() bool { return m.closed && m.reserved == 0 }

// receive takes up to n messages. It fails with ErrEmpty where a receive would wait.
func (m *naive) receive(h, n int) (got []int, err error) {
	switch {
	case !m.rx[h]:
		return nil, async.ErrDropped
	case len(m.buf) > 0:
		n = min(n, len(m.buf))
		got, m.buf = slices.Clone(m.buf[:n]), m.buf[n:]
		m.serve()
	case m.something() > 0:
		for len(got) < n && len(m.line) > 0 {
			c := m.line[0]
			got = append(got, c.vals[0])
			c.vals, c.taken = c.vals[1:], c.taken+1
			if len(c.vals) == 0 {
				c.waiting, c.granted = false, true
				m.line = m.line[1:]
			}
		}
	case m.over():
		return nil, m.ended()
	default:
		return nil, async.ErrEmpty
	}
	return got, nil
}

func (m *naive) force(h, v int) (evicted int, replaced bool, err error) {
	if err := m.slotsFor(h, 0); err != nil {
		return 0, false, err
	}
	if m.room() == 0 {
		if len(m.buf) == 0 {
			return 0, false, async.ErrFull
		}
		evicted, replaced, m.buf = m.buf[0], true, m.buf[1:]
	}
	m.buf = append(m.buf, v)
	return evicted, replaced, nil
}

// permit uses a slot for v.
func (m *naive) permit(v int) error {
	m.reserved--
	if m.receivers == 0 {
		return m.ended()
	}
	m.buf = append(m.buf, v)
	return nil
}

// release gives n slots back.
func (m *naive) release(n int) {
	m.reserved -= n
	m.serve()
}

// withdraw takes a claim out of the line, and what was granted in vain back.
func (m *naive) withdraw(c *claim) {
	if i := slices.Index(m.line, c); i >= 0 {
		m.line = slices.Delete(m.line, i, i+1)
		c.waiting = false
		m.serve()
	} else if c.granted && c.vals == nil {
		m.release(c.slots)
	}
}

func (m *naive) shut(cause error) {
	if m.closed {
		return
	}
	m.closed, m.cause = true, cause
	for _, c := range m.line {
		c.waiting, c.err = false, m.ended()
	}
	m.line = nil
}

func (m *naive) close(live bool, cause error) bool {
	first := live && !m.closed
	if first {
		m.shut(cause)
	}
	return first
}

func (m *naive) cloneSender(live bool) {
	m.tx = append(m.tx, live)
	if live {
		m.senders++
	}
}

func (m *naive) cloneReceiver(live bool) {
	m.rx = append(m.rx, live)
	if live {
		m.receivers++
	}
}

func (m *naive) dropSender(h int) {
	if !m.tx[h] {
		return
	}
	m.tx[h] = false
	m.senders--
	m.line = slices.DeleteFunc(m.line, func(c *claim) bool {
		if c.handle == h {
			c.waiting, c.err = false, async.ErrDropped
		}
		return c.handle == h
	})
	if m.senders == 0 {
		m.shut(nil)
	} else {
		m.serve()
	}
}

func (m *naive) dropReceiver(h int) {
	if !m.rx[h] {
		return
	}
	m.rx[h] = false
	if m.receivers--; m.receivers == 0 {
		m.shut(nil)
		m.buf = nil
	}
}
