package probe

import (
	"fmt"
	"strings"
	"sync/atomic"
	"unicode/utf8"
)

// maxLabel bounds the length of a label in bytes, so that a ring full of them stays small.
const maxLabel = 200

var label atomic.Pointer[func(v any) string]

// SetLabel sets the function that names messages in events. With nil, the default,
// messages have no names: their contents are private unless the program says otherwise.
func SetLabel(f func(v any) string) {
	if f == nil {
		label.Store(nil)
		return
	}
	label.Store(&f)
}

// Labels reports whether a label function is set.
func Labels() bool { return label.Load() != nil }

// Label returns the name of message v, or "". It runs user code, so it is
// called without holding a lock, in the call of the sender. A panic in it becomes the label:
// observation must not crash the program.
func Label(v any) (text string) {
	f := label.Load()
	if f == nil {
		return ""
	}
	defer func() {
		if p := recover(); p != nil {
			text = Cut(fmt.Sprintf("(panic: %T)", p), maxLabel) // not its value, whose String may panic again
		}
	}()
	return Cut((*f)(v), maxLabel)
}

// MaxText bounds what is kept of a name, an error or the value of a panic, in bytes: each
// may be in a ring, in a snapshot and on several pages.
const MaxText = 1000

// Cut returns s without what is beyond limit bytes, in a copy of its own, so that the rest
// can be freed.
func Cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	n := limit
	for n > limit-utf8.UTFMax && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.Clone(s[:n]) + "…"
}
