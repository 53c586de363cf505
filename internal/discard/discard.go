// Package discard calls the Discarded method of values that no receiver or caller will get any
// more, as a destructor would do in Rust.
//
// A Discarded method may discard other values: a message that owns a receiver drops it, and
// that discards the messages of its channel. Rust recurses there and overflows its stack when
// the nesting is deep. Here a goroutine that discards is registered with its depth of nesting,
// and beyond maxDepth values are queued until the innermost call within that depth goes on.
// The registry uses the number of the goroutine as key, because Discarded has no parameter;
// it is used only where a value is a [Discarder].
package discard

import (
	"reflect"
	"sync"

	"github.com/handoff-go/handoff/internal/each"
	"github.com/handoff-go/handoff/internal/probe"
)

// Discarder is a value that releases what it owns when no receiver will get it. It is exported
// as mpsc.Discarder.
type Discarder interface{ Discarded() }

// maxDepth is how deep discards are nested. Deeper ones are queued for the innermost of these,
// which runs them after its own values.
const maxDepth = 32

// Interested reports whether values of T may be Discarders, or slices of them. If T is an
// interface, that depends on the value.
func Interested[T any]() bool {
	var zero T
	switch any(zero).(type) {
	case Discarder, nil:
		return true
	}
	if _, ok := any((*T)(nil)).(Discarder); ok {
		return true
	}
	t := reflect.TypeFor[T]()
	return t.Kind() == reflect.Slice && mayDiscard(t.Elem())
}

// mayDiscard is [Interested] of the elements of a slice.
func mayDiscard(elem reflect.Type) bool {
	return elem.Kind() == reflect.Interface || elem.Implements(discarderType) || reflect.PointerTo(elem).Implements(discarderType)
}

// Value calls Discarded of v, or of a pointer to it, if v is a [Discarder]. If v is a slice
// of Discarders, such as the values of a join, it calls Discarded of each element, in order.
// Other values cost a type switch and no allocation.
//
// Discarded is user code, so the caller must hold no lock. A panic in it reaches the caller; in
// a slice, after all other elements were discarded.
//
// The type is examined here, when a value is discarded, not when it is sent or returned, so
// that values which are received cost nothing. Fields are not examined: a pointer in a field
// may be shared, which only the type that has the field can know.
func Value[T any](v T) {
	if d := discarder(v); d != nil {
		All(once(d))
	} else if t := reflect.TypeFor[T](); t.Kind() == reflect.Slice {
		elements(t.Elem(), v)
	}
}

// discarder returns v, or a pointer to a copy of it, as a Discarder, or nil.
func discarder[T any](v T) Discarder {
	var zero T
	switch any(zero).(type) {
	case Discarder, nil: // nil: T is an interface, so it depends on the value
		d, _ := any(v).(Discarder)
		return d
	}
	if _, ok := any((*T)(nil)).(Discarder); !ok {
		return nil
	}
	p := new(T) // a copy: &v would move every v to the heap
	*p = v
	return any(p).(Discarder) //nolint:forcetypeassert // just checked
}

var discarderType = reflect.TypeFor[Discarder]()

// elements discards the elements, of type elem, of the slice v.
func elements(elem reflect.Type, v any) {
	if !mayDiscard(elem) {
		return
	}
	byPointer := !elem.Implements(discarderType)
	s := reflect.ValueOf(v)
	i := 0
	All(func() bool {
		if i == s.Len() {
			return false
		}
		e := s.Index(i)
		i++
		if byPointer && elem.Kind() != reflect.Interface {
			e = e.Addr() // an element of a slice has an address, whatever the slice was read from
		}
		if d, ok := reflect.TypeAssert[Discarder](e); ok {
			d.Discarded()
		}
		return true
	})
}

func once(d Discarder) func() bool {
	return func() bool {
		if d == nil {
			return false
		}
		now := d
		d = nil
		now.Discarded()
		return true
	}
}

// Next returns a step for [All] that discards the next of a sequence of values, as [Value] does.
func Next[T any](next func() (T, bool)) func() bool {
	t := reflect.TypeFor[T]()
	return func() bool {
		v, ok := next()
		if d := discarder(v); ok && d != nil {
			d.Discarded()
		} else if ok && d == nil && t.Kind() == reflect.Slice {
			elements(t.Elem(), v)
		}
		return ok
	}
}

// All calls step until it returns false. A step takes one value and then calls its Discarded.
// When All returns, all values are discarded, and those that their Discarded methods discard.
// If All is nested deeper than maxDepth it only queues the step, which runs before the
// outermost All returns. Panics are as in [each.Run].
func All(step func() bool) {
	g := probe.Goroutine()
	d := enter(g)
	if d.depth > maxDepth {
		d.depth--
		d.later = append(d.later, step)
		return
	}
	defer d.leave()
	last := d.depth == maxDepth
	each.Run(func() bool {
		d.on(probe.Goroutine())
		if step() {
			return true
		}
		if !last || len(d.later) == 0 {
			return false
		}
		step, d.later[0] = d.later[0], nil
		if d.later = d.later[1:]; len(d.later) == 0 {
			d.later = nil
		}
		return true
	})
}

// discarding is a goroutine that discards. Only that goroutine uses it.
type discarding struct {
	goroutine uint64
	depth     int
	later     []func() bool // steps that were nested too deep
}

// shards reduces the contention of goroutines that discard at the same time.
const shards = 16

var registry [shards]struct {
	mu sync.Mutex
	by map[uint64]*discarding
}

// enter returns the record of the calling goroutine, one level deeper.
func enter(g uint64) *discarding {
	s := &registry[g%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.by[g]
	if d == nil {
		d = &discarding{goroutine: g}
		if s.by == nil {
			s.by = make(map[uint64]*discarding)
		}
		s.by[g] = d
	}
	d.depth++
	return d
}

// leave undoes enter.
func (d *discarding) leave() {
	if d.depth--; d.depth == 0 {
		d.register(false)
	}
}

// on registers d for the goroutine g, if that goes on after a Goexit of another one; see
// [each.Rest].
func (d *discarding) on(g uint64) {
	if d.goroutine != g {
		d.register(false)
		d.goroutine = g
		d.register(true)
	}
}

func (d *discarding) register(on bool) {
	s := &registry[d.goroutine%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	if on {
		if s.by == nil {
			s.by = make(map[uint64]*discarding)
		}
		s.by[d.goroutine] = d
	} else if delete(s.by, d.goroutine); len(s.by) == 0 {
		s.by = nil // a map does not shrink
	}
}
