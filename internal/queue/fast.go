package queue

// What decides the speed of a channel, written out to the last step. These methods
// repeat what Cursor and List do in smaller pieces, because the compiler (Go 1.26)
// does not inline a function that is not generic, such as Word.Pos, into a generic
// one that is instantiated in a third package, the user's. As calls, these pieces
// cost more than the work they do. Atomics of package sync/atomic are instructions
// everywhere.

// Push is the whole of a send that meets no obstacle: it takes the tail lock, puts
// v into a slot and publishes it. Otherwise, if one of the flags in stop is set or
// the list or the block is full, it returns with the lock held.
func (l *List[T]) Push(v T, stop Word) (w Word, done bool) {
	word := l.Tail.w.Load()
	w = Word(word)
	if w&lockBit != 0 || !l.Tail.w.CompareAndSwap(word, word|uint64(lockBit)) {
		w, _ = l.Tail.wait(0, 0)
	}
	if w&stop != 0 {
		return w, false
	}
	if pos := uint64(w / Step); pos-l.headSeen >= l.limit {
		if l.headSeen = l.Head.w.Load() / uint64(Step); pos-l.headSeen >= l.limit {
			return w, false
		}
	}
	b := l.tail.block
	if b == nil || l.tail.index >= uint64(len(b.slots)) {
		return w, false
	}
	b.slots[l.tail.index] = v
	l.tail.index++
	if plainStores {
		publish(&l.Tail.w, uint64(w+Step)) // who wants to be woken set a flag under this lock
	} else {
		l.Tail.w.Store(uint64(w + Step))
	}
	return w, true
}

// Popped is the outcome of Pop.
type Popped uint8

const (
	// Barred: somebody is inside already. The lock is not held.
	Barred Popped = iota
	// Held: there was an obstacle, and the lock is held.
	Held
	// Taken: a message was taken, and the lock released.
	Taken
)

// Pop is the whole of a receive that meets no obstacle: it enters the head, which
// must not be entered by anybody else if solo is not 0, and takes a message to v, which
// is zero. Through a pointer, because a large message would be copied once more for each
// call that returns it.
func (l *List[T]) Pop(solo Word, v *T) (w Word, outcome Popped) {
	word := l.Head.w.Load()
	w = Word(word) | solo
	if Word(word)&(lockBit|Watched|solo) != 0 || !l.Head.w.CompareAndSwap(word, uint64(w|lockBit)) {
		var ok bool
		if w, ok = l.Head.wait(solo, solo); !ok {
			return w, Barred
		}
		if w&Watched != 0 {
			return w, Held
		}
	}
	if pos := uint64(w / Step); pos == l.tailSeen {
		if l.tailSeen = l.Tail.w.Load() / uint64(Step); pos == l.tailSeen {
			return w, Held
		}
	}
	b := l.head.block
	if l.head.index >= uint64(len(b.slots)) {
		return w, Held
	}
	slot := &b.slots[l.head.index]
	*v = *slot
	var zero T
	*slot = zero
	l.head.index++
	if plainStores {
		publish(&l.Head.w, uint64((w+Step)&^solo)) // who waits for room said so under this lock
	} else {
		l.Head.w.Store(uint64((w + Step) &^ solo))
	}
	return w, Taken
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

// UnlockHead is Head.Release. Whether somebody waits for the slots that became free may be
// asked afterwards, for he has said so under this lock.
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
