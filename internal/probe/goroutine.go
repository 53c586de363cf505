package probe

import (
	"runtime"
	"strings"
	"sync"
	"unsafe"
)

// Go's runtime exposes the number of a goroutine, and whether it is locked to its thread, only
// in the header of a traceback. Writing the traceback takes microseconds, and more for each
// frame, while a send takes nanoseconds. The descriptor of the goroutine (the struct g) has
// both, and its address is in a register or in thread-local storage. places.go finds the
// offsets of the fields.

// Goroutine returns the number of the calling goroutine, as tracebacks show it. It takes
// some nanoseconds, or microseconds where [Described] reports false.
func Goroutine() uint64 {
	p := known()
	if p.number == 0 {
		return numberInTraceback()
	}
	return *(*uint64)(unsafe.Add(descriptor(), p.number))
}

// Quick returns the number of the calling goroutine, and true, or false where that would take
// longer than nanoseconds.
func Quick() (number uint64, ok bool) {
	p := known()
	if p.number == 0 {
		return 0, false
	}
	return *(*uint64)(unsafe.Add(descriptor(), p.number)), true
}

// Described reports whether descriptors are understood: there is assembly for the
// processor, and everything was found in them. Otherwise tracebacks are read instead.
func Described() bool {
	p := known()
	return p.number != 0 && p.lock != 0 && p.labels != 0
}

// Marks reads state that code has set on a goroutine: profile labels and thread locks. It may
// be used only by the goroutine that called [Here].
type Marks struct {
	lock, labels *uintptr // in the descriptor; nil if that is not known
}

// Here returns the marks of the calling goroutine. They may be kept for as long as it lives.
func Here() Marks {
	p := known()
	if p.lock == 0 || p.labels == 0 {
		return Marks{}
	}
	g := descriptor()
	return Marks{(*uintptr)(unsafe.Add(g, p.lock)), (*uintptr)(unsafe.Add(g, p.labels))}
}

// Known reports whether the other methods cost a nanosecond. If not, Locked takes
// microseconds and Labelled always reports true.
func (m Marks) Known() bool { return m.lock != nil }

// Locked reports whether runtime.LockOSThread has been called more often than
// runtime.UnlockOSThread.
func (m Marks) Locked() bool {
	if m.lock == nil {
		return lockedInTraceback()
	}
	return *m.lock != 0
}

// Labelled reports whether the goroutine has profile labels, or may have them.
func (m Marks) Labelled() bool { return m.labels == nil || *m.labels != 0 }

// numberInTraceback reads the number of the calling goroutine from "goroutine 7 [running]".
func numberInTraceback() (g uint64) {
	buf := headers.Get().(*[128]byte) //nolint:forcetypeassert // nothing else is put there
	n := runtime.Stack(buf[:], false)
	for _, b := range buf[min(n, len("goroutine ")):n] {
		if b < '0' || b > '9' {
			break
		}
		g = g*10 + uint64(b-'0')
	}
	headers.Put(buf)
	return g
}

// lockedInTraceback looks for the note in "goroutine 7 [running, locked to thread]:".
func lockedInTraceback() bool {
	buf := headers.Get().(*[128]byte) //nolint:forcetypeassert // as above
	header, _, _ := strings.Cut(string(buf[:runtime.Stack(buf[:], false)]), "\n")
	headers.Put(buf)
	return strings.Contains(header, "locked to thread")
}

// headers are buffers for the head of a traceback. They are pooled because escape analysis
// assumes that runtime.Stack keeps its argument.
var headers = sync.Pool{New: func() any { return new([128]byte) }}
