package future

import (
	"github.com/handoff-go/handoff/internal/discard"
	"github.com/handoff-go/handoff/internal/each"
)

// How a combinator gives up what it still has. Drop and Discarded of it are user code and
// may panic, or end the goroutine. The others are still dropped, and then the first
// panic goes on (TestOneThatPanicsDoesNotKeepTheOthers).

// endAll calls step until it returns false. Each step makes its progress before it calls
// user code. If panicked is set the caller is on the way out of a panic, which counts, and
// those of the steps do not.
func endAll(panicked bool, step func() (more bool)) {
	if panicked {
		each.Rest(step)
	} else {
		each.Run(step)
	}
}

// dropAll drops those of members that are not nil, in order, and then discards the values
// that the others had: value returns that of member i, if it had one.
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

// discardQuietly discards v on the way out of a panic.
func discardQuietly[T any](v T) {
	defer func() { _ = recover() }()
	discard.Value(v)
}

// dropQuietly drops f on the way out of a panic.
func dropQuietly[T any](f Future[T]) {
	defer func() { _ = recover() }()
	f.Drop()
}
