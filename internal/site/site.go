// Package site records where user code called this library.
package site

import (
	"fmt"
	"runtime"
	"strings"
)

// Site is a place in the user's code. It is a stack of calls, which is cheap to take,
// and symbolized on request.
type Site struct {
	depth int
	pcs   [16]uintptr
}

// Take makes s the place that the caller was called from. skip is 0 for the caller's own
// caller, and frames of this library above that are left out when s is looked up.
func (s *Site) Take(skip int) { s.depth = runtime.Callers(skip+3, s.pcs[:]) }

// Frame returns the first caller that is not this library, or else the outermost one that
// is known.
func (s *Site) Frame() (file string, line int, function string) {
	frames := runtime.CallersFrames(s.pcs[:s.depth])
	for more := s.depth > 0; more; {
		var f runtime.Frame
		f, more = frames.Next()
		if strings.HasPrefix(f.Function, "runtime.") {
			break
		}
		file, line, function = f.File, f.Line, f.Function
		if !ours(f.Function) {
			break
		}
	}
	return file, line, function
}

// String is the place as a compiler writes it, or "" if there is none.
func (s *Site) String() string {
	file, line, _ := s.Frame()
	if file == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d", file, line)
}

// ours reports whether a function belongs to the library. Its examples do not, nor
// tests that are packages of their own.
func ours(function string) bool {
	rest, inside := strings.CutPrefix(function, "github.com/handoff-go/handoff/")
	if !inside {
		return false
	}
	for _, pkg := range [...]string{"async.", "sync/mpsc.", "future.", "task.", "internal/channel.", "internal/leak.", "internal/probe."} {
		if strings.HasPrefix(rest, pkg) {
			return true
		}
	}
	return false
}
