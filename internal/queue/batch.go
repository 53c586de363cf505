package queue

// Long batches. A lock is held for as long as it takes to move a few blocks, however long the
// batch is: calls that do not wait find it free again after microseconds.

const (
	// runBlocks is how many blocks are copied under a lock at most.
	runBlocks = 4
	// cutBlocks is how many blocks are passed over under the head lock at most.
	cutBlocks = 512
)

// Run returns how many messages may be copied under one lock. A batch of more is long.
func (l *List[T]) Run() int { return runBlocks * int(l.slots) }

// Chain is a long batch in blocks of its own, which are made without a lock.
type Chain[T any] struct {
	first *block[T]
	last  place[T]
	n     int
}

// Len returns how many messages are in the chain.
func (c *Chain[T]) Len() int { return c.n }

// Chain makes a chain of v and then rest, which are more than a block.
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

// PutChain is PutMany of a chain, for which the caller found room. What does not fit into the
// block at the tail is linked and not copied.
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

// Cut takes the len(buf) oldest messages, which are available, or a part of them if they are
// in too many blocks. Some stand in buf[from:to] then. The others were before them, and are in
// rest, for the caller to copy when it has released the lock.
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

// CopyTo copies them to the front of buf.
func (r *Rest[T]) CopyTo(buf []T) {
	buf = buf[:r.n]
	for at := r.at; len(buf) > 0; at = (place[T]{at.block.next, 0}) {
		buf = buf[copy(buf, at.block.slots[at.index:]):]
	}
	*r = Rest[T]{}
}
