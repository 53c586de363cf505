package queue

// What decides the speed of a channel, written out to the last step. These methods
// repeat what Cursor and List do in smaller pieces, because the compiler (Go 1.26)
// does not inline a function that is not generic, such as Word.Pos, into a generic
// one that is instantiated in a third package, the user's. As calls, these pieces
// cost more than the work they do. Atomics of package sync/atomic are instructions
// everywhere.

// Push is the whole of a send that meets no obstacle: it takes the tail lock, puts v into a
// slot and publishes it. It returns false, with the lock released, if one of the flags in stop
// is set or the list or the block is full. A flag that is set already is seen without the
// lock, so that the slow path, which takes the lock itself, does not take it twice.
func (l *List[T]) Push(v T, stop Word) bool {
	word := l.Tail.w.Load()
	w := Word(word)
	if w&stop != 0 {
		return false
	}
	if w&lockBit != 0 || !l.Tail.w.CompareAndSwap(word, word|uint64(lockBit)) {
		if w, _ = l.Tail.wait(0, 0); w&stop != 0 {
			l.UnlockTail(w)
			return false
		}
	}
	if pos := uint64(w / Step); pos-l.headSeen >= l.limit {
		if l.headSeen = l.Head.w.Load() / uint64(Step); pos-l.headSeen >= l.limit {
			l.UnlockTail(w)
			return false
		}
	}
	b := l.tail.block
	if b == nil || l.tail.index >= uint64(len(b.slots)) {
		l.UnlockTail(w)
		return false
	}
	b.slots[l.tail.index] = v
	l.tail.index++
	if plainStores {
		publish(&l.Tail.w, uint64(w+Step)) // a receiver that waits has set a flag under this lock
	} else {
		l.Tail.w.Store(uint64(w + Step))
	}
	return true
}

// Pop is the whole of a receive that meets no obstacle: it takes the head lock and moves a
// message to v, which must be zero. It returns false, with the lock released, if the list or
// the block is empty, if the list is [SkipPop], or if the flag solo is set: another receive of
// a single consumer is inside. While Pop has the lock it sets that flag. v is a pointer,
// because a large message would be copied once more for each call that returns it.
func (l *List[T]) Pop(solo Word, v *T) bool {
	word := l.Head.w.Load()
	w := Word(word)
	if w&(SkipPop|solo) != 0 {
		return false
	}
	if w&lockBit != 0 || !l.Head.w.CompareAndSwap(word, uint64(w|solo|lockBit)) {
		var ok bool
		if w, ok = l.Head.wait(solo, solo); !ok {
			return false
		}
		w &^= solo
	}
	if pos := uint64(w / Step); pos == l.tailSeen {
		if l.tailSeen = l.Tail.w.Load() / uint64(Step); pos == l.tailSeen {
			l.UnlockHead(w)
			return false
		}
	}
	b := l.head.block
	if l.head.index >= uint64(len(b.slots)) {
		l.UnlockHead(w)
		return false
	}
	slot := &b.slots[l.head.index]
	*v = *slot
	var zero T
	*slot = zero
	l.head.index++
	if plainStores {
		publish(&l.Head.w, uint64(w+Step)) // a sender that waits has announced that under this lock
	} else {
		l.Head.w.Store(uint64(w + Step))
	}
	return true
}

// UnlockTail, UnlockHead and Drained are methods of the cursors, generic for the sake of
// inlining.

// UnlockTail is Tail.Release.
func (l *List[T]) UnlockTail(w Word) {
	if plainStores {
		publish(&l.Tail.w, uint64(w))
	} else {
		l.Tail.w.Store(uint64(w))
	}
}

// UnlockHead is Head.Release. The caller may check afterwards whether senders wait for the slots
// that became free, because a sender announces that under this lock.
func (l *List[T]) UnlockHead(w Word) {
	if plainStores {
		publish(&l.Head.w, uint64(w))
	} else {
		l.Head.w.Store(uint64(w))
	}
}

// Drained reports whether the head has reached the position of the tail word t. It
// does not need the head lock, and a drained list stays so while the tail is locked.
func (l *List[T]) Drained(t Word) bool { return Word(l.Head.w.Load())/Step == t/Step }
