package faults_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Entry is the message of these tests: its sender, and its number among those of that, from 0.
type Entry struct{ Sender, Number int }

// ledger is the oracle: it records every delivery, and reports at the end whether a message
// was lost, stored twice, or stored in the wrong order. Safe for concurrent use.
type ledger struct {
	mu      sync.Mutex
	places  map[Entry]map[uint64]bool // in the stream: one, unless it was stored twice
	settled map[Entry]bool            // it was acknowledged
	final   map[Entry]bool            // and the server has confirmed that
	again   []Entry                   // delivered after that
	repeats int                       // deliveries of what had been delivered before
}

func newLedger() *ledger {
	return &ledger{places: make(map[Entry]map[uint64]bool), settled: make(map[Entry]bool), final: make(map[Entry]bool)}
}

// delivered notes a delivery, and where the message is in the stream.
func (l *ledger) delivered(e Entry, place uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.final[e] {
		l.again = append(l.again, e)
	}
	if l.places[e] == nil {
		l.places[e] = make(map[uint64]bool)
	} else {
		l.repeats++
	}
	l.places[e][place] = true
}

// acked notes an acknowledgement, and returns how many messages have one by now.
func (l *ledger) acked(e Entry) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.settled[e] = true
	return len(l.settled)
}

// confirmed is acked for one that the server has confirmed.
func (l *ledger) confirmed(e Entry) int {
	l.mu.Lock()
	l.final[e] = true
	l.mu.Unlock()
	return l.acked(e)
}

func (l *ledger) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.settled)
}

// check compares with what was sent: so many messages by each sender.
func (l *ledger) check(t *testing.T, sent ...int) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	var lost, twice, disordered []string
	known := 0
	for sender, n := range sent {
		last := uint64(0)
		for number := range n {
			e := Entry{sender, number}
			switch places := l.places[e]; {
			case len(places) == 0 || !l.settled[e]:
				lost = append(lost, fmt.Sprint(e))
			case len(places) > 1:
				twice = append(twice, fmt.Sprint(e))
			default:
				for place := range places {
					if place < last {
						disordered = append(disordered, fmt.Sprint(e))
					}
					last = place
				}
			}
			if l.places[e] != nil {
				known++
			}
		}
	}
	assert.Empty(t, head(lost), "%d lost", len(lost))
	assert.Empty(t, head(twice), "%d stored twice", len(twice))
	assert.Empty(t, head(disordered), "%d stored out of order", len(disordered))
	assert.Empty(t, head(l.again), "%d delivered after their acknowledgement was confirmed", len(l.again))
	assert.Len(t, l.places, known, "the rest was not sent")
	t.Logf("%d messages, %d deliveries more than that", known, l.repeats)
}

func head[T any](vs []T) []T { return slices.Clip(vs[:min(len(vs), 5)]) }

// finishDelivered is for workers that were killed: one may have acknowledged a message and
// not lived to say so.
func (l *ledger) finishDelivered() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for e := range l.places {
		l.settled[e] = true
	}
}
