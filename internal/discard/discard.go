// Package discard notifies values that no receiver, awaiter or caller will get any more.
package discard

// Discarder is implemented by values that own something; see mpsc.Discarder.
type Discarder interface{ Discarded() }

// Value calls the Discarded method of v, or of its address, if there is one. That is user
// code, so no lock is held, and its panic is the caller's to contain.
func Value[T any](v T) {
	d, ok := any(v).(Discarder)
	if !ok {
		d, ok = any(&v).(Discarder)
	}
	if ok {
		d.Discarded()
	}
}
