package channel

import "github.com/handoff-go/handoff/internal/queue"

// Batches of more than [queue.List.Run] messages. No lock is held for longer than a short
// batch takes, so a TrySend, a TryRecv or a Len beside one of millions waits microseconds.
//
// A sent batch still stays together: it is copied into blocks before the lock is taken, and
// these are then linked. Rejected: to release and reacquire the lock between parts of a batch,
// with a flag that keeps other sends out. A TrySend would have no correct result then: the
// channel is neither full nor closed.

// sendLong sends as much of a long batch as there is room for. It returns with the tail lock
// held, and how many messages were sent, all of them together: 0 if other senders are queued.
func (c *Chan[T]) sendLong(h *Handle[T], v T, rest []T, wake *wakeups[T]) (t queue.Word, n int) {
	size := 1 + len(rest)
	if c.capacity == Unlimited {
		if c.Closed() || !h.live() {
			return c.list.Tail.Lock(), 0
		}
		chain := c.list.Chain(v, rest)
		t = c.list.Tail.Lock()
		if r := c.recording(); r != nil {
			t = c.identifySend(r, t, h, v)
		}
		if t.Has(closed|sending) || !h.live() {
			return t, 0
		}
		return c.link(t, chain, wake), size
	}
	t = c.list.Tail.Lock()
	if r := c.recording(); r != nil {
		t = c.identifySend(r, t, h, v)
	}
	if t.Has(closed|sending) || !h.live() {
		return t, 0
	}
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

// takeLong is take for a long batch. It returns how many messages it took. Only messages of a
// block that is taken in part are copied under the lock; whole blocks are copied without it.
// Another receiver may take messages in between, after each 512 blocks.
func (c *Chan[T]) takeLong(w queue.Word, buf []T) (n int) {
	by := c.reader()
	for len(buf) > 0 {
		some := min(len(buf), c.list.Available(w, len(buf)))
		if some == 0 {
			break
		}
		end, rest, from, to := c.list.Cut(w, buf[:some])
		if c.about != nil {
			c.onTake(w, to)
		}
		c.list.UnlockHead(end) // inside stays set
		rest.CopyTo(buf[:from])
		buf = buf[to:]
		n += to
		c.Freed()
		c.list.Head.Yield()
		w = c.lockHead(by)
	}
	c.list.UnlockHead(w &^ inside)
	return n
}

// takeOffers moves messages from waiting senders straight to buf, at capacity 0. It releases
// both locks, which the caller holds with words w and t, also between parts of a long batch.
func (c *Chan[T]) takeOffers(w, t queue.Word, buf []T, wake *wakeups[T]) (n int) {
	by := c.reader()
	for {
		some := c.takeSome(t, buf[n:min(len(buf), n+c.list.Run())], wake)
		n += some
		if n == len(buf) || some < c.list.Run() {
			break
		}
		c.list.Head.Unlock(w) // inside stays set
		c.list.Head.Yield()
		c.list.Tail.Yield()
		w = c.lockHead(by)
		t = c.list.Tail.Lock()
	}
	c.list.Head.Unlock(w &^ inside)
	return n
}
