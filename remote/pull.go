package remote

import (
	"encoding/json"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/handoff-go/handoff/future"
)

// puller fetches messages for the receivers of a link and buffers those that were not
// received yet. It asks for as many as there are calls that wait, and ahead of them only as
// far as the window allows, which grows while the consumer is faster than the network.
// The fixed window of the client library would let the first worker take all of a short
// queue.
//
// Messages arrive on a goroutine of the client's; what depends on time is done by the
// tick of the connection.
type puller struct {
	l *link

	mu      sync.Mutex
	sub     *nats.Subscription
	full    *nats.Subscription
	inbox   string
	probes  int // so far
	buf     []*arrival
	waiters []*waiter
	asked   int // messages asked for that have not come
	heard   time.Time
	pause   bool // the last request failed: the tick repeats it
	suspect bool // the stream may be gone: the link looks
	silent  bool // nothing comes any more, not even a heartbeat
	looked  time.Time
	window  int
	backlog bool                 // there was more in the stream behind the last message
	saw     bool                 // there was a message at all
	held    map[uint64]time.Time // delivered, not acknowledged or returned: until when they are ours
	hungry  time.Time            // until then a sender waits for room
	over    error                // dropped
	ended   error                // the end of the channel, or its death
	drained bool                 // and nothing is held here that might come back
}

// arrival is a message that was fetched and not received yet.
type arrival struct {
	m         *nats.Msg
	seq       uint64 // in the stream
	stored    int64  // when, in ns: no two messages with one number have that in common
	delivered int
	at        time.Time
	touched   time.Time // when its ack wait began
}

// waiter is a receive that waits.
type waiter struct {
	want     int
	waker    future.Waker
	notified bool
	probe    bool // it does not wait for messages to come
	number   int  // of its probe, so that it does not get the answer to another one
	empty    bool // the answer to a probe
	last     bool // it does not end while something is held here
}

const (
	pullExpiry    = 30 * time.Second
	pullHeartbeat = 2 * time.Second // after two that are missing the pull is requested again
)

func newPuller(l *link) *puller { return &puller{l: l, held: map[uint64]time.Time{}} }

// take returns up to w.want messages, or has w woken when there is one. No message and
// no error mean: wait.
func (p *puller) take(w *waiter, waker future.Waker) ([]*arrival, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over != nil {
		p.leave(w)
		return nil, p.over
	}
	now := time.Now()
	if len(p.buf) > 0 && now.Sub(p.buf[0].touched) >= p.l.set.ackWait { // in order of arrival: the others are younger
		p.discard(now)
	}
	if len(p.buf) > 0 {
		n := min(len(p.buf), w.want)
		got := make([]*arrival, n)
		copy(got, p.buf)
		rest := copy(p.buf, p.buf[n:])
		clear(p.buf[rest:])
		p.buf = p.buf[:rest]
		for _, a := range got {
			p.touch(a, now, tick) // the whole ack wait is the handler's
			p.held[a.seq] = a.touched.Add(p.l.set.ackWait)
			if now.Sub(a.at) > 4*tick {
				p.window /= 2 // it has waited for us
			}
		}
		p.leave(w)
		p.ask()
		return got, nil
	}
	if p.ended != nil && (p.drained || !w.last) {
		p.leave(w)
		return nil, p.ended
	}
	if w.empty {
		p.leave(w)
		return nil, ErrEmpty
	}
	first := w.waker == nil
	w.waker, w.notified = waker, false
	if first {
		if p.backlog {
			p.window = min(p.l.set.prefetch, max(1, 2*p.window))
		}
		p.waiters = append(p.waiters, w)
	}
	if err := p.open(); err != nil {
		p.leave(w)
		return nil, err
	}
	if w.probe {
		if first {
			p.request(1, w)
		}
	} else {
		p.ask()
	}
	return nil, nil
}

// leave takes a waiter out of the line. One that was woken and goes away without a
// message passes that on.
func (p *puller) leave(w *waiter) {
	if w.waker == nil {
		return
	}
	w.waker = nil
	for i, o := range p.waiters {
		if o == w {
			p.waiters = append(p.waiters[:i], p.waiters[i+1:]...)
			break
		}
	}
	if len(p.buf) > 0 {
		p.wakeOne()
	}
}

func (p *puller) forget(w *waiter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leave(w)
}

// wakeOne wakes the first that has not been. Under the lock: a wake does not block and
// polls nothing by itself.
func (p *puller) wakeOne() {
	for _, w := range p.waiters {
		if !w.notified {
			w.notified = true
			w.waker.Wake()
			return
		}
	}
}

func (p *puller) wakeAll() {
	for _, w := range p.waiters {
		w.notified = true
		w.waker.Wake()
	}
}

// open subscribes, at the first receive.
func (p *puller) open() error {
	if p.sub != nil {
		return nil
	}
	nc := p.l.conn.nc
	inbox := nc.NewInbox()
	sub, err := nc.Subscribe(inbox+".*", p.arrive)
	if err != nil {
		if lost := p.l.conn.lost(); lost != nil {
			return lost
		}
		return explain(err)
	}
	_ = sub.SetPendingLimits(-1, -1) // what we have asked for is limit enough
	p.inbox, p.sub = inbox, sub
	if p.l.set.capacity > 0 {
		p.full, _ = nc.Subscribe(fullSubject(p.l.name), func(*nats.Msg) { // they ask the stream too
			p.mu.Lock()
			p.hungry = time.Now().Add(hunger)
			p.mu.Unlock()
		})
	}
	p.looked = time.Now()
	p.l.leases.want(asReceiver)
	return nil
}

// ask requests what is missing. Under the lock.
func (p *puller) ask() {
	if p.pause || p.sub == nil || p.over != nil {
		return
	}
	want := 0
	for _, w := range p.waiters {
		if !w.probe {
			want += w.want
		}
	}
	have := len(p.buf) + p.asked
	// Half of the window at a time, not message by message.
	if missing := want + p.window - have; missing > 0 && (have < want || have <= p.window/2) {
		p.request(missing, nil)
	}
}

// request asks for n messages, or for one if there is one, on behalf of probe.
func (p *puller) request(n int, probe *waiter) {
	r := struct {
		Batch     int           `json:"batch"`
		Expires   time.Duration `json:"expires,omitempty"`
		Heartbeat time.Duration `json:"idle_heartbeat,omitempty"`
		NoWait    bool          `json:"no_wait,omitempty"`
	}{Batch: n, NoWait: probe != nil}
	reply := p.inbox + ".0"
	if probe != nil {
		p.probes++
		probe.number = p.probes
		reply = p.inbox + "." + strconv.Itoa(probe.number)
	} else {
		r.Expires, r.Heartbeat = pullExpiry, pullHeartbeat
	}
	body, err := json.Marshal(r)
	if err == nil {
		err = p.l.conn.nc.PublishRequest("$JS.API.CONSUMER.MSG.NEXT."+p.l.stream+"."+consumerName, reply, body)
	}
	if err != nil {
		p.pause = true
		return
	}
	p.asked += n
	p.heard = time.Now()
}

// arrive takes in what the server sends: messages, and how requests have ended.
func (p *puller) arrive(m *nats.Msg) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard, p.silent = time.Now(), false
	// What is in the stream may have such a header too, and can be acknowledged.
	if code := m.Header.Get("Status"); code != "" && len(m.Data) == 0 && !strings.HasPrefix(m.Reply, "$JS.ACK.") {
		p.status(code, m)
		return
	}
	p.asked = max(0, p.asked-1)
	meta, err := m.Metadata()
	if err != nil {
		return // not from JetStream
	}
	if p.over != nil {
		_ = m.Nak()
		return
	}
	p.saw, p.suspect = true, false
	p.backlog = meta.NumPending > 0
	p.buf = append(p.buf, &arrival{
		m: m, seq: meta.Sequence.Stream, stored: meta.Timestamp.UnixNano(), delivered: int(meta.NumDelivered),
		at: p.heard, touched: p.heard,
	})
	p.wakeOne()
}

func (p *puller) status(code string, m *nats.Msg) {
	if code == "100" {
		return // a heartbeat
	}
	left, err := strconv.Atoi(m.Header.Get("Nats-Pending-Messages"))
	if err != nil {
		left = p.asked // it does not say how many it leaves undelivered
	}
	p.backlog = false
	switch code {
	case "404": // the answer to a probe, if that is still waited for
		p.asked = max(0, p.asked-1)
		for _, w := range p.waiters {
			if w.probe && m.Subject == p.inbox+"."+strconv.Itoa(w.number) {
				w.empty, w.notified = true, true
				w.waker.Wake()
				break
			}
		}
		return
	case "408": // expired
		p.asked = max(0, p.asked-left)
		p.ask()
		return
	}
	p.asked = max(0, p.asked-left)
	p.pause = true
	p.suspect = code == "503" || m.Header.Get("Description") == "Consumer Deleted"
	p.l.leases.kick()
}

// tick is what depends on time.
func (p *puller) tick(fresh bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sub == nil || p.over != nil {
		return
	}
	now := time.Now()
	mute := p.asked > 0 && now.Sub(p.heard) > 2*pullHeartbeat+attempt/2
	again := fresh || mute || p.pause
	p.pause = false
	if fresh || mute {
		p.silent = p.silent || mute
		p.asked = 0 // the server has forgotten, or another one is in charge
	}
	if again {
		p.reprobe()
	}
	p.ask()
	p.tend(now)
	if len(p.waiters) > 0 && len(p.buf) == 0 {
		p.l.leases.kick() // it may be the end
	}
}

// trouble is why receives may wait in vain, as far as this process has noticed, or nil.
func (p *puller) trouble() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.suspect || p.silent || !p.l.conn.nc.IsConnected() {
		return ErrUnavailable
	}
	return nil
}

// reprobe repeats probes with lost answers.
func (p *puller) reprobe() {
	for _, w := range p.waiters {
		if w.probe && !w.empty {
			p.request(1, w)
		}
	}
}

// isHungry reports whether a sender waits for room.
func (p *puller) isHungry() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Now().Before(p.hungry)
}

// draining has the link look soon whether there is anything left.
func (p *puller) draining() {
	if p.l.leases != nil {
		p.l.leases.kick()
	}
}

// shut ends the receivers, and gives back the messages that were not received.
func (p *puller) shut(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over != nil {
		return
	}
	p.over = err
	for _, a := range p.buf {
		_ = a.m.Nak() // it comes back by itself otherwise
	}
	p.buf = nil
	// What the server has sent before it handles this still arrives, to be given back.
	if p.sub != nil && p.sub.Drain() != nil {
		_ = p.sub.Unsubscribe() // the connection is closed, or nearly
	}
	if p.full != nil {
		_ = p.full.Unsubscribe() // the same
	}
	p.wakeAll()
}
