package channel

import "github.com/handoff-go/handoff/internal/queue"

// Batches of more than [queue.List.Run] messages. No lock is held for longer than a short
// batch takes, so a TrySend, a TryRecv or a Len beside one of millions waits microseconds.
//
// A sent batch still stays together: it is copied into blocks before the lock is taken, and
// these are then linked. Rejected: to release and reacquire the lock between parts of a batch,
// with a flag that keeps other sends out. A TrySend would have no correct result then: the
// channel is neither full nor closed.

// sendLong sends what there is room for of a long batch, and returns how many messages these
// were: all of them together, and none if others wait. The caller sends the rest.
func (c *Chan[T]) sendLong(h *Handle[T], v T, rest []T) (n int) {
	size := 1 + len(rest)
	var chain queue.Chain[T]
	if c.capacity == Unlimited {
		if c.Closed() || !h.live() { // before the copy, which may be of millions of messages
			return 0
		}
		chain, n = c.list.Chain(v, rest), size
	}
	t := c.list.Tail.Lock()
	if r := c.recording(); r != nil {
		t = c.identifySend(r, t, h, v)
	}
	var wake wakeups[T]
	switch {
	case t.Has(closed|sending) || !h.live():
		n = 0
	case n != 0:
		t = c.link(t, chain, &wake)
	default:
		t, n = c.sendReserving(t, h, v, rest, &wake)
	}
	c.list.Tail.Unlock(t)
	wake.Wake()
	return n
}

// sendReserving is sendLong for a bounded channel. It releases and reacquires the tail lock,
// which the caller holds with word t.
func (c *Chan[T]) sendReserving(t queue.Word, h *Handle[T], v T, rest []T, wake *wakeups[T]) (_ queue.Word, n int) {
	size := 1 + len(rest)
	if n = c.room(t, size); n <= c.list.Run() {
		return t, 0
	}
	// The slots are reserved, as if by permits, while the chain is made without the lock.
	// Without that, other sends could take them first, each time.
	by := c.sender()
	c.reserve(n)
	c.list.Tail.Unlock(t)
	chain := c.list.Chain(v, rest[:n-1])
	t = c.lockTail(by)
	if n < size && c.offers.Load() == 0 {
		t = c.announce(t) // before the first of them, so that the batch stays together
	}
	if t.Has(closed) || !h.live() {
		// The lock was released during the copy. Slots that were reserved in vain are returned,
		// and the waiters behind them are tried.
		return c.giveBack(t, n, wake), 0
	}
	c.unreserve(n)
	return c.link(t, chain, wake), n
}

// link puts a chain into the list. The caller holds the tail lock with word t.
func (c *Chan[T]) link(t queue.Word, chain queue.Chain[T], wake *wakeups[T]) queue.Word {
	n := chain.Len()
	c.onPut(t, n, nil)
	return c.notify(c.list.PutChain(t, chain), n, wake)
}

// takeLong is take for a long batch. It releases the head lock, which the caller holds with word
// w. Only messages of a block that is taken in part are copied under the lock; whole blocks are
// copied without it. Another receiver may take messages in between, after each 512 blocks.
func (c *Chan[T]) takeLong(w queue.Word, buf []T, by caller) (n int) {
	for len(buf) > 0 {
		some := min(len(buf), c.list.Available(w, len(buf)))
		if some == 0 {
			break
		}
		end, rest, from, to := c.list.Cut(w, buf[:some])
		if c.about != nil {
			c.onTake(w, to, by)
		}
		c.unlockHead(end)
		rest.CopyTo(buf[:from])
		buf = buf[to:]
		n += to
		c.Freed()
		c.list.Head.Yield()
		w = c.list.Head.Lock()
	}
	c.unlockHead(w)
	return n
}
