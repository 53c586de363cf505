package remote

import (
	"context"
	"errors"
)

// Status is the state of a channel.
type Status struct {
	Name      string
	Capacity  int // 0: unbounded
	Senders   int // handles of this process
	Receivers int
	Closed    bool

	Lag     uint64 // messages that wait to be delivered
	Pending int    // delivered and not acknowledged, anywhere
	Waiting int    // sends of this process that are not stored yet

	Redelivered int64 // seen by this process, since it opened the channel
	Undecoded   int64
	Dead        int64 // given up by this process

	Err error // why Lag and Pending are not known
}

// Channels returns the state of every channel that is open on this connection, one for
// each call that opened it. It asks the server about each, until ctx ends.
func (c *Conn) Channels(ctx context.Context) []Status {
	var all []Status
	for _, l := range c.snapshot() {
		all = append(all, l.status(ctx))
	}
	return all
}

func (l *link) status(ctx context.Context) Status {
	l.mu.Lock()
	s := Status{
		Name: l.name, Capacity: l.set.capacity, Senders: l.senders, Receivers: l.takers,
		Closed: l.closed != nil, Redelivered: l.again.Load(), Undecoded: l.undecoded.Load(), Dead: l.dead.Load(),
	}
	l.mu.Unlock()
	s.Waiting, _ = l.out.waiting()
	try, cancel := context.WithTimeout(ctx, attempt)
	defer cancel()
	consumer, err := l.conn.js.Consumer(try, l.stream, consumerName)
	if err != nil {
		s.Err = errors.Join(explain(err), ctx.Err())
		return s
	}
	info := consumer.CachedInfo()
	s.Lag, s.Pending = info.NumPending, info.NumAckPending
	return s
}
