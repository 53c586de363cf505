package async

import (
	"context"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/channel"
)

// burst bounds how many messages a consumer handles in one poll before it lets other
// tasks run, however many are ready. It is tokio's budget.
const burst = 128

// ForEach returns a future that receives every message of a channel and calls fn for
// it, one after the other. It is a consumer that needs no goroutine while there is
// nothing to do: polled by a task (task.SpawnFuture), it is memory and nothing else
// until a message comes.
//
// It owns rx and drops it at its end. It ends with nil when the channel has ended and
// everything was received, with the cause if the channel was closed with one, with the
// first error of fn, and with [ErrDropped] if rx was dropped. A panic of fn ends it
// too, and is a panic of the poll. Dropping it loses no message: what it has not
// received stays in the channel, for other receivers if there are any.
//
// fn runs in the poll, under its context, and holds a worker meanwhile, so it should be
// short and not wait for anything; a consumer that awaits belongs into a function task,
// with a loop over [Receiver.All]. After 128 messages in a row the consumer wakes
// itself and lets others run.
func ForEach[T any](rx *Receiver[T], fn func(context.Context, T) error) future.Future[struct{}] {
	need(rx != nil, "ForEach of no receiver")
	need(fn != nil, "ForEach with a nil function")
	f := &forEach[T]{rx: rx, fn: fn}
	f.in.Init()
	return f
}

type forEach[T any] struct {
	rx    *Receiver[T]
	fn    func(context.Context, T) error
	in    channel.Polled[T]
	phase phase
}

func (f *forEach[T]) Poll(cx *future.Context) (none struct{}, ready bool, err error) {
	if err := f.phase.over(); err != nil {
		return none, true, err
	}
	returned := false
	defer func() {
		if ready || !returned { // or fn has panicked
			f.end(consumed)
		}
	}()
	ready, err = f.run(cx)
	returned = true
	return none, ready, err
}

func (f *forEach[T]) run(cx *future.Context) (ready bool, err error) {
	rx := f.rx
	if !rx.live() {
		return true, ErrDropped
	}
	for range burst {
		v, ready, err := rx.c.PollRecv(&rx.h, &f.in, cx.Waker())
		if !ready {
			return false, nil
		}
		if err != nil {
			return true, rx.outcome()
		}
		if err = f.fn(cx, v); err != nil {
			return true, err
		}
	}
	cx.Waker().Wake()
	return false, nil
}

// outcome is what a consumer of everything returns at the end of its channel.
func (r *Receiver[T]) outcome() error {
	if !r.live() {
		return ErrDropped
	}
	return r.c.Reason()
}

func (f *forEach[T]) Drop() {
	if f.phase == pending {
		f.end(dropped)
	}
}

func (f *forEach[T]) end(p phase) {
	rx := f.rx
	if rx == nil {
		return // fn has dropped its own consumer
	}
	f.phase, f.fn, f.rx = p, nil, nil
	defer rx.Drop() // also if a waker panics
	if rx.c != nil {
		rx.c.EndRecv(&f.in)
	}
}
