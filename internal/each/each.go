// Package each runs a series of calls of user code completely, also if one of them panics or
// calls runtime.Goexit.
package each

// Run calls next until it returns false. next makes one call of user code, and must update its
// state before that, so that the following next does not repeat it. The first panic, or Goexit,
// reaches the caller with its own stack, because it is not recovered, after the remaining calls
// were made. Later panics are dropped.
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

// Rest makes the remaining calls after one has panicked or called Goexit. It is for a deferred
// function, and never panics. It loops instead of recursing, because each of a million calls
// may panic: panics are recovered, and after a Goexit, which cannot be recovered, another
// goroutine makes the remaining calls, a new one for each further Goexit.
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
