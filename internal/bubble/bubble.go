// Package bubble reports whether code runs inside a testing/synctest bubble, whose timers,
// channels and goroutines must not be mixed with those outside.
package bubble

import (
	"bytes"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Inside reports whether the calling goroutine is in a bubble. It costs a look at the clock.
func Inside() bool { return Of(time.Now()) }

// Of reports whether t was read inside a bubble. Only there has it no monotonic reading,
// which is what Round strips off.
func Of(t time.Time) bool {
	return t == t.Round(0) //nolint:staticcheck // Equal does not look at the monotonic reading
}

// Number returns which bubble the calling goroutine is in, or 0 outside of all. Outside it
// costs what [Inside] does, and inside the microseconds of a traceback.
func Number() uint64 {
	if !Inside() {
		return 0
	}
	return inTraceback()
}

// inTraceback is a function of its own, because with its buffer a new goroutine that only
// asks whether it is in a bubble would have to grow its stack.
//
//go:noinline
func inTraceback() uint64 {
	// Such as "goroutine 7 [running, synctest bubble 3]:".
	var buf [256]byte
	header, _, _ := bytes.Cut(buf[:runtime.Stack(buf[:], false)], []byte("]"))
	if _, number, ok := bytes.Cut(header, []byte("synctest bubble ")); ok {
		if n, err := strconv.ParseUint(string(number), 10, 64); err == nil && n != 0 {
			return n
		}
	}
	return 1 // of bubbles that cannot be distinguished
}

// InsideTest is [Inside] for code that is called often. A look at the clock takes about
// 60 ns; outside of test binaries, where there are no bubbles, InsideTest takes one.
func InsideTest() bool { return testing() && Inside() }

// testing reports whether this process may have bubbles: a bubble needs a *testing.T.
// Package testing itself knows, but an import of it registers flags and more. The
// path of the main package is what go test made of it; if it is not known, there may be
// bubbles.
var testing = sync.OnceValue(func() bool {
	info, ok := debug.ReadBuildInfo()
	return !ok || info.Path == "" || strings.HasSuffix(info.Path, ".test")
})
