package future

import (
	"slices"

	"github.com/handoff-go/handoff/internal/discard"
	"github.com/handoff-go/handoff/internal/park"
)

// Indexed is the result of the future that won a race.
type Indexed[T any] struct {
	Index int // of the winner in the list, from 0
	Value T   // the zero value beside most errors
}

// Discarded implements the Discarder of the channels' packages: it discards the value.
func (i Indexed[T]) Discarded() { discard.Value(i.Value) }

// Race returns a future that waits for the first of the futures that is ready, with a value
// or an error, and drops the others. A receive that is dropped so loses no message. The value
// of a loser that has one already, such as the future of a completed promise, is discarded
// (see [Future]). To keep a future for the next race, as in a loop, lend it with [Borrow].
// Each of several ready futures wins with the same probability, whatever else is in the
// list; under task.WithSeed the seed decides. Index is that of the winner, also beside an
// error.
//
// If the Drop of a loser panics, the other losers are dropped, the winner's value is
// discarded, and the poll panics.
//
// To race futures of different types, [Map] them to one. Race panics without futures,
// because such a race would never end.
func Race[T any](fs ...Future[T]) Future[Indexed[T]] { return newRace(fs, false) }

// RaceBiased is [Race] in which, of several ready futures, the first in the list wins. In a
// loop, a first one that is always ready starves the others.
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
	if err := r.phase.Over(); err != nil {
		return v, true, err
	}
	r.phase = consumed
	panicked := true
	defer func() {
		if r.phase == consumed {
			r.end(panicked, v.Value, ready && err == nil)
		}
	}()
	due := r.group.due(cx)
	var draws park.Draws
	if r.biased {
		slices.SortFunc(due, func(a, b *member) int { return a.index - b.index })
	} else if len(due) > 1 {
		draws = park.NewDraws(cx.Context)
	}
	for i := range due {
		// A random order, made as far as it is needed. A random start in the order of the
		// list would be cheaper, but a member behind many that are not ready would win in
		// their place (TestReadyMembersShareARaceWhateverIsBesideThem).
		if rest := len(due) - i; rest > 1 && !r.biased {
			k := i + draws.Below(rest)
			due[i], due[k] = due[k], due[i]
		}
		m := due[i]
		value, won, result := r.group.poll(m)
		if won {
			panicked = false
			return Indexed[T]{m.index, value}, true, result
		}
	}
	panicked = false
	r.group.done(due)
	r.phase = pending
	return v, false, nil
}

func (r *race[T]) Drop() {
	if r.phase.Drop() {
		var none T
		r.end(false, none, false)
	}
}

// end drops the losers. If the Drop of one panics, the caller does not get the winner's
// value, so that is discarded.
func (r *race[T]) end(panicked bool, value T, won bool) {
	dropped := false
	defer func() {
		if !dropped && won {
			discardQuietly(value)
		}
	}()
	dropAll(panicked, r.group.close(), nil)
	dropped = true
}
