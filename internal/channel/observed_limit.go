package channel

import "github.com/handoff-go/handoff/internal/queue"

// The limit of an observed channel. The list's own is lowered, so the functions here, and not
// those of the list, know how much room there is.

// limitPush sets the length up to which Push is not recorded. A long list may grow by a
// sixteenth unrecorded: otherwise each message of one that only grows would be recorded.
func (c *Chan[T]) limitPush(r *recording) {
	if r.events {
		c.list.SetPushLimit(0)
	} else {
		c.list.SetPushLimit(min(r.mark+r.mark/16, r.hard))
	}
}

// Only Push reads the limit of the list without the lock that the hooks hold, so it is enough to
// lower that. Rejected: a test for an observer in Push, which every send of every channel would
// pay for.

// full reports whether there is no free slot. Like those that follow it needs the tail
// lock, which is held with word t.
func (c *Chan[T]) full(t queue.Word) bool {
	if r := c.recording(); r != nil {
		return c.free(r, t) == 0
	}
	return c.list.Full(t)
}

func (c *Chan[T]) free(r *recording, t queue.Word) uint64 {
	return r.hard - (t.Pos() - c.list.Head.Load().Pos())
}

// room returns for how many messages there is room, at most n.
func (c *Chan[T]) room(t queue.Word, n int) int {
	if r := c.recording(); r != nil {
		return int(min(uint64(n), c.free(r, t)))
	}
	return c.list.Room(t, n)
}

func (c *Chan[T]) reserve(n int) {
	if r := c.recording(); r != nil {
		r.hard -= uint64(n)
		c.limitPush(r)
		return
	}
	c.list.Reserve(n)
}

func (c *Chan[T]) unreserve(n int) {
	if r := c.recording(); r != nil {
		r.hard += uint64(n)
		c.limitPush(r)
		return
	}
	c.list.Release(n)
}

func (c *Chan[T]) reserved() int {
	if r := c.recording(); r != nil {
		return int(c.capacity - r.hard)
	}
	return c.list.Reserved()
}
