package async

import (
	"context"
	"errors"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/channel"
	"github.com/handoff-go/handoff/internal/once"
)

// Pipe returns a future that receives every message from rx, passes it through fn and
// sends the result to tx: a stage of a pipeline that needs no goroutine while it waits
// on either side.
//
// It waits until there is something to receive, then reserves a slot, and then
// receives. One message wakes exactly one of the Pipes and receives that wait for it; a Pipe
// that finds no slot passes the notification to the next of them. So an idle Pipe holds no
// slot, a Pipe that waits for a slot holds no message, and dropping it loses none.
//
// A received message is lost in these cases. If tx has capacity 0, nothing can be reserved:
// the Pipe receives first and then offers the result, which is lost if the Pipe or one of
// its handles is dropped before a receive takes it. At any capacity a message is lost if fn
// returns an error for it, if the last receiver of tx is dropped while fn runs or, at
// capacity 0, if tx is closed while fn runs. A result of fn that is lost is discarded as a
// channel would do, see [Discarder].
//
// It owns both handles and drops them when it completes. It returns nil when rx is closed
// and everything was passed on, or the cause if rx was closed with one; an error that
// matches [ErrClosed] when tx is closed first; the first error of fn; and [ErrDropped] when
// one of the handles is dropped. It notices each of these while it is idle and while it
// waits for a slot, with one exception: if another receiver takes the last message of a
// closed rx while the Pipe waits for a slot for it, the Pipe completes only when it has the
// slot. As with [ForEach], fn runs in the poll and should be short, and after 128 messages
// in a row the Pipe yields to other tasks.
func Pipe[A, B any](rx *Receiver[A], tx *Sender[B], fn func(context.Context, A) (B, error)) future.Future[struct{}] {
	need(rx != nil, "Pipe from no receiver")
	need(tx != nil, "Pipe to no sender")
	need(fn != nil, "Pipe with a nil function")
	f := &pipe[A, B]{rx: rx, tx: tx, fn: fn}
	f.in.Init()
	f.out.Init()
	f.txClosed.Init()
	f.rxClosed.Init()
	return f
}

type pipe[A, B any] struct {
	rx       *Receiver[A]
	tx       *Sender[B]
	fn       func(context.Context, A) (B, error)
	in       channel.Polled[A] // until there is something to receive
	out      channel.Polled[B] // for a slot, or until the offer is taken
	txClosed channel.Polled[B] // beside in
	rxClosed channel.Polled[A] // beside out
	gate     once.Waker
	stage    pipeStage
	phase    phase
}

type pipeStage uint8

const (
	pipeIdle      pipeStage = iota
	pipeReserving           // there was something to receive; waits for a slot
	pipeHolding             // a slot, not used yet
	pipeOffering            // a message, at capacity 0
)

func (f *pipe[A, B]) Poll(cx *future.Context) (none struct{}, ready bool, err error) {
	if err := f.phase.Over(); err != nil {
		return none, true, err
	}
	returned := false
	defer func() {
		if ready || !returned { // or fn has panicked
			f.end(consumed)
		}
	}()
	f.gate.Set(cx.Waker())
	ready, err = f.run(cx)
	returned = true
	return none, ready, err
}

func (f *pipe[A, B]) run(cx *future.Context) (ready bool, err error) {
	if !f.rx.live() || !f.tx.live() {
		return true, ErrDropped
	}
	for range 2 * burst { // two steps for each message
		var ready bool
		var err error
		switch f.stage {
		case pipeIdle:
			ready, err = f.begin(cx)
		case pipeReserving:
			if ready, err = f.tx.c.PollReserve(&f.tx.h, &f.out, &f.gate, 1); ready && err == nil {
				f.stage = pipeHolding
				ready, err = f.pass(cx)
			} else if !ready {
				// Pass the notification on, to a receiver that can take the message now.
				f.rx.c.EndReady(&f.in)
				if f.rx.c.PollDisconnected(&f.rx.h, &f.rxClosed, &f.gate) {
					return true, f.rx.outcome()
				}
			}
		case pipeOffering:
			if _, ready, err = f.tx.c.PollSend(&f.tx.h, &f.out, &f.gate); ready {
				f.stage = pipeIdle
				if err != nil {
					channel.Discard(f.out.Unsent())
				}
			} else {
				// The received message is still offered when rx is closed, but not once rx
				// was dropped: then PollClosed returns ErrDropped.
				_, err = f.rx.c.PollClosed(&f.rx.h, &f.rxClosed, &f.gate)
			}
		}
		switch {
		case errors.Is(err, errRxEnded):
			return true, f.rx.outcome()
		case err != nil:
			return true, err
		case !ready:
			return false, nil
		}
	}
	f.gate.Wake()
	return false, nil
}

// errRxEnded is what the steps return when rx is closed or dropped; run replaces it.
var errRxEnded = errors.New("end of input")

// begin waits until there is something to receive, or an end.
func (f *pipe[A, B]) begin(cx *future.Context) (ready bool, err error) {
	if ready, err = f.rx.c.PollReady(&f.rx.h, &f.in, &f.gate); err != nil {
		return true, errRxEnded
	}
	if !ready {
		if closed, err := f.tx.c.PollClosed(&f.tx.h, &f.txClosed, &f.gate); closed {
			if err == nil {
				err = f.tx.c.CloseError()
			}
			return true, err
		}
		return false, nil
	}
	if n, bounded := f.tx.c.Cap(); n > 0 || !bounded {
		f.stage = pipeReserving
		return true, nil
	}
	if f.tx.c.Closed() {
		return true, f.tx.c.CloseError() // before it takes what it could not pass on
	}
	v, err := f.receive()
	if errors.Is(err, ErrEmpty) { // another receiver was faster
		return true, nil
	}
	if err != nil {
		return true, err
	}
	b, err := f.fn(cx, v)
	switch {
	case err != nil:
	case f.phase != pending: // fn has dropped its own Pipe
		channel.Discard(b)
		return true, ErrDropped
	default:
		f.out.Carry(b, nil)
		f.stage = pipeOffering
	}
	return true, err
}

// pass receives a message into the slot that is held.
func (f *pipe[A, B]) pass(cx *future.Context) (ready bool, err error) {
	if f.tx.c.ReceiversDropped() {
		return true, f.tx.c.CloseError() // before it takes what it could not pass on
	}
	v, err := f.receive()
	if errors.Is(err, ErrEmpty) { // another receiver was faster
		f.release()
		return true, nil
	}
	if err != nil {
		return true, err
	}
	b, err := f.fn(cx, v)
	switch {
	case err != nil:
		return true, err
	case f.phase != pending:
		channel.Discard(b)
		return true, ErrDropped
	}
	f.stage = pipeIdle
	err = f.tx.c.SendReserved(b)
	if err != nil {
		channel.Discard(b)
	}
	return true, err
}

// receive takes a message. It returns ErrEmpty or errRxEnded if there is none.
func (f *pipe[A, B]) receive() (A, error) {
	var v A
	if f.rx.c.Pop(&v) {
		f.in.Took()
		f.rx.c.Freed()
		return v, nil
	}
	v, err := f.rx.c.TryRecv(&f.rx.h)
	switch {
	case err == nil:
		f.in.Took()
	case !errors.Is(err, ErrEmpty):
		err = errRxEnded
	}
	return v, err
}

// release gives the slot back that is held, if one is.
func (f *pipe[A, B]) release() {
	if f.stage == pipeHolding {
		f.tx.c.Release(1)
	}
	f.stage = pipeIdle
}

func (f *pipe[A, B]) Drop() {
	if f.phase == pending {
		f.end(dropped)
	}
}

func (f *pipe[A, B]) end(p phase) {
	rx, tx, stage := f.rx, f.tx, f.stage
	if rx == nil {
		return // fn has dropped its own Pipe
	}
	f.phase, f.stage, f.fn, f.rx, f.tx = p, pipeIdle, nil, nil, nil
	f.gate.Set(nil)
	// Deferred, because wakers of others and messages may panic.
	if stage == pipeOffering {
		defer f.endOffer(tx)
	}
	defer tx.Drop()
	defer rx.Drop()
	defer f.endOutput(tx, stage)
	if rx.c != nil {
		rx.c.EndClosed(&f.rxClosed)
		rx.c.EndReady(&f.in)
	}
}

func (f *pipe[A, B]) endOutput(tx *Sender[B], stage pipeStage) {
	if tx.c == nil {
		return
	}
	tx.c.EndClosed(&f.txClosed)
	switch stage {
	case pipeReserving:
		tx.c.EndReserve(&f.out)
	case pipeHolding:
		tx.c.Release(1)
	}
}

// endOffer takes the offer back and, if it was not taken, discards the message.
func (f *pipe[A, B]) endOffer(tx *Sender[B]) {
	if _, sent := tx.c.EndSend(&f.out); sent {
		f.out.Clear()
	} else {
		channel.Discard(f.out.Unsent())
	}
}
