// Package each runs user code for each of many things, so that what one call does, a panic or
// runtime.Goexit, leaves none of the others out.
package each

// Run calls next until it returns false. next does one thing, and has left it behind before it
// calls user code. The first panic, or Goexit, goes on to the caller with its own stack, since
// nothing recovers it, but not before the rest was done. Later panics are dropped.
func Run(next func() bool) {
	done := false
	defer func() {
		if !done {
			Rest(next)
		}
	}()
	for next() {
	}
	done = true
}

// Rest is Run after one call has panicked or has ended its goroutine, for a deferred function.
// It never panics. It is a loop and not a recursion, because each of a million calls may do
// the same: a panic is recovered, and after a Goexit, which cannot be, the rest is done by
// another goroutine, one for each Goexit that follows.
func Rest(next func() bool) {
	done := false
	defer func() {
		for !done {
			done = elsewhere(next)
		}
	}()
	for safely(next) {
	}
	done = true
}

func elsewhere(next func() bool) bool {
	ended := make(chan bool)
	go func() {
		done := false
		defer func() { ended <- done }()
		for safely(next) {
		}
		done = true
	}()
	return <-ended
}

func safely(next func() bool) (more bool) {
	more = true // if it panics
	defer func() { _ = recover() }()
	return next()
}
