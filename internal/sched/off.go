//go:build !handoff_sched

package sched

import (
	"sync"
	"sync/atomic"
)

// Enabled reports whether schedules can be explored in this build.
const Enabled = false

// The names under which the core uses sync and sync/atomic.
type (
	Uint64         = atomic.Uint64
	Uint32         = atomic.Uint32
	Int32          = atomic.Int32
	Bool           = atomic.Bool
	Pointer[T any] = atomic.Pointer[T]
	Mutex          = sync.Mutex
	Cond           = sync.Cond
	Pool           = sync.Pool
)

// What follows stands behind "if sched.Enabled" wherever it is used.

// Exploring reports whether the calling goroutine is part of an exploration.
func Exploring() bool { return false }

// Point is where another goroutine may go on.
func Point() {}

// Until lets others go on until ready reports true.
func Until(ready func() bool) {}

// Choose picks one of n ways to go on.
func Choose(n int) int { return 0 }
