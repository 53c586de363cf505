package leak

import (
	"fmt"
	"runtime"
	"strings"
)

// Leak is a handle that was collected and had not been dropped.
type Leak struct {
	Handle   string // its type without the message's, such as "async.Sender"
	Message  string // the type of the messages
	File     string // where it was made: the first caller that is not this library
	Line     int
	Function string

	Disconnected bool // its channel was told
}

// Site is where the handle was made, as a compiler writes it.
func (l Leak) Site() string { return fmt.Sprintf("%s:%d", l.File, l.Line) }

func (l Leak) String() string {
	return fmt.Sprintf("%s[%s] made at %s by %s was garbage and had not been dropped", l.Handle, l.Message, l.Site(), l.Function)
}

func (r *Record) leak(disconnected bool) Leak {
	l := Leak{Handle: r.kind, Message: r.message.String(), Disconnected: disconnected}
	frames := runtime.CallersFrames(r.pcs[:r.depth])
	for more := r.depth > 0; more; {
		var f runtime.Frame
		f, more = frames.Next()
		if strings.HasPrefix(f.Function, "runtime.") {
			break
		}
		l.File, l.Line, l.Function = f.File, f.Line, f.Function
		if !ours(f.Function) {
			break
		}
	}
	return l
}

// ours reports whether a function belongs to the library. Its examples do not, nor
// tests that are packages of their own.
func ours(function string) bool {
	rest, inside := strings.CutPrefix(function, "github.com/handoff-go/handoff/")
	if !inside {
		return false
	}
	for _, pkg := range [...]string{"async.", "sync/mpsc.", "future.", "task.", "internal/channel.", "internal/leak."} {
		if strings.HasPrefix(rest, pkg) {
			return true
		}
	}
	return false
}
