//go:build handoff_sched

package queue

import "fmt"

// Inspect checks the invariants of a list whose locks are free. isZero reports
// whether a slot is empty; no message may be.
func (l *List[T]) Inspect(isZero func(T) bool) error {
	head, tail := l.Head.Load().Pos(), l.Tail.Load().Pos()
	if tail < head || tail-head > l.capacity {
		return fmt.Errorf("the head is at %d, the tail at %d, the capacity is %d", head, tail, l.capacity)
	}
	if reserved := l.capacity - l.limit; tail-head+reserved > l.capacity {
		return fmt.Errorf("%d messages and %d reserved slots, the capacity is %d", tail-head, reserved, l.capacity)
	}
	pos, from := head, l.head.index
	for b := l.head.block; b != nil; b, from = b.next, 0 {
		for i, v := range b.slots {
			full := uint64(i) >= from && pos < tail
			if full {
				pos++
			}
			if full == isZero(v) {
				return fmt.Errorf("slot %d: holds a message: %t, should: %t", i, !full, full)
			}
		}
	}
	if pos != tail {
		return fmt.Errorf("the blocks end at %d, the tail is at %d", pos, tail)
	}
	if b := l.spare.Load(); b != nil {
		if b.next != nil {
			return fmt.Errorf("the spare block has a successor")
		}
		for i, v := range b.slots {
			if !isZero(v) {
				return fmt.Errorf("slot %d of the spare block holds a message", i)
			}
		}
	}
	return nil
}
