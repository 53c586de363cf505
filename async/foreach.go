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
// it, one after the other. It is a consumer that needs no goroutine while no message is
// available: polled by a task (task.SpawnFuture), it costs only memory.
//
// It owns rx and drops it when it completes. It returns nil when the channel is closed and
// everything was received, or the cause if the channel was closed with one; the first
// error of fn; and [ErrDropped] if rx was dropped. A panic of fn completes it too, and
// is a panic of the poll. Dropping it loses no message: messages that it has not
// received stay in the channel, for other receivers if there are any.
//
// fn runs in the poll, under its context, and occupies the worker that polls, so it should
// be short and not block; a consumer that awaits belongs in a function task, with a loop
// over [Receiver.All]. After 128 messages in a row the consumer wakes itself and yields
// to other tasks.
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
	if err := f.phase.Over(); err != nil {
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

// outcome returns the result of ForEach or Pipe once receives from r fail.
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
		return // fn has dropped this future
	}
	f.phase, f.fn, f.rx = p, nil, nil
	defer rx.Drop() // also if a waker panics
	if rx.c != nil {
		rx.c.EndRecv(&f.in)
	}
}
