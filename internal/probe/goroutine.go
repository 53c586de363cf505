package probe

import (
	"runtime"
	"sync"
	"unsafe"
)

// How a goroutine finds out its number. The runtime tells it at the head of a traceback
// only, and writes the whole traceback to do so: that takes microseconds, and more for each
// frame, where a send takes nanoseconds. The number also stands in the descriptor of the
// goroutine, whose address is in a register or in thread-local storage.
//
// Where in the descriptor changes with the version of Go, so it is not written here. It is
// found out, once, by comparing the descriptors of some goroutines with the heads of their
// tracebacks. If not exactly one place has the number in all of them, the traceback is
// what there is; so it is where there is no assembly for the processor.

// Goroutine returns the number of the calling goroutine, as tracebacks show it. It takes
// some nanoseconds, or microseconds where numbers have to be read from tracebacks.
func Goroutine() uint64 {
	place := numberPlace()
	if place == 0 {
		return numberInTraceback()
	}
	return *(*uint64)(unsafe.Add(descriptor(), place))
}

// numberPlace is where a descriptor has its number, or 0 if that is not known.
var numberPlace = sync.OnceValue(findNumber)

const (
	// words is how many words of a descriptor are looked at. All versions of Go since 1.5
	// have the number in the first twenty-odd, and no descriptor is as short as this.
	words = 32
	// witnesses is how many goroutines have to agree.
	witnesses = 8
)

func findNumber() (place uintptr) {
	if descriptor() == nil {
		return 0
	}
	var common [words]bool
	for w := range common {
		common[w] = w > 0
	}
	for range witnesses {
		seen := make(chan [words]bool)
		go func() { seen <- numberIn(descriptor()) }()
		for w, has := range <-seen {
			common[w] = common[w] && has
		}
	}
	for w, has := range common {
		switch {
		case has && place != 0:
			return 0 // which of them?
		case has:
			place = uintptr(w) * unsafe.Sizeof(uint64(0))
		}
	}
	return place
}

// numberIn says which words of the caller's descriptor are its number.
func numberIn(g unsafe.Pointer) (is [words]bool) {
	n := numberInTraceback()
	for w := range is {
		is[w] = *(*uint64)(unsafe.Add(g, uintptr(w)*unsafe.Sizeof(n))) == n
	}
	return is
}

// numberInTraceback reads the number of the calling goroutine from "goroutine 7 [running]".
func numberInTraceback() (g uint64) {
	buf := headers.Get().(*[32]byte) //nolint:forcetypeassert // nothing else is put there
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

// headers are buffers for the head of a traceback: the compiler takes it that the runtime
// keeps them.
var headers = sync.Pool{New: func() any { return new([32]byte) }}
