package designs

import "sync/atomic"

const blockLen = 128

// blocks is a linked list of blocks whose slots are claimed without a lock: with
// fetch-and-add as in tokio's list, or with compare-and-swap as in the list of
// std and crossbeam. Each slot has a flag that its message is written.
//
// A block may be used again once no goroutine can hold it, which is tokio's rule: last
// moves past a block only when all its slots are written, so a producer that has
// claimed a slot finds last at or before it; and when last moves on, the block
// remembers the tail of that moment. Once the head has come that far, every
// producer that could have seen the block has finished.
type blocks struct {
	fetchAdd bool
	reuse    bool

	_    [64]byte
	tail atomic.Uint64 // the next slot to claim
	last atomic.Pointer[block]
	_    [64]byte

	busy    atomic.Uint32 // guards the consumer's half, as any real channel must
	head    uint64        // the next slot to take
	first   *block
	retired *block // emptied, but perhaps still held by a slow producer
	spare   atomic.Pointer[block]
}

type block struct {
	start atomic.Uint64 // the number of its first slot
	next  atomic.Pointer[block]
	left  atomic.Int32  // slots still to be written
	until atomic.Uint64 // the tail when last moved on; 0 before
	slots [blockLen]struct {
		v       uint64
		written atomic.Uint32
	}
}

func newBlocks(fetchAdd, reuse bool) *blocks {
	q := &blocks{fetchAdd: fetchAdd, reuse: reuse, first: new(block)}
	q.first.left.Store(blockLen)
	q.last.Store(q.first)
	return q
}

func (q *blocks) put(v uint64) {
	var at uint64
	if q.fetchAdd {
		at = q.tail.Add(1) - 1
	} else {
		for at = q.tail.Load(); !q.tail.CompareAndSwap(at, at+1); at = q.tail.Load() {
		}
	}
	b := q.last.Load()
	for b.start.Load()+blockLen <= at {
		next := q.following(b)
		q.moveOn(b, next)
		b = next
	}
	slot := &b.slots[at%blockLen]
	slot.v = v
	slot.written.Store(1)
	b.left.Add(-1)
}

// following returns the block behind b and makes it if there is none.
func (q *blocks) following(b *block) *block {
	if next := b.next.Load(); next != nil {
		return next
	}
	fresh := q.spare.Swap(nil)
	if fresh == nil {
		fresh = new(block)
	}
	fresh.start.Store(b.start.Load() + blockLen)
	fresh.left.Store(blockLen)
	fresh.until.Store(0)
	fresh.next.Store(nil)
	if b.next.CompareAndSwap(nil, fresh) {
		return fresh
	}
	return b.next.Load()
}

// moveOn moves last from b to next, if b is complete.
func (q *blocks) moveOn(b, next *block) {
	if b.left.Load() == 0 && q.last.CompareAndSwap(b, next) {
		b.until.Store(q.tail.Load())
	}
}

func (q *blocks) take() (v uint64, ok bool) {
	if !q.busy.CompareAndSwap(0, 1) {
		panic("two consumers")
	}
	v, ok = q.takeLocked()
	q.busy.Store(0)
	return v, ok
}

func (q *blocks) takeLocked() (v uint64, ok bool) {
	b := q.first
	if q.head == b.start.Load()+blockLen {
		next := b.next.Load()
		if next == nil {
			return 0, false
		}
		q.first = next
		q.retire(b)
		b = next
	}
	slot := &b.slots[q.head%blockLen]
	if slot.written.Load() == 0 {
		return 0, false
	}
	v, slot.v = slot.v, 0
	if q.reuse {
		slot.written.Store(0)
	}
	q.head++
	return v, true
}

// retire keeps one emptied block until it can be used again.
func (q *blocks) retire(b *block) {
	if !q.reuse {
		return
	}
	if r := q.retired; r != nil {
		if until := r.until.Load(); until == 0 || q.head < until {
			return // still held, perhaps: this one is left to the collector
		}
		q.spare.CompareAndSwap(nil, r)
	}
	q.retired = b
}
