package future

import (
	"math/rand/v2"
	"slices"
)

// Indexed is the result of the future that won a race.
type Indexed[T any] struct {
	Index int // of the winner in the list, from 0
	Value T   // the zero value beside most errors
}

// Race waits for the first of the futures that is ready, with a value or an
// error, and drops the others. A loser loses nothing: what it would have received
// stays where it is. One that is to race again, as the future of a promise in a loop, is
// lent with [Borrow]. Among several that are ready at once, chance decides; Index
// names the winner, also beside an error.
//
// To race futures of different types, [Map] them to one. A race of nothing would never
// end, so it panics.
func Race[T any](fs ...Future[T]) Future[Indexed[T]] { return newRace(fs, false) }

// RaceBiased is [Race] in which the first in the list wins of several that are ready at
// once. Raced again and again, a first one that is always ready starves the others.
func RaceBiased[T any](fs ...Future[T]) Future[Indexed[T]] { return newRace(fs, true) }

func newRace[T any](fs []Future[T], biased bool) Future[Indexed[T]] {
	if len(fs) == 0 {
		panic("future: race of nothing")
	}
	return &race[T]{group: newGroup(fs), biased: biased}
}

type race[T any] struct {
	phase  phase
	biased bool
	group  group[T]
}

func (r *race[T]) Poll(cx *Context) (v Indexed[T], ready bool, err error) {
	if err := r.phase.over(); err != nil {
		return v, true, err
	}
	r.phase = consumed
	defer func() {
		if r.phase == consumed { // or a member has panicked
			r.group.drop()
		}
	}()
	due := r.group.due(cx)
	start := 0
	if r.biased {
		slices.SortFunc(due, func(a, b *member) int { return a.index - b.index })
	} else if len(due) > 1 {
		start = rand.IntN(len(due))
	}
	for i := range due {
		m := due[(start+i)%len(due)]
		v, ready, err := r.group.poll(m)
		if ready {
			return Indexed[T]{m.index, v}, true, err
		}
	}
	r.group.done(due)
	r.phase = pending
	return v, false, nil
}

func (r *race[T]) Drop() {
	if r.phase.drop() {
		r.group.drop()
	}
}
