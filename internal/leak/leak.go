// Package leak finds handles that are garbage-collected without a Drop. Package leaks is its
// public API, and the environment variable HANDOFF_LEAKS its switch.
//
// A tracked handle has a record, which is made with it and has the place where it was made.
// The record outlives the handle, so it must not refer to it: a cleanup keeps its argument
// reachable, and would keep the handle reachable through it. The argument must not refer to
// the channel either: a waiter in a wait queue of the channel may refer to a handle, and a
// leak profile that looks for goroutines that cannot be woken would find the channel
// reachable. So a record has a weak pointer to the channel.
//
// A handle that is not tracked costs one check of the mode when it is made, and nothing after
// that.
package leak

import (
	"os"
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/handoff-go/handoff/internal/bubble"
	"github.com/handoff-go/handoff/internal/site"
)

// mode is the number of SwitchOn calls that are open, or off, or unasked.
var mode atomic.Int32

const (
	unasked = 0 // the environment variable was not read yet
	off     = -1
)

// On reports whether a handle that is made now is to be tracked.
func On() bool { return mode.Load() != off && decide() }

// decide reads the environment variable when the first handle is made, and not in an init
// function: importing the package costs nothing.
func decide() bool {
	mu.Lock()
	defer mu.Unlock()
	return ask() > 0
}

// ask returns mode, which is known then. Under mu.
func ask() int32 {
	if mode.Load() == unasked {
		if os.Getenv("HANDOFF_LEAKS") == "1" {
			mode.Store(1)
		} else {
			mode.Store(off)
		}
	}
	return mode.Load()
}

// SwitchOn makes handles tracked that are made from now on. Each call needs one of
// SwitchOff.
func SwitchOn() {
	mu.Lock()
	defer mu.Unlock()
	mode.Store(max(ask(), 0) + 1)
}

// SwitchOff undoes one SwitchOn. What is tracked already stays so.
func SwitchOff() {
	mu.Lock()
	defer mu.Unlock()
	if n := mode.Load() - 1; n > 0 {
		mode.Store(n)
	} else {
		mode.Store(off)
	}
}

// Tracked is a Record with the methods to drop the handle and to examine its channel.
type Tracked interface {
	// Replace returns a function that does to the channel what the Drop of the handle would
	// have done, or nil if the channel is garbage too. The function keeps the channel reachable.
	Replace() (drop func())

	// Look reports whether a goroutine or a future waits on the channel, and returns a
	// suspicion about a wait, or nil. A channel with several tracked handles does so only in
	// the first call with the same now.
	Look(now time.Time) (waits bool, wrong *Suspicion)

	// Base is the record itself.
	Base() *Record
}

// Record has the data of a tracked handle for its report. Implementations of [Tracked] embed it.
type Record struct {
	kind    string
	message reflect.Type
	serial  uint64
	bubbled bool // it was made in a synctest bubble, or from a handle that was
	key     uintptr
	cleanup runtime.Cleanup
	site    site.Site
}

// Base is part of [Tracked].
func (r *Record) Base() *Record { return r }

// Site is where the handle was made.
func (r *Record) Site() *site.Site { return &r.site }

var (
	mu      sync.Mutex
	serials uint64

	// live has the record of each handle by its address. It cannot be a field of the
	// handle, which would enlarge untracked handles too. An address may be used again before
	// the cleanup of the previous handle there has run; the new record then replaces the old
	// one.
	live = make(map[uintptr]Tracked)
)

// Track registers a cleanup for the handle that p points into, with t, which must not refer
// to it. kind is the type of the handle as its user writes it. from is nil, or points into the
// handle that this one was made from, which need not be tracked.
func Track[P, Q any](p *P, t Tracked, kind string, message reflect.Type, from *Q) {
	r := t.Base()
	r.kind, r.message = kind, message
	r.site.Take(0)
	r.bubbled = bubble.Inside()
	r.key = uintptr(unsafe.Pointer(p))
	r.cleanup = runtime.AddCleanup(p, collected, t)
	mu.Lock()
	if origin := live[uintptr(unsafe.Pointer(from))]; origin != nil && origin.Base().bubbled {
		r.bubbled = true // it leads to the same channel
	}
	serials++
	r.serial = serials
	live[r.key] = t
	if !r.bubbled {
		noteChange()
	}
	mu.Unlock()
	runtime.KeepAlive(from)
	runtime.KeepAlive(p)
}

// Find returns the record of the handle that p points into, or nil.
func Find[P any](p *P) Tracked {
	mu.Lock()
	defer mu.Unlock()
	defer runtime.KeepAlive(p)
	return live[uintptr(unsafe.Pointer(p))]
}

// Forget unregisters the handle that p points into, which was tracked and has been dropped.
func Forget[P any](p *P) {
	key := uintptr(unsafe.Pointer(p))
	mu.Lock()
	t := live[key]
	delete(live, key)
	if t != nil && !t.Base().bubbled {
		noteChange()
	}
	mu.Unlock()
	if t != nil {
		t.Base().cleanup.Stop()
	}
	runtime.KeepAlive(p) // otherwise it might be collected before it is forgotten
}
