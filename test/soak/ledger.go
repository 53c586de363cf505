package main

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/handoff-go/handoff/sync/mpsc"
)

// message says where it comes from.
type message struct{ producer, seq uint32 }

// What became of a message. Exactly one of returned, received and evicted holds at the
// end, or none if the channel was discarded with its last receiver.
type fate uint8

const (
	accepted fate = 1 << iota // its send was a success
	returned                  // its send failed and gave it back
	received
	evicted // by a ForceSend
)

// ledger are the books of one round, or of one channel of it.
type ledger struct {
	r  *round
	mu sync.Mutex
	// fates is by producer and sequence number.
	fates [][]fate
	ends  map[uint32][]error   // how the channel may end for a producer
	last  map[[2]uint32]uint32 // the next number a reader may get of a producer
}

func newLedger(r *round) *ledger {
	return &ledger{r: r, last: make(map[[2]uint32]uint32), ends: make(map[uint32][]error)}
}

// producer opens a page.
func (l *ledger) producer() uint32 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fates = append(l.fates, nil)
	return uint32(len(l.fates) - 1)
}

// mayEnd says that the sends of a producer may end with these errors, because a receiver is
// dropped, the channel is closed or the handle is dropped. Any other error is a fault.
func (l *ledger) mayEnd(producer uint32, ends ...error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ends[producer] = append(l.ends[producer], ends...)
}

// ended checks the end that a send has met, if err is one.
func (l *ledger) ended(producer uint32, err error) {
	if !errors.Is(err, mpsc.ErrDisconnected) && !errors.Is(err, mpsc.ErrDropped) {
		return // both are those of async too
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, end := range l.ends[producer] {
		if errors.Is(err, end) {
			return
		}
	}
	l.r.breach("ended early", "producer %d: %v", producer, err)
}

// next makes the next message of a producer.
func (l *ledger) next(producer uint32) message {
	l.mu.Lock()
	defer l.mu.Unlock()
	page := &l.fates[producer]
	*page = append(*page, 0)
	return message{producer, uint32(len(*page) - 1)}
}

func (l *ledger) batch(producer uint32, n int) []message {
	ms := make([]message, n)
	for i := range ms {
		ms[i] = l.next(producer)
	}
	return ms
}

// note writes down a fate of m.
func (l *ledger) note(m message, f fate) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if int(m.producer) >= len(l.fates) || int(m.seq) >= len(l.fates[m.producer]) {
		l.r.breach("invented", "%v was never sent", m)
		return
	}
	at := &l.fates[m.producer][m.seq]
	if *at&f != 0 {
		l.r.breach("duplicated", "%v: %v for the second time", m, f)
	}
	*at |= f
}

// answer notes how the send of m ended, and reports whether it was a success.
func (l *ledger) answer(m message, err error) bool {
	if err == nil {
		l.note(m, accepted)
		return true
	}
	if failed, ok := errors.AsType[*mpsc.SendError[message]](err); !ok || failed.Value != m {
		l.r.breach("value not returned", "%v: %v", m, err)
	}
	l.ended(m.producer, err)
	l.note(m, returned)
	return false
}

// answers notes how the send of a batch ended, of which n went out.
func (l *ledger) answers(ms []message, n int, err error) {
	if err == nil && n != len(ms) {
		l.r.breach("cut short", "%d of %d were sent, without an error", n, len(ms))
	}
	if len(ms) > 0 {
		l.ended(ms[0].producer, err)
	}
	for i, m := range ms {
		if i < n {
			l.note(m, accepted)
		} else {
			l.note(m, returned)
		}
	}
}

// got notes that a reader has received m. Of one producer a reader sees messages in the
// order in which they were sent.
func (l *ledger) got(reader int, m message) {
	times := 1
	if tamper := l.r.cfg.tamper; tamper != nil {
		times = tamper(l.r.scenario.name, m)
	}
	for range times {
		l.note(m, received)
		l.r.messages.Add(1)
	}
	l.mu.Lock()
	at := [2]uint32{uint32(reader), m.producer}
	if next := l.last[at]; m.seq < next {
		l.r.breach("out of order", "reader %d got %v after number %d", reader, m, next-1)
	}
	l.last[at] = m.seq + 1
	l.mu.Unlock()
	l.r.moved()
}

// anyNumber is for settle where the channel may have been discarded with any number of
// messages in it.
const anyNumber = -1

// settle checks the books when everything has ended. At most most messages may have been
// discarded with their channel.
func (l *ledger) settle(most int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	discarded := 0
	for p, page := range l.fates {
		for seq, f := range page {
			m := message{uint32(p), uint32(seq)}
			ends := f & (returned | received | evicted)
			switch {
			case ends&(ends-1) != 0:
				l.r.breach("duplicated", "%v: %v", m, f)
			case f&accepted != 0 && f&returned != 0:
				l.r.breach("duplicated", "%v: %v", m, f)
			case f&(accepted|returned) == 0:
				l.r.breach("unanswered", "%v: the send has no result: %v", m, f)
			case ends == 0:
				if discarded++; most != anyNumber && discarded > most {
					l.r.breach("lost", "%v: %v, and %d at most may be discarded", m, f, most)
				}
			}
			if f&returned != 0 {
				l.r.returned.Add(1)
			}
		}
	}
	l.r.discarded.Add(int64(discarded))
}

func (f fate) String() string {
	names := []string{"sent"}
	for i, name := range []string{"accepted", "returned", "received", "evicted"} {
		if f&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

func (m message) String() string {
	return fmt.Sprintf("message %d of producer %d", m.seq, m.producer)
}
