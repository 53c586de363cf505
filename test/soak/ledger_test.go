package main

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/handoff-go/handoff/sync/mpsc"
)

// Each rule of the books, and what breaks it.
func TestTheBooksNoticeEveryBreach(t *testing.T) {
	for _, c := range []struct {
		name, breach string
		do           func(l *ledger, m message)
		discarded    int
	}{
		{"received", "", func(l *ledger, m message) { l.answer(m, nil); l.got(0, m) }, 0},
		{"received before the answer", "", func(l *ledger, m message) { l.got(0, m); l.answer(m, nil) }, 0},
		{"returned", "", func(l *ledger, m message) { l.answer(m, &mpsc.SendError[message]{Value: m, Err: mpsc.ErrFull}) }, 0},
		{"evicted", "", func(l *ledger, m message) { l.answer(m, nil); l.note(m, evicted) }, 0},
		{"discarded where one may be", "", func(l *ledger, m message) { l.answer(m, nil) }, 1},
		{"discarded where any number may be", "", func(l *ledger, m message) { l.answer(m, nil) }, anyNumber},
		{"lost", "lost", func(l *ledger, m message) { l.answer(m, nil) }, 0},
		{"no answer", "unanswered", func(l *ledger, m message) { l.got(0, m) }, anyNumber},
		{"received twice", "duplicated", func(l *ledger, m message) { l.answer(m, nil); l.got(0, m); l.got(1, m) }, anyNumber},
		{"received and returned", "duplicated", func(l *ledger, m message) { l.answers([]message{m}, 0, mpsc.ErrFull); l.got(0, m) }, anyNumber},
		{"received and evicted", "duplicated", func(l *ledger, m message) { l.answer(m, nil); l.note(m, evicted); l.got(0, m) }, anyNumber},
		{"a success that gave the value back", "duplicated", func(l *ledger, m message) { l.answer(m, nil); l.answers([]message{m}, 0, mpsc.ErrFull) }, anyNumber},
		{"never sent", "invented", func(l *ledger, m message) { l.answer(m, nil); l.got(0, m); l.got(0, message{9, 9}) }, anyNumber},
		{"an error without the value", "value not returned", func(l *ledger, m message) { l.answer(m, errors.New("x")) }, anyNumber},
		{"an error with another value", "value not returned", func(l *ledger, m message) {
			l.answer(m, &mpsc.SendError[message]{Value: message{7, 7}, Err: mpsc.ErrFull})
		}, anyNumber},
		{"a batch that is cut short and says nothing", "cut short", func(l *ledger, m message) { l.answers([]message{m}, 0, nil) }, 0},
		{"an error without a cause", "ended early", func(l *ledger, m message) {
			l.answer(m, &mpsc.SendError[message]{Value: m, Err: mpsc.ErrDisconnected})
		}, 0},
		{"an error of a batch without a cause", "ended early", func(l *ledger, m message) {
			l.mayEnd(m.producer, mpsc.ErrDisconnected)
			l.answers([]message{m}, 0, mpsc.ErrDropped)
		}, 0},
		{"an end that was made", "", func(l *ledger, m message) {
			l.mayEnd(m.producer, mpsc.ErrDisconnected)
			l.answer(m, &mpsc.SendError[message]{Value: m, Err: mpsc.ErrDisconnected})
		}, 0},
		{"out of order", "out of order", func(l *ledger, m message) {
			next := l.next(m.producer)
			l.answer(m, nil)
			l.answer(next, nil)
			l.got(0, next)
			l.got(0, m)
		}, 0},
		{"two readers have no order", "", func(l *ledger, m message) {
			next := l.next(m.producer)
			l.answer(m, nil)
			l.answer(next, nil)
			l.got(0, next)
			l.got(1, m)
		}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newProgress(&scenarios[0])
			l := newLedger(newRound(&config{}, p, 0))
			c.do(l, l.next(l.producer()))
			l.settle(c.discarded)
			if c.breach == "" {
				assert.Empty(t, p.counts.first)
			} else {
				assert.Contains(t, p.counts.first, c.breach)
			}
		})
	}
}

func TestASeedMakesTheSameProgramEachTime(t *testing.T) {
	draw := func(seed, number, i uint64) uint64 {
		r := newRound(&config{seed: seed}, newProgress(&scenarios[0]), number)
		return r.random(i).Uint64()
	}
	assert.Equal(t, draw(1, 2, 3), draw(1, 2, 3))
	for _, other := range [][3]uint64{{9, 2, 3}, {1, 9, 3}, {1, 2, 9}} {
		assert.NotEqual(t, draw(1, 2, 3), draw(other[0], other[1], other[2]))
	}
}
