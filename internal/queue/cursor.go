package queue

import (
	"runtime"
	_ "sync" // its methods are inlined only where it is imported; see package sched
	_ "sync/atomic"

	"github.com/handoff-go/handoff/internal/sched"
)

// Word is the value of a [Cursor]: the low bits are flags, the bits above them
// a position that only grows. One load of it is a consistent view of both, so
// "is the queue at its end and closed?" needs no second look.
type Word uint64

const (
	lockBit Word = 1 << iota

	// The four flags are the caller's; package channel gives them meaning.
	Flag0
	Flag1
	Flag2
	Flag3

	// Step is one position.
	Step
)

const flagMask = Step - 1

// SkipPop is the flag of a head whose messages [List.Pop] leaves to its caller. It is set
// before the first use or never.
const SkipPop = Flag3

// Pos returns the position. With 59 bits it does not wrap in practice: at a
// thousand million messages a second that takes 18 years.
func (w Word) Pos() uint64 { return uint64(w / Step) }

// Has reports whether any of the flags in f is set.
func (w Word) Has(f Word) bool { return w&f != 0 }

// Locked reports whether the lock is held.
func (w Word) Locked() bool { return w&lockBit != 0 }

// at returns w moved to position p, flags kept.
func (w Word) at(p uint64) Word { return w&flagMask | Word(p)*Step }

// Cursor is one end of a queue: its position, a few flags and the lock that
// guards that end, in one word.
//
// The lock and the position share a word because then publishing a message and
// releasing the lock are the same store. A queue operation costs two atomic
// read-modify-writes in all, as many as taking and releasing a lock alone.
//
// The lock is meant to be held for some tens of nanoseconds. A contender spins
// for a bounded time (about a microsecond). If that was not enough, the holder
// has probably lost its processor, and all contenders but one park on a mutex
// while that one keeps yielding: a preempted holder costs at most one busy
// goroutine, never all of them. docs/design/queues.md has the measurements.
type Cursor struct {
	w    sched.Uint64
	slow sched.Mutex // held by the one contender that yields
}

// Load returns the current word. It may be locked.
func (c *Cursor) Load() Word { return Word(c.w.Load()) }

// WaitUnlocked waits while the lock is held. Every operation at this end that has returned
// is in the word as the caller loads it from then on: one that publish has ended, and that is
// not seen yet, is seen as a lock that is held.
func (c *Cursor) WaitUnlocked() {
	if c.Load().Locked() {
		c.Move(c.Lock())
	}
}

// Lock takes the lock and returns the word without the lock bit.
func (c *Cursor) Lock() Word {
	w, ok := c.grab(0, 0)
	if !ok {
		w, _ = c.wait(0, 0)
	}
	return w
}

// TryLock is Lock that does not wait, not even for a moment.
func (c *Cursor) TryLock() (w Word, ok bool) { return c.grab(0, 0) }

// Enter is Lock for an end that only one goroutine may use at a time: it fails
// if one of the flags in forbidden is set, and otherwise sets the flags in set
// in the same atomic step that takes the lock. The returned word includes them.
func (c *Cursor) Enter(set, forbidden Word) (w Word, ok bool) {
	if w, ok = c.grab(set, forbidden); ok {
		return w, true
	}
	return c.wait(set, forbidden)
}

// grab is one attempt to Enter. It is small enough to be inlined.
func (c *Cursor) grab(set, forbidden Word) (Word, bool) {
	w := c.w.Load()
	return Word(w) | set, w&uint64(lockBit|forbidden) == 0 && c.w.CompareAndSwap(w, w|uint64(set|lockBit))
}

// Unlock releases the lock and publishes w in the same store.
func (c *Cursor) Unlock(w Word) { c.w.Store(uint64(w)) }

// Release is Unlock with publish: what the caller looks at afterwards may be older than the
// release, though not older than the lock.
func (c *Cursor) Release(w Word) {
	if plainStores {
		publish(&c.w, uint64(w))
	} else {
		c.w.Store(uint64(w))
	}
}

// Set sets a flag without the lock, and reports whether it was not set before. It is for the
// same flags as Clear.
func (c *Cursor) Set(flag Word) bool {
	for {
		w := c.Load()
		if w.Has(flag) {
			return false
		}
		if c.w.CompareAndSwap(uint64(w), uint64(w|flag)) {
			return true
		}
	}
}

// Clear removes a flag without the lock. It is for flags that the holder of the
// lock leaves as they are, by releasing it with Move.
func (c *Cursor) Clear(flag Word) { c.w.And(uint64(^flag)) }

// Move releases the lock at the position of w and keeps the flags as they are at
// that moment.
func (c *Cursor) Move(w Word) {
	for {
		now := c.Load()
		if c.w.CompareAndSwap(uint64(now), uint64(now.at(w.Pos())&^lockBit)) {
			return
		}
	}
}

// spins bounds how often a contender looks at a taken lock before it gives its
// processor away; with the exponential pause below that is about a microsecond.
const spins = 12

// wait is Enter after a failed attempt.
func (c *Cursor) wait(set, forbidden Word) (w Word, ok bool) {
	for n := range spins {
		if c.Load().Has(forbidden) {
			return 0, false
		}
		if sched.Enabled && sched.Exploring() {
			sched.Until(func() bool { return !c.Load().Locked() })
		} else {
			pause(n)
		}
		if w, ok = c.grab(set, forbidden); ok {
			return w, true
		}
		if sched.Enabled && sched.Exploring() {
			break // one look is enough to come to what follows
		}
	}
	c.slow.Lock()
	defer c.slow.Unlock()
	for n := 0; !c.Load().Has(forbidden); n++ {
		if w, ok = c.grab(set, forbidden); ok {
			return w, true
		}
		if sched.Enabled && sched.Exploring() {
			sched.Until(func() bool { return !c.Load().Locked() })
		} else if n < spins {
			pause(n)
		} else {
			runtime.Gosched()
		}
	}
	return 0, false
}

// Yield is called without the lock, between two times that a goroutine takes it. It lets a
// contender that has waited for some time have the lock first: the lock is not fair, and its
// last holder would get it again.
func (c *Cursor) Yield() {
	if c.slow.TryLock() {
		c.slow.Unlock()
		return
	}
	for n := range spins {
		if c.Load().Locked() {
			return
		}
		pause(n)
	}
	runtime.Gosched()
}

// pause burns a time that doubles with n up to a limit. Go offers no PAUSE
// instruction outside the runtime; a counting loop keeps the contender off the
// cache line just as well.
//
//go:noinline
func pause(n int) {
	for range 4 << min(n, 8) {
	}
}
