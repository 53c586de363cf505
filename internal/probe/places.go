package probe

import (
	"context"
	"runtime"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"unsafe"
)

// The offsets of fields in the descriptor of a goroutine differ between versions of Go, so they
// are not constants. They are found once at run time, by comparing the descriptors of some
// goroutines before and after an operation that changes the field, and with the headers of
// their tracebacks. If not exactly one offset fits for all of them, or if there is no assembly
// for the processor, the traceback is read instead.

// places are offsets in a descriptor. 0 means not known; that offset has the bounds of the
// stack.
type places struct {
	number uintptr
	lock   uintptr // the thread that the goroutine is locked to, or 0
	labels uintptr // the profile labels, or 0
}

// known returns the places, which the first call finds. That starts some goroutines, and
// locks each to its thread for a moment; the first such lock of a process has the Go runtime
// start a thread that stays, as package cgo does.
func known() *places {
	if p := found.Load(); p != nil {
		return p
	}
	return findOnce()
}

func findOnce() *places {
	finding.Do(func() { found.Store(find()) })
	return found.Load()
}

// A sync.OnceValue instead of the pointer would double the cost of each call of known.
var (
	found   atomic.Pointer[places]
	finding sync.Once
)

const (
	// words is how many words of a descriptor are looked at. The labels, the last of what
	// we look for, are in the first 48 words since Go 1.26, and no descriptor is as short.
	words = 48
	// witnesses is how many goroutines have to agree.
	witnesses = 8
)

// view is what a descriptor has in each of its words.
type view [words]uintptr

func look(g unsafe.Pointer) (v view) {
	for w := range v {
		v[w] = *(*uintptr)(unsafe.Add(g, uintptr(w)*unsafe.Sizeof(v[0])))
	}
	return v
}

// candidates are the words that may be a place.
type candidates [words]bool

func find() *places {
	if descriptor() == nil {
		return new(places)
	}
	var number, lock, labels candidates
	for w := range words {
		number[w], lock[w], labels[w] = w > 0, w > 0, w > 0
	}
	for range witnesses {
		done := make(chan struct{})
		// A new goroutine for each, because goroutines differ in what the words have; not
		// several at once, because they share the candidates.
		go func() {
			defer close(done)
			number.keep(isNumber)
			lock.keep(isLock)
			labels.keep(isLabels)
		}()
		<-done
	}
	return &places{number.only(), lock.only(), labels.only()}
}

// keep removes the candidates that a witness does not report.
func (c *candidates) keep(witness func(is *candidates)) {
	var is candidates
	witness(&is)
	for w := range c {
		c[w] = c[w] && is[w]
	}
}

// only returns the place of the one candidate that is left, or 0.
func (c *candidates) only() (place uintptr) {
	for w, is := range c {
		switch {
		case is && place != 0:
			return 0 // which of them?
		case is:
			place = uintptr(w) * unsafe.Sizeof(uintptr(0))
		}
	}
	return place
}

// isNumber finds the words that are the number of the calling goroutine. A number is 64 bits
// everywhere, and so are the words where there is assembly.
func isNumber(is *candidates) {
	n := numberInTraceback()
	for w, have := range look(descriptor()) {
		is[w] = uint64(have) == n
	}
}

// isLock finds the words that are not 0 while the calling goroutine is locked to its thread,
// and only then.
func isLock(is *candidates) {
	g := descriptor()
	before := look(g)
	runtime.LockOSThread()
	once := look(g)
	runtime.LockOSThread()
	twice := look(g)
	runtime.UnlockOSThread()
	still := look(g)
	runtime.UnlockOSThread()
	after := look(g)
	for w := range is {
		is[w] = before[w] == 0 && once[w] != 0 && twice[w] == once[w] && still[w] == once[w] && after[w] == 0
	}
}

// isLabels finds the words that depend on the labels of the calling goroutine alone, which
// has none when it returns.
func isLabels(is *candidates) {
	g := descriptor()
	none := context.Background()
	one := pprof.WithLabels(none, pprof.Labels("handoff", "1"))
	other := pprof.WithLabels(none, pprof.Labels("handoff", "2"))
	var seen [5]view
	for i, ctx := range []context.Context{none, one, other, one, none} {
		pprof.SetGoroutineLabels(ctx)
		seen[i] = look(g)
	}
	for w := range is {
		a, b := seen[1][w], seen[2][w]
		is[w] = seen[0][w] == 0 && a != 0 && b != 0 && a != b && seen[3][w] == a && seen[4][w] == 0
	}
}
