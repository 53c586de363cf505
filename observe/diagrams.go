package observe

import "io"

// Sequence writes the events that are still there as a sequence diagram; see
// [Recording.Sequence].
func Sequence(w io.Writer, f Filter) error { return Recorded().Sequence(w, f) }

// Topology writes which actors sent to which in the events that are still there; see
// [Recording.Topology].
func Topology(w io.Writer) error { return Recorded().Topology(w, Filter{}) }

// Trace writes the events that are still there as a trace for Perfetto; see
// [Recording.Trace].
func Trace(w io.Writer, f Filter) error { return Recorded().Trace(w, f) }
