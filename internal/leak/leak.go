// Package leak finds handles that the garbage collector frees and that nobody has
// dropped. Package leaks is its public face, and the environment variable HANDOFF_LEAKS
// its switch.
//
// A handle that is tracked has a record, which is made with it and says where. The
// record is all that is left when the handle is gone, so it must not lead to the handle:
// a cleanup keeps its argument alive, and would keep the handle alive through it. The
// argument must not lead to the channel either. What stands in a line of the channel may
// lead to a handle, and a leak profile that looks for goroutines that nobody can wake
// would find the channel in use. So a record has a weak pointer to it.
//
// What is not tracked pays for the question whether it is when it is made, and nothing
// after that.
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

// mode is how many want handles to be tracked, or unasked.
var mode atomic.Int32

const (
	unasked = 0 // the environment was not asked yet
	off     = -1
)

// On reports whether a handle that is made now is to be tracked.
func On() bool { return mode.Load() != off && decide() }

// decide asks the environment when the first handle is made, and not before: no package
// does work when it is imported.
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

// SwitchOn has handles tracked that are made from now on. Each call needs one of
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

// Tracked is a record together with what its owner needs to drop the handle and to look at
// its channel.
type Tracked interface {
	// Replace returns what does to the channel what the Drop of the handle would have
	// done, or nil if the channel is garbage too. What it returns holds the channel.
	Replace() (drop func())

	// Look reports whether something waits on the channel, and what is wrong with it, if
	// anything; both only once for each channel and now, by one of its handles.
	Look(now time.Time) (waits bool, wrong *Suspicion)

	// Base is the record itself.
	Base() *Record
}

// Record is what is known of a handle. It is embedded in what implements [Tracked].
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
	// handle, which would cost everybody who does not track. An address may be used
	// again before the cleanup of the handle that had it has run; the new record then
	// takes the place of the old one.
	live = make(map[uintptr]Tracked)
)

// Track watches for the collection of the handle that p points into, with t, which must
// not lead to it. kind is the type of the handle as its user writes it. from is nil, or
// points into the handle that this one was made from, which need not be tracked.
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

// Forget is told that the handle that p points into, which was tracked, is dropped.
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
