// Package sched lets tests decide in which order goroutines go on inside the core.
//
// The core takes its atomics, mutexes and conditions from here. In a normal build
// these are other names for those of sync and sync/atomic, [Enabled] is the constant
// false and nothing else is left. With the build tag handoff_sched each of their
// operations is a point at which another goroutine may go on, and a goroutine that
// would block is not runnable until it can proceed. Then a search runs a small program again
// and again, each time in another order: see Explore.
//
// Other names instead of a call before each operation, because then the code of the
// core reads as before, no operation can be forgotten, and the compiler sees the very
// types it saw without this package. Only where the core does something else than an
// operation on such a type, it asks for [Enabled].
//
// docs/design/testing.md says what is searched and what it found.
package sched
