package bubble

import "runtime"

// Outside has f run on a goroutine outside of every bubble, and does not wait for it. f must
// not block.
//
// A go statement inside a bubble starts a goroutine of the bubble, and a timer set there has
// its clock. Cleanups run outside of all bubbles, so f is that of an object that is garbage
// already, and garbage is collected for it. That takes milliseconds. Rejected: a goroutine
// that waits for such calls, which a test that looks for leaks would find.
func Outside(f func()) {
	garbage := &struct{ _ [2]*byte }{} // with pointers, so that it shares no block with what lives
	runtime.AddCleanup(garbage, func(f func()) { f() }, f)
	runtime.GC()
}
