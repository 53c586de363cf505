package remote

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// ackers see to it that acknowledgements arrive. Waiting for the server's answer to each
// would be a round trip for each message; not waiting at all loses those that are on
// their way when a connection breaks, and their messages are handled twice. So some are
// sent with a request for an answer, which covers those before it on the same stream,
// and what is not covered for a while is sent again.
type ackers struct {
	c     *Conn
	inbox string
	sub   *nats.Subscription

	mu   sync.Mutex
	all  map[int]*acker
	next int
	lost int // given up
}

// acker is the part of one channel.
type acker struct {
	of *ackers
	id int
	l  *link

	mu      sync.Mutex
	list    []sentAck // not confirmed
	first   int       // number of list[0]
	asked   int       // number behind the last one that was sent with a request
	armed   bool
	timer   *time.Timer
	recent  []int64 // acknowledged here: when it was stored, by sequence modulo the length. Not to be shown again
	retired bool
}

type sentAck struct {
	reply string
	seq   uint64
	born  time.Time
	at    time.Time
}

const (
	askEvery  = 32
	askAfter  = 3 * time.Millisecond
	ackResend = time.Second
	keepAcked = 8192
)

var ackBody = []byte("+ACK")

func newAckers(c *Conn) (*ackers, error) {
	a := &ackers{c: c, inbox: c.nc.NewInbox(), all: map[int]*acker{}}
	sub, err := c.nc.Subscribe(a.inbox+".*.*", a.confirm)
	a.sub = sub
	return a, explain(err)
}

func (as *ackers) add(l *link) *acker {
	as.mu.Lock()
	defer as.mu.Unlock()
	as.next++
	a := &acker{of: as, id: as.next, l: l}
	as.all[a.id] = a
	return a
}

// ack sends an acknowledgement.
func (a *acker) ack(m *nats.Msg, seq uint64, stored int64) error {
	if lost := a.of.c.lost(); lost != nil {
		return lost
	}
	if a.send(m, seq, stored) {
		a.of.keep(a)
	}
	return nil
}

// send reports whether a is retired and has no delivery left to acknowledge.
func (a *acker) send(m *nats.Msg, seq uint64, stored int64) (retired bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	a.list = append(a.list, sentAck{m.Reply, seq, now, now})
	if a.recent == nil {
		a.recent = make([]int64, keepAcked)
	}
	a.recent[seq%keepAcked] = stored
	end := a.first + len(a.list)
	if end-a.asked >= askEvery {
		a.ask()
		return a.retired
	}
	_ = a.of.c.nc.Publish(m.Reply, ackBody) // the tick sends it again if this fails
	if !a.armed {
		a.armed = true
		if a.timer == nil {
			a.timer = time.AfterFunc(askAfter, a.late)
		} else {
			a.timer.Reset(askAfter)
		}
	}
	return a.retired
}

// ask sends the last one, again perhaps, with a request for an answer. Under the lock.
func (a *acker) ask() {
	a.asked = a.first + len(a.list)
	reply := a.of.inbox + "." + strconv.Itoa(a.id) + "." + strconv.Itoa(a.asked)
	_ = a.of.c.nc.PublishRequest(a.list[len(a.list)-1].reply, reply, ackBody) // see above
}

func (a *acker) late() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.armed = false
	if len(a.list) > 0 && a.asked < a.first+len(a.list) {
		a.ask()
	}
}

// confirm takes in an answer.
func (as *ackers) confirm(m *nats.Msg) {
	if m.Header.Get("Status") != "" {
		return // the stream has no leader at the moment
	}
	id, end, _ := strings.Cut(strings.TrimPrefix(m.Subject, as.inbox+"."), ".")
	n, err1 := strconv.Atoi(id)
	upTo, err2 := strconv.Atoi(end)
	as.mu.Lock()
	a := as.all[n]
	as.mu.Unlock()
	if a == nil || err1 != nil || err2 != nil {
		return
	}
	a.mu.Lock()
	if done := upTo - a.first; done > 0 && done <= len(a.list) {
		a.list = a.list[done:]
		a.first = upTo
		if len(a.list) == 0 {
			a.list = nil
		}
	}
	a.mu.Unlock()
	if a.over() {
		as.remove(a)
	}
	if a.l.pull.isHungry() {
		_ = as.c.nc.Publish(roomSubject(a.l.name), nil) // they ask the stream too
	}
}

// forget records that a stream was deleted: the server will not confirm its pending
// acknowledgements, and will not redeliver its messages.
func (as *ackers) forget(stream string) {
	as.mu.Lock()
	defer as.mu.Unlock()
	for _, a := range as.all {
		if a.l.stream == stream {
			a.mu.Lock()
			a.first += len(a.list)
			a.list = nil
			a.mu.Unlock()
		}
	}
}

// keep has an acker looked after until it has nothing left.
func (as *ackers) keep(a *acker) {
	as.mu.Lock()
	defer as.mu.Unlock()
	as.all[a.id] = a
}

func (as *ackers) remove(a *acker) {
	as.mu.Lock()
	defer as.mu.Unlock()
	delete(as.all, a.id)
}

// retire records that all handles of the channel were dropped. Deliveries may still be
// acknowledged.
func (a *acker) retire() {
	a.mu.Lock()
	a.retired = true
	a.mu.Unlock()
	if a.over() {
		a.of.remove(a)
	}
}

// over reports whether there is nothing left to look after.
func (a *acker) over() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.retired && len(a.list) == 0
}

// knows reports whether this message was acknowledged here: it came again because the
// acknowledgement was late or lost. The sequence number alone is not enough: a channel
// that was deleted and created again numbers from 1.
func (a *acker) knows(seq uint64, stored int64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.recent != nil && a.recent[seq%keepAcked] == stored
}

// tick sends again what has no answer.
func (as *ackers) tick(fresh bool) {
	as.mu.Lock()
	all := make([]*acker, 0, len(as.all))
	for _, a := range as.all {
		all = append(all, a)
	}
	as.mu.Unlock()
	lost := 0
	for _, a := range all {
		lost += a.resend(fresh)
		if a.over() {
			as.remove(a)
		}
	}
	as.mu.Lock()
	as.lost += lost
	as.mu.Unlock()
}

// resend returns how many are given up: after the ack wait the server redelivers
// the message anyway.
func (a *acker) resend(all bool) (lost int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	for len(a.list) > 0 && now.Sub(a.list[0].born) > max(a.l.set.ackWait, 2*ackResend) {
		a.list = a.list[1:]
		a.first++
		lost++
	}
	if len(a.list) == 0 || !all && now.Sub(a.list[0].at) < ackResend {
		return lost
	}
	for i := range a.list {
		a.list[i].at = now
		if i < len(a.list)-1 {
			_ = a.of.c.nc.Publish(a.list[i].reply, ackBody) // and again at the next turn
		}
	}
	a.ask()
	return lost
}

func (as *ackers) pending() (n int) {
	as.mu.Lock()
	defer as.mu.Unlock()
	for _, a := range as.all {
		a.mu.Lock()
		n += len(a.list)
		a.mu.Unlock()
	}
	return n
}

// close waits until all are confirmed, for d at most, and reports what is not.
func (as *ackers) close(d time.Duration) error {
	for end := time.Now().Add(d); as.pending() > 0 && time.Now().Before(end) && as.c.nc.IsConnected(); {
		as.tick(false)
		time.Sleep(time.Millisecond)
	}
	as.mu.Lock()
	defer as.mu.Unlock()
	for _, a := range as.all {
		a.mu.Lock()
		if a.timer != nil {
			a.timer.Stop()
		}
		as.lost += len(a.list)
		a.mu.Unlock()
	}
	if as.lost > 0 {
		return fmt.Errorf("remote: %d acknowledgements were not confirmed: their messages may be delivered again", as.lost)
	}
	return nil
}
