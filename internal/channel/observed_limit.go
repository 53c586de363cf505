package channel

import "github.com/handoff-go/handoff/internal/queue"

// The limit of an observed channel. The list's own is lowered, so whoever wants to know
// how much room there is asks here.

// limitPush makes the list's limit what Push may do without being told of. A long list may
// grow by a sixteenth unseen: one that only grows would else be told of with each message.
func (c *Chan[T]) limitPush(r *recording) {
	if r.events {
		c.list.SetPushLimit(0)
	} else {
		c.list.SetPushLimit(min(r.mark+r.mark/16, r.hard))
	}
}

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
