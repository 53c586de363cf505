package linearizability

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/sync/mpsc"
)

// client runs the operations of one part of a program.
type client struct {
	*runner
	id      int
	life    context.Context
	permits []*openPermits
	held    []*heldFuture
}

// openPermits are slots that a client has reserved.
type openPermits struct {
	p    Permits
	left int
}

// heldFuture was polled and is neither complete nor dropped.
type heldFuture struct {
	p    Pending
	o    op
	c    *Call
	buf  []int
	left int // operations until it is finished
}

// causes are what channels are closed with.
var causes = [...]error{nil, errors.New("cause one"), errors.New("cause two")}

func (c *client) run() {
	for _, o := range c.prog.clients[c.id] {
		wait(o.jitter)
		if o.cancels {
			c.cancel(o.room % len(c.prog.clients))
			continue
		}
		c.do(o)
		c.finish(false)
	}
	c.finish(true)
	for _, p := range c.permits {
		c.dropPermits(p)
	}
}

// cancel ends the context that another client waits under. A client that does not wait
// just now may do so in a moment, without which hardly any wait would be cancelled.
func (c *client) cancel(whom int) {
	for range 50 {
		if f := c.cancels[whom].Load(); f != nil {
			(*f)()
			return
		}
		if whom == c.id {
			return
		}
		runtime.Gosched()
	}
}

// wait passes a moment, so that the operations of the clients meet in other ways each time.
func wait(n int) {
	if n%2 == 1 {
		runtime.Gosched()
	}
	for range n * 20 {
		sink.Load()
	}
}

var sink atomic.Int32

// handle returns the index of the handle that an operation uses.
func (c *client) handle(spare, exists bool) int {
	h := 2 * c.id
	if c.prog.shared && c.id == 1 {
		h = 0
	}
	if spare && exists {
		return 2*c.id + 1
	}
	return h
}

func (c *client) call(o op, handle int) *Call {
	call := c.note(c.id)
	call.Kind, call.Form, call.Handle = o.kind, formNames[o.form], handle
	call.Vals, call.Room = o.vals, o.room
	call.From = c.clock.Add(1)
	return call
}

func (c *client) do(o op) {
	switch {
	case o.kind == CloneTx || o.kind == CloneRx:
		c.clone(o)
	case o.kind == PermitSend || o.kind == PermitDrop:
		c.usePermit(o)
	case o.kind.throughRx() || o.kind == Len || o.kind == DropRx:
		c.rxOp(o)
	default:
		c.txOp(o)
	}
}

func (c *client) clone(o op) {
	h := 2*c.id + 1
	if c.prog.shared && c.id < 2 {
		return // it may be dropped at the same time, and then the state of the clone is unknown
	}
	switch {
	case o.kind == CloneTx && c.tx[h] == nil:
		call := c.call(o, h)
		tx := c.tx[2*c.id].Clone()
		c.finished(call)
		c.mu.Lock()
		c.tx[h] = tx
		c.mu.Unlock()
	case o.kind == CloneRx && c.rx[h] == nil:
		call := c.call(o, h)
		rx := c.rx[2*c.id].Clone()
		c.finished(call)
		c.mu.Lock()
		c.rx[h] = rx
		c.mu.Unlock()
	}
}

func (c *client) finished(clone *Call) {
	clone.To = c.clock.Add(1)
	clone.Origin = 2 * c.id
}

// limit returns the context that an operation is given, and what ends its use.
func (c *client) limit(o op) (context.Context, func()) {
	switch {
	case o.form == bare && len(c.permits) > 0 && o.kind.throughRx():
		return c.life, func() {} // it might wait for its own permits
	case o.form == bare:
		return nil, func() {}
	case o.form == cancel:
		ctx, stop := context.WithCancel(c.life)
		c.cancels[c.id].Store(&stop)
		return ctx, func() { c.cancels[c.id].Store(nil); stop() }
	case o.form == ended:
		ctx, stop := context.WithCancel(c.life)
		stop()
		return ctx, func() {}
	}
	return c.life, func() {}
}

// returned notes the end of a call, and what kind of error it is.
func (c *client) returned(call *Call, o op, ctx context.Context, err error) {
	call.To = c.clock.Add(1)
	call.Out = outcome(err)
	switch call.Out {
	case Strange:
		call.Text = err.Error()
	case Closed:
		for i, cause := range causes {
			if cause != nil && errors.Is(err, cause) {
				call.Cause = uint8(i)
			}
		}
	case GaveUp:
		if o.form == bare && ctx == nil || ctx != nil && ctx.Err() == nil {
			call.Out, call.Text = Strange, "gave up for no reason"
		}
	}
	if failed, ok := errors.AsType[*mpsc.SendError[int]](err); ok && failed.Value != int(o.vals[0]) {
		call.Out, call.Text = Strange, "another value came back"
	}
}

func outcome(err error) Outcome {
	if err == nil {
		return OK
	}
	for _, o := range [...]struct {
		err error
		is  Outcome
	}{
		{mpsc.ErrFull, Full},
		{mpsc.ErrEmpty, Empty},
		{async.ErrClosed, Closed},
		{mpsc.ErrDropped, Dropped},
		{context.Canceled, GaveUp},
		{mpsc.ErrTimeout, GaveUp},
	} {
		if errors.Is(err, o.err) {
			return o.is
		}
	}
	return Strange
}

func ints(vs []uint8) []int {
	out := make([]int, len(vs))
	for i, v := range vs {
		out[i] = int(v)
	}
	return out
}

func small(vs []int) []uint8 {
	out := make([]uint8, len(vs))
	for i, v := range vs {
		out[i] = uint8(v)
	}
	return out
}
