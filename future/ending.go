package future

import (
	"github.com/handoff-go/handoff/internal/discard"
	"github.com/handoff-go/handoff/internal/each"
)

// How a combinator drops its remaining futures and discards their values. Drop and Discarded
// are user code and may panic or call Goexit. The others are still dropped, and then the
// first panic propagates (TestOneThatPanicsDoesNotKeepTheOthers).

// endAll calls step until it returns false. Each step must update its state before it calls
// user code. If panicked is set, the caller is panicking already: that panic propagates, and
// panics of the steps are dropped.
func endAll(panicked bool, step func() (more bool)) {
	if panicked {
		each.Rest(step)
	} else {
		each.Run(step)
	}
}

// dropAll drops the members that are not nil, in order, and then discards the values of the
// completed ones, which are nil: value, which may be nil itself, returns the value of member
// i and whether there is one.
func dropAll[T any](panicked bool, members []Future[T], value func(i int) (v T, ok bool)) {
	drops, values := 0, 0
	endAll(panicked, func() bool {
		for drops < len(members) {
			f := members[drops]
			drops++
			if f != nil {
				f.Drop()
				return true
			}
		}
		for value != nil && values < len(members) {
			i := values
			values++
			if members[i] != nil {
				continue
			}
			if v, ok := value(i); ok {
				discard.Value(v)
				return true
			}
		}
		return false
	})
}

// discardQuietly discards v while the caller panics. A panic of Discarded is dropped.
func discardQuietly[T any](v T) {
	defer func() { _ = recover() }()
	discard.Value(v)
}

// dropQuietly drops f while the caller panics. A panic of Drop is dropped.
func dropQuietly[T any](f Future[T]) {
	defer func() { _ = recover() }()
	f.Drop()
}
