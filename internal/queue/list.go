package queue

import (
	"unsafe"

	"github.com/handoff-go/handoff/internal/sched"
)

// List is a FIFO queue in linked blocks, with an optional limit on its length.
// Nothing in it blocks: its owner has the wait queues, and uses it through the two cursors:
//
//	w := l.Tail.Lock()                   w := l.Head.Lock()
//	if !l.Full(w) {                      if l.Available(w, 1) > 0 {
//	    w = l.Put(w, v)                      v, w = l.Take(w)
//	}                                    }
//	l.Tail.Unlock(w)                     l.Head.Unlock(w)
//
// Invariants:
//   - Head.Pos <= Tail.Pos, and Tail.Pos - Head.Pos is the length. Positions
//     only grow, and only under their own lock.
//   - The length and what is reserved are together at most the capacity.
//   - Slots in [Head.Pos, Tail.Pos) hold messages and belong to the side that
//     holds the head lock. All other slots are zero: a received message is
//     reachable through the queue no longer.
//   - Senders never touch the head's fields, nor receivers the tail's; they
//     meet in the two positions, in a block's next pointer (written before the
//     position that makes it reachable) and in spare. Locks nest head before
//     tail, never the other way round.
//   - Besides the blocks that hold messages at most the block at the tail and
//     one spare are kept, whatever burst went through.
//
// A list makes no block before its first message: an idle channel costs
// nothing but this struct. Blocks start small and double, so a channel for one
// reply stays small too.
//
// Why a lock at either end and not compare-and-swap slots, one lock or two
// swapped buffers: docs/design/queues.md.
type List[T any] struct {
	// The head: receivers.
	Head     Cursor
	tailSeen uint64 // a position the tail has reached; refreshed when the list looks empty
	head     place[T]
	spare    sched.Pointer[block[T]] // an emptied block on its way back to the tail
	slots    uint32                  // the largest block, in slots
	capacity uint64                  // what the limit is while nothing is reserved; never changes

	// Here a cache line is full: the two ends are used by different cores.

	// The tail: senders. It comes last so that 16 bytes which the owner puts behind the list,
	// and needs under the tail lock, share its cache line.
	Tail     Cursor
	limit    uint64 // of the length: the capacity less what is reserved
	headSeen uint64 // a position the head has reached; refreshed when the list looks full
	tail     place[T]
}

// place is where an end stands: a block and the next slot in it.
type place[T any] struct {
	block *block[T]
	index uint64
}

// block is a run of slots. Slots apart from the header lets a block have any
// length without a copy of this code for each.
type block[T any] struct {
	next  *block[T]
	slots []T
}

const (
	// Unlimited is the limit of a list that is never full. No capacity, which is an int,
	// is as large.
	Unlimited = 1 << 63

	minSlots = 8
	// maxSlots and maxBytes bound a block: more slots save nothing any more
	// (docs/design/queues.md), and a block of large messages would keep memory.
	maxSlots = 128
	maxBytes = 64 << 10
)

// Init makes l an empty list of at most limit messages. slots overrides the
// length of a block, which tests use to cross every boundary; 0 is the default.
func (l *List[T]) Init(limit uint64, slots int) {
	l.limit, l.capacity = limit, limit
	if slots == 0 {
		var v T
		slots = maxSlots
		if size := int(unsafe.Sizeof(v)); size > 0 {
			slots = min(maxSlots, max(1, maxBytes/size))
		}
	}
	l.slots = uint32(slots)
}

// Reserve reserves n slots, for which the caller found room: until Release the list is full n
// messages earlier. The limit itself is lowered, so that a reservation costs the fast path
// nothing. Like Release and Reserved it needs the tail lock.
func (l *List[T]) Reserve(n int) { l.limit -= uint64(n) }

// SetPushLimit makes Push fail at a length of n messages. Afterwards the owner keeps the limit
// itself, and calls none of Reserve, Release, Reserved, Full and Room.
func (l *List[T]) SetPushLimit(n uint64) { l.limit = n }

// Release ends the reservation of n slots.
func (l *List[T]) Release(n int) { l.limit += uint64(n) }

// Reserved returns how many slots are reserved.
func (l *List[T]) Reserved() int { return int(l.capacity - l.limit) }

// Full reports whether Put must not be called. The caller holds the tail lock
// and passes its word.
func (l *List[T]) Full(w Word) bool {
	return w.Pos()-l.headSeen >= l.limit && l.fullSlow(w)
}

func (l *List[T]) fullSlow(w Word) bool {
	l.headSeen = l.Head.Load().Pos()
	return w.Pos()-l.headSeen >= l.limit
}

// Room returns for how many messages there is room, at most n. The caller holds the tail lock.
func (l *List[T]) Room(w Word, n int) int {
	if w.Pos()+uint64(n)-l.headSeen > l.limit {
		l.headSeen = l.Head.Load().Pos()
	}
	return int(min(uint64(n), l.limit-(w.Pos()-l.headSeen)))
}

// Put appends v. The caller holds the tail lock and found room. The message is
// sent when the returned word is published by Unlock.
func (l *List[T]) Put(w Word, v T) Word {
	b := l.tail.block
	if b == nil || l.tail.index == uint64(len(b.slots)) {
		b = l.grow()
	}
	b.slots[l.tail.index] = v
	l.tail.index++
	return w + Step
}

// PutMany appends all of vs, for which the caller found room.
func (l *List[T]) PutMany(w Word, vs []T) Word {
	w += Word(len(vs)) * Step
	for len(vs) > 0 {
		b := l.tail.block
		if b == nil || l.tail.index == uint64(len(b.slots)) {
			b = l.grow()
		}
		n := copy(b.slots[l.tail.index:], vs)
		l.tail.index += uint64(n)
		vs = vs[n:]
	}
	return w
}

// grow puts a block behind the last one, or makes the first.
func (l *List[T]) grow() *block[T] {
	last := l.tail.block
	size := min(minSlots, int(l.slots))
	if last != nil {
		size = min(2*len(last.slots), int(l.slots))
	}
	b := l.spare.Swap(nil)
	if b == nil || len(b.slots) < size {
		b = &block[T]{slots: make([]T, size)}
	}
	if last == nil {
		// The head finds its first block through here: it looks only after it
		// has seen a tail position that this goroutine publishes later.
		l.head.block = b
	} else {
		last.next = b
	}
	l.tail.block, l.tail.index = b, 0
	return b
}

// Available returns how many messages can be taken, at least min(n, Len). The
// caller holds the head lock and passes its word. Less than n means that there
// were no more at some moment during the call.
func (l *List[T]) Available(w Word, n int) int {
	if int(l.tailSeen-w.Pos()) < n {
		l.tailSeen = l.Tail.Load().Pos()
	}
	return int(l.tailSeen - w.Pos())
}

// Take removes the oldest message. The caller holds the head lock and found one
// available.
func (l *List[T]) Take(w Word) (T, Word) {
	b := l.head.block
	if l.head.index == uint64(len(b.slots)) {
		b = l.shrink()
	}
	slot := &b.slots[l.head.index]
	v := *slot
	var zero T
	*slot = zero
	l.head.index++
	return v, w + Step
}

// TakeMany moves the len(buf) oldest messages, which are available, to buf.
func (l *List[T]) TakeMany(w Word, buf []T) Word {
	w += Word(len(buf)) * Step
	for len(buf) > 0 {
		b := l.head.block
		if l.head.index == uint64(len(b.slots)) {
			b = l.shrink()
		}
		full := b.slots[l.head.index:]
		n := copy(buf, full)
		clear(full[:n])
		l.head.index += uint64(n)
		buf = buf[n:]
	}
	return w
}

// Reset takes all messages and blocks out. The caller holds both locks, with the
// words head and tail. However many messages there are, it takes no time: if the
// caller does not want the rest, the blocks go to the garbage collector as they are.
func (l *List[T]) Reset(head, tail Word) (Word, Rest[T]) {
	rest := Rest[T]{l.head, tail.Pos() - head.Pos()}
	l.tail, l.head = place[T]{}, place[T]{}
	l.spare.Store(nil)
	l.headSeen, l.tailSeen = tail.Pos(), tail.Pos()
	return head.at(tail.Pos()), rest
}

// Rest are messages that were taken out of a list together.
type Rest[T any] struct {
	at place[T]
	n  uint64
}

// Empty reports whether none is left.
func (r *Rest[T]) Empty() bool { return r.n == 0 }

// Next takes the oldest of them.
func (r *Rest[T]) Next() (v T, ok bool) {
	if r.n == 0 {
		return v, false
	}
	if r.at.index == uint64(len(r.at.block.slots)) {
		r.at = place[T]{r.at.block.next, 0}
	}
	v = r.at.block.slots[r.at.index]
	r.at.index++
	r.n--
	return v, true
}

// shrink moves the head to the next block, which exists because a message is
// available, and offers the emptied one to the tail.
func (l *List[T]) shrink() *block[T] {
	b := l.head.block
	next := b.next
	b.next = nil
	// Only blocks of the final length are worth keeping, and one of them.
	if len(b.slots) == int(l.slots) && l.spare.Load() == nil {
		l.spare.Store(b)
	}
	l.head.block, l.head.index = next, 0
	return next
}

// Len returns the number of messages. While senders or receivers are busy it is
// a moment's value between 0 and the limit, which counts every message whose
// Unlock came before the call and whose removal did not.
func (l *List[T]) Len() int {
	h := l.Head.Load().Pos()
	for range 4 { // a few tries for an exact answer; busy receivers could defeat any number
		t := l.Tail.Load().Pos()
		again := l.Head.Load().Pos()
		if again == h {
			return int(t - h)
		}
		h = again
	}
	return int(min(l.Tail.Load().Pos()-h, l.capacity))
}
