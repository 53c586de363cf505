// Package differential runs random programs of channel operations on the Rust libraries
// that handoff ports and on handoff, and compares what happens step by step.
//
// A [Program] is text. The Rust program in the folder rust runs it on a library, and [Run]
// runs it here; both write a [Step] for each operation: its result, what completed because
// of it, the messages dropped, the state of each channel, and the wakes. Where the two
// differ, a [Class] says that this is intended, or the test fails with a small program.
package differential
