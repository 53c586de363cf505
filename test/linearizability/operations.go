package linearizability

import (
	"context"
	"time"
)

// txOp does an operation of a sender handle.
func (c *client) txOp(o op) {
	h := c.handle(o.spare, c.tx[2*c.id+1] != nil)
	tx := c.tx[h]
	if o.form == polled {
		c.pollTx(o, h)
		return
	}
	ctx, done := c.limit(o)
	defer done()
	call := c.call(o, h)
	var err error
	switch o.kind {
	case Send:
		call.N = 1
		if o.form == timed {
			err = tx.SendTimeout(int(o.vals[0]), timeout(o))
			ctx = nil
		} else {
			err = tx.Send(ctx, int(o.vals[0]))
		}
	case TrySend:
		call.N = 1
		err = tx.TrySend(int(o.vals[0]))
	case SendMany:
		call.N, err = tx.SendMany(ctx, ints(o.vals))
	case Reserve:
		var p Permits
		if p, err = tx.(AsyncTx).Reserve(ctx, o.room); err == nil {
			c.permits = append(c.permits, &openPermits{p, o.room})
		}
	case TryReserve:
		var p Permits
		if p, err = tx.(AsyncTx).TryReserve(o.room); err == nil {
			c.permits = append(c.permits, &openPermits{p, o.room})
		}
	case ForceSend:
		old, replaced, e := tx.(AsyncTx).ForceSend(int(o.vals[0]))
		if err = e; replaced {
			call.Got = []uint8{uint8(old)}
		}
	case Close:
		call.First, call.Cause = tx.(AsyncTx).CloseCause(causes[o.cause]), o.cause
	case DropTx:
		tx.Drop()
	}
	c.sent(call, err)
	c.returned(call, o, ctx, err)
}

// sent makes N of a send that failed 0; a batch has counted by itself.
func (c *client) sent(call *Call, err error) {
	if err != nil && call.Kind != SendMany {
		call.N = 0
	}
}

// timeout is none for every other operation.
func timeout(o op) time.Duration { return time.Duration(o.jitter%2) * time.Second }

// rxOp does an operation of a receiver handle.
func (c *client) rxOp(o op) {
	h := 0
	if c.f.Async {
		h = c.handle(o.spare, c.rx[2*c.id+1] != nil)
	}
	rx := c.rx[h]
	if o.form == polled {
		c.pollRx(o, h)
		return
	}
	ctx, done := c.limit(o)
	defer done()
	call := c.call(o, h)
	buf := make([]int, max(1, o.room))
	n := 1
	var err error
	switch {
	case o.kind == Len:
		call.N, n = rx.Len(), 0
	case o.kind == DropRx:
		rx.Drop()
		n = 0
	case o.kind == TryRecv:
		buf[0], err = rx.TryRecv()
	case o.kind == TryRecvMany:
		n, err = rx.TryRecvMany(buf)
	case o.kind == RecvMany:
		n, err = rx.RecvMany(ctx, buf)
	case o.form == timed:
		buf[0], err = rx.RecvTimeout(timeout(o))
		ctx = nil
	case o.form == tasked:
		buf[0], err = rx.(AsyncRx).RecvInTask(ctx)
	default:
		buf[0], err = rx.Recv(ctx)
	}
	if err == nil && n > 0 {
		call.Got = small(buf[:n])
	}
	c.returned(call, o, ctx, err)
}

func (c *client) usePermit(o op) {
	if len(c.permits) == 0 {
		return
	}
	p := c.permits[0]
	if o.kind == PermitDrop {
		c.permits = c.permits[1:]
		c.dropPermits(p)
		return
	}
	if p.left--; p.left == 0 {
		c.permits = c.permits[1:]
	}
	call := c.call(o, 0)
	c.returned(call, o, nil, p.p.Send(int(o.vals[0])))
}

func (c *client) dropPermits(p *openPermits) {
	o := op{kind: PermitDrop, room: p.left}
	call := c.call(o, 0)
	p.p.Drop()
	c.returned(call, o, nil, nil)
}

// pollTx polls an operation of a sender once, and holds it if that is not enough.
func (c *client) pollTx(o op, h int) {
	tx := c.tx[h].(AsyncTx)
	f := &heldFuture{o: o, left: o.hold}
	switch o.kind {
	case Send:
		f.p = tx.PollSend(int(o.vals[0]))
	case SendMany:
		f.p = tx.PollSendMany(ints(o.vals))
	case Reserve:
		f.p = tx.PollReserve(o.room)
	}
	c.pollFirst(f, h)
}

func (c *client) pollRx(o op, h int) {
	rx := c.rx[h].(AsyncRx)
	f := &heldFuture{o: o, left: o.hold, buf: make([]int, max(1, o.room))}
	if o.kind == RecvMany {
		f.p = rx.PollRecvMany(f.buf)
	} else {
		f.p = rx.PollRecv()
	}
	c.pollFirst(f, h)
}

func (c *client) pollFirst(f *heldFuture, h int) {
	f.c = c.call(f.o, h)
	ready, r := f.p.Poll()
	if ready {
		c.complete(f, r)
		return
	}
	f.c.Pinned = c.clock.Add(1)
	f.c.Client = futures + c.id*maxClients + len(c.held)
	c.held = append(c.held, f)
}

// finish polls held futures again and drops those that are not ready, when it is time.
func (c *client) finish(all bool) {
	kept := c.held[:0]
	for _, f := range c.held {
		if f.left--; f.left >= 0 && !all {
			kept = append(kept, f)
			continue
		}
		f.c.Ending = c.clock.Add(1)
		ready, r := false, Result{}
		if f.o.again > 0 {
			ready, r = f.p.Poll()
		}
		if !ready {
			r = f.p.Drop()
		}
		c.complete(f, r)
	}
	c.held = kept
}

// complete records a future.
func (c *client) complete(f *heldFuture, r Result) {
	err := r.Err
	switch call := f.c; call.Kind {
	case Send:
		call.N = r.N
		c.sent(call, err)
	case SendMany:
		if call.N = r.N; r.N == len(call.Vals) {
			err = nil
		}
	case Reserve:
		if err == nil {
			c.permits = append(c.permits, &openPermits{r.Permits, f.o.room})
		}
	case Recv:
		if err == nil {
			call.Got = []uint8{uint8(r.V)}
		}
	case RecvMany:
		if err == nil {
			call.Got = small(f.buf[:r.N])
		}
	}
	c.returned(f.c, f.o, context.Context(nil), err)
}
