package queue

// Long batches. A lock is held only while a few blocks are copied, however long the batch is,
// so non-blocking calls wait microseconds for it.

const (
	// runBlocks is how many blocks are copied under a lock at most.
	runBlocks = 4
	// cutBlocks is how many whole blocks Cut unlinks under the head lock at most.
	cutBlocks = 512
)

// Run returns how many messages may be copied under one lock. A larger batch is long.
func (l *List[T]) Run() int { return runBlocks * int(l.slots) }

// Chain is a long batch that was copied into blocks of its own, without a lock.
type Chain[T any] struct {
	first *block[T]
	last  place[T]
	n     int
}

// Len returns how many messages are in the chain.
func (c *Chain[T]) Len() int { return c.n }

// Chain copies v and then rest, which together are more than a block, into a chain.
func (l *List[T]) Chain(v T, rest []T) Chain[T] {
	c := Chain[T]{n: 1 + len(rest)}
	b := &block[T]{slots: make([]T, l.slots)}
	b.slots[0] = v
	c.first = b
	n := 1 + copy(b.slots[1:], rest)
	for rest = rest[n-1:]; len(rest) > 0; rest = rest[n:] {
		next := &block[T]{slots: make([]T, l.slots)}
		n = copy(next.slots, rest)
		b.next, b = next, next
	}
	c.last = place[T]{b, uint64(n)}
	return c
}

// PutChain is PutMany for a chain, for which there must be room. It copies messages into the
// block at the tail as far as they fit, and links the other blocks.
func (l *List[T]) PutChain(w Word, c Chain[T]) Word {
	if b := l.tail.block; b == nil {
		l.head.block = c.first
	} else {
		first := c.first
		if n := copy(b.slots[l.tail.index:], first.slots); n < len(first.slots) {
			clear(first.slots[:n])
			first.slots = first.slots[n:] // a shorter block, which is not used again
		} else {
			first = first.next
		}
		b.next = first
	}
	l.tail = c.last
	return w + Word(c.n)*Step
}

// Cut takes the len(buf) oldest messages, which must be available, or fewer if they are in more
// than cutBlocks blocks: to messages in all. It copies those of the last block to buf[from:to].
// The from messages before them are in rest, which the caller copies to buf[:from] when it has
// released the lock.
func (l *List[T]) Cut(w Word, buf []T) (_ Word, rest Rest[T], from, to int) {
	rest.at = l.head
	at, left := l.head, len(buf)
	for range cutBlocks {
		n := len(at.block.slots) - int(at.index)
		if n >= left {
			break
		}
		left -= n
		at = place[T]{at.block.next, 0}
	}
	from = len(buf) - left
	to = from + copy(buf[from:], at.block.slots[at.index:])
	clear(at.block.slots[at.index:][:to-from])
	at.index += uint64(to - from)
	l.head, rest.n = at, uint64(from)
	return w + Word(to)*Step, rest, from, to
}

// CopyTo copies the messages of r to the front of buf, and clears r.
func (r *Rest[T]) CopyTo(buf []T) {
	buf = buf[:r.n]
	for at := r.at; len(buf) > 0; at = (place[T]{at.block.next, 0}) {
		buf = buf[copy(buf, at.block.slots[at.index:]):]
	}
	*r = Rest[T]{}
}
