package channel

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/handoff-go/handoff/internal/probe"
)

// A snapshot of one channel. It is taken under the tail lock, so the counts, the waiters and the
// flags agree with each other. The head lock is not taken: a receive holds it while it copies
// messages, and a snapshot must not wait for that. The position of the head is one load, and every
// number that depends on it is computed from that load.

// state is the record of the channel at this moment. It costs a lock for as long as its waiters and
// handles are copied; it is called for a snapshot, never by an operation.
func (c *Chan[T]) state() probe.Channel {
	r := c.about.rec
	out := probe.Channel{
		ID: r.id, Name: probe.Cut(c.about.name, probe.MaxText), Site: r.site.String(), Message: reflect.TypeFor[T]().String(),
		Face: "async", Capacity: -1, Made: r.made,
	}
	if c.solo != 0 {
		out.Face = "mpsc"
	}
	if n, ok := c.Cap(); ok {
		out.Capacity = n
	}
	t := c.list.Tail.Lock()
	head := c.list.Head.Load().Pos()
	if t.Has(noReceivers) {
		head = t.Pos() // where the last receiver puts it when it has released this lock
	}
	out.Len = int(t.Pos() - head)
	out.HighWater, out.Filled = max(int(r.mark), out.Len), r.filled
	out.Senders, out.Receivers = int(c.nSenders), int(c.nRecvs)
	out.Reserved = c.reserved()
	// Counts of messages follow from the positions, so operations on the fast path count nothing.
	// A message that was handed over or taken from an offer never had a position.
	out.Sent = t.Pos() + r.handed
	out.Received = head + r.handed - r.lost - r.evicted
	out.Discarded, out.Evicted, out.Full = r.lost, r.evicted, r.full
	out.Closed = t.Has(closed)
	// Only waits that are queued at this moment. The record of one that was dequeued may still be
	// there until its goroutine has run.
	in := c.tickets()
	r.fill(&out, in)
	var senders, receivers *user
	if !out.Closed {
		senders, receivers = c.holders(&r.users)
	}
	c.list.Tail.Unlock(t)
	out.SenderHolder, out.ReceiverHolder = r.holderOf(senders), r.holderOf(receivers)
	slices.SortFunc(out.Waiting, func(a, b probe.Waiting) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Actor, b.Actor))
	})
	slices.SortFunc(out.Handles, func(a, b probe.Handle) int {
		return cmp.Or(cmp.Compare(a.Side, b.Side), cmp.Compare(a.User, b.User))
	})
	return out
}

// holderOf describes the actor that has made n and all others of its side.
func (r *recording) holderOf(n *user) *probe.Holder {
	if n == nil {
		return nil
	}
	where := n.site
	if where == nil {
		where = &r.site
	}
	return &probe.Holder{Actor: n.maker, Site: where.String()}
}
