//go:build handoff_sched

package sched

import "sync/atomic"

// Enabled reports whether schedules can be explored in this build.
const Enabled = true

// Uint64 is [atomic.Uint64] with a point before each operation.
type Uint64 struct{ v atomic.Uint64 }

func (x *Uint64) Load() uint64           { Point(); return x.v.Load() }
func (x *Uint64) Store(v uint64)         { Point(); x.v.Store(v) }
func (x *Uint64) And(mask uint64) uint64 { Point(); return x.v.And(mask) }
func (x *Uint64) CompareAndSwap(was, is uint64) bool {
	Point()
	return x.v.CompareAndSwap(was, is)
}

// Uint32 is [atomic.Uint32] with a point before each operation.
type Uint32 struct{ v atomic.Uint32 }

func (x *Uint32) Load() uint32   { Point(); return x.v.Load() }
func (x *Uint32) Store(v uint32) { Point(); x.v.Store(v) }
func (x *Uint32) CompareAndSwap(old, v uint32) bool {
	Point()
	return x.v.CompareAndSwap(old, v)
}

// Int32 is [atomic.Int32] with a point before each operation.
type Int32 struct{ v atomic.Int32 }

func (x *Int32) Load() int32       { Point(); return x.v.Load() }
func (x *Int32) Add(d int32) int32 { Point(); return x.v.Add(d) }

// Bool is [atomic.Bool] with a point before each operation.
type Bool struct{ v atomic.Bool }

func (x *Bool) Load() bool   { Point(); return x.v.Load() }
func (x *Bool) Store(v bool) { Point(); x.v.Store(v) }

// Pointer is [atomic.Pointer] with a point before each operation.
type Pointer[T any] struct{ v atomic.Pointer[T] }

func (x *Pointer[T]) Load() *T     { Point(); return x.v.Load() }
func (x *Pointer[T]) Store(p *T)   { Point(); x.v.Store(p) }
func (x *Pointer[T]) Swap(p *T) *T { Point(); return x.v.Swap(p) }
func (x *Pointer[T]) CompareAndSwap(was, is *T) bool {
	Point()
	return x.v.CompareAndSwap(was, is)
}
