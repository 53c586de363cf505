package console

import (
	"sync"
	"time"

	"github.com/handoff-go/handoff/observe"
)

// hub looks at the program once in an interval, on behalf of all live pages together.
//
// It has no goroutine. Time is cut into intervals, each page wakes at the beginning of the
// next one, and the first that comes takes the look under the lock; the others find it
// taken. A goroutine that hands frames to the pages would have to be ended, would need a
// place to keep frames for a page that is slow, and a panic in it would end the program,
// where net/http keeps one in a request to that request.
type hub struct {
	src   source
	every time.Duration
	limit int

	mu      sync.Mutex
	clients int
	start   time.Time // of interval 0
	look    *look     // the latest, nil while there is no client
	watch   *observe.Watch
}

// look is what the program was like in one interval.
type look struct {
	interval int64
	seq      uint64 // grows by one from look to look
	state    *observe.State
	recorded *observe.Recording // nil until requested
	warnings []observe.Warning
	rows     frameRows
	delta    []byte // what has changed since the look before; nil without one
	full     []byte // made on request
}

func newHub(src source, every time.Duration, limit int) *hub {
	return &hub{src: src, every: every, limit: limit}
}

// join takes a place for a live page.
func (h *hub) join() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.clients == h.limit {
		return false
	}
	if h.clients++; h.clients == 1 {
		h.start = time.Now()
		h.watch = new(observe.Watch)
	}
	return true
}

// leave gives the place back. The last one leaves no memory of the program behind.
func (h *hub) leave() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.clients--; h.clients == 0 {
		h.look, h.watch = nil, nil
	}
}

// untilNext is the time from now to the next interval.
func (h *hub) untilNext() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.every - time.Since(h.start)%h.every
}

// frame returns what a page that has the frame with the number have needs in order to show
// the present interval, and the number it has then. Without anything new, data is nil. A
// page that has missed a frame, or has none (0), gets everything.
func (h *hub) frame(have uint64) (data []byte, seq uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	l := h.current()
	switch {
	case have == l.seq:
		return nil, have
	case have+1 == l.seq && l.delta != nil:
		return l.delta, l.seq
	}
	if l.full == nil {
		l.full = encodeFrame(l, h.every, nil)
	}
	return l.full, l.seq
}

// current returns the look of the present interval. The caller has the lock and is a
// client.
func (h *hub) current() *look {
	interval := int64(time.Since(h.start) / h.every)
	if h.look != nil && h.look.interval == interval {
		return h.look
	}
	before := h.look
	l := &look{interval: interval, seq: 1, state: h.src.snapshot()}
	l.warnings = h.watch.Look(l.state)
	l.rows = rowsOf(l.state)
	if before != nil {
		l.seq = before.seq + 1
		l.delta = encodeFrame(l, h.every, &before.rows)
	}
	h.look = l
	return l
}

// read returns the state of the present interval. When no page is live, nothing is kept.
func (h *hub) read() *observe.State {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.clients == 0 {
		return h.src.snapshot()
	}
	return h.current().state
}

// readEvents returns what read does, and the events of the same interval.
func (h *hub) readEvents() (*observe.State, observe.Recording) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.clients == 0 {
		return h.src.snapshot(), h.src.recorded()
	}
	l := h.current()
	if l.recorded == nil {
		r := h.src.recorded()
		l.recorded = &r
	}
	return l.state, *l.recorded
}
