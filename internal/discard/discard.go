// Package discard tells values that they are given up: what a destructor would do in Rust.
package discard

import "reflect"

// Discarder is a value that has something to give up when no receiver will get it. The
// exported name of it is mpsc.Discarder.
type Discarder interface{ Discarded() }

// Value calls Discarded of v, or of a pointer to it, if v is a [Discarder]. If v is a
// slice of Discarders, such as the values of a join, it calls Discarded of each element,
// in order. Other values cost a type switch and no allocation.
//
// Discarded is user code, so the caller holds no lock. A panic in it is the caller's; of a
// slice all other elements are notified first.
//
// The types are looked at here, when a value is discarded, and not when it is sent or
// returned, so that values which are received pay nothing. Fields are not looked at: a
// pointer in a field may be shared, and only the type that has it knows.
func Value[T any](v T) {
	var zero T
	switch any(zero).(type) {
	case Discarder:
		any(v).(Discarder).Discarded() //nolint:forcetypeassert // the zero value said so
		return
	case nil: // T is an interface, so it depends on the value
		if d, ok := any(v).(Discarder); ok {
			d.Discarded()
		}
		return
	}
	if _, ok := any((*T)(nil)).(Discarder); ok {
		p := new(T) // a copy: &v would move every v to the heap
		*p = v
		any(p).(Discarder).Discarded() //nolint:forcetypeassert // just checked
		return
	}
	if t := reflect.TypeFor[T](); t.Kind() == reflect.Slice {
		elements(t.Elem(), v)
	}
}

var discarder = reflect.TypeFor[Discarder]()

// elements discards those of the slice v whose type is elem.
func elements(elem reflect.Type, v any) {
	byPointer := !elem.Implements(discarder)
	if byPointer && elem.Kind() != reflect.Interface && !reflect.PointerTo(elem).Implements(discarder) {
		return
	}
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

// All calls step until it returns false. The first panic of a step, or runtime.Goexit,
// goes on to the caller with its own stack, because no one recovers it; but the remaining
// steps run first, and their panics are dropped. So a step makes its progress before it
// calls user code.
func All(step func() (more bool)) {
	completed := false
	defer func() {
		if !completed {
			Rest(step)
		}
	}()
	for step() {
	}
	completed = true
}

// Rest is [All] on the way out of a panic, which is the one that counts: it drops the
// panics of all steps. It is a loop, because each step may panic; only a Goexit cannot be
// left behind, and costs a level of the stack.
func Rest(step func() (more bool)) {
	completed := false
	defer func() {
		if !completed {
			Rest(step)
		}
	}()
	for safely(step) {
	}
	completed = true
}

func safely(step func() bool) (more bool) {
	more = true // after a panic, which leaves the steps behind it
	defer func() { _ = recover() }()
	return step()
}
