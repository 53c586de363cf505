package linearizability

import (
	"context"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
)

// deaf is a waker for futures that are polled again at any time.
type deaf struct{}

func (deaf) Wake() {}

func deafContext() *future.Context { return future.NewContext(context.Background(), deaf{}) }

type pendingSend struct{ f *async.SendFuture[int] }

func (p *pendingSend) Poll() (bool, Result) {
	_, ready, err := p.f.Poll(deafContext())
	return ready, Result{N: 1, Err: err}
}

func (p *pendingSend) Drop() Result {
	p.f.Drop()
	if _, unsent := p.f.Unsent(); unsent {
		return Result{Err: context.Canceled}
	}
	return Result{N: 1}
}

type pendingSendMany struct{ f *async.SendManyFuture[int] }

func (p *pendingSendMany) Poll() (bool, Result) {
	n, ready, err := p.f.Poll(deafContext())
	return ready, Result{N: n, Err: err}
}

func (p *pendingSendMany) Drop() Result {
	p.f.Drop()
	return Result{N: p.f.Sent(), Err: context.Canceled}
}

type pendingReserve struct{ f *async.ReserveManyFuture[int] }

func (p *pendingReserve) Poll() (bool, Result) {
	ps, ready, err := p.f.Poll(deafContext())
	return ready, Result{Permits: ps, Err: err}
}

func (p *pendingReserve) Drop() Result {
	p.f.Drop()
	return Result{Err: context.Canceled}
}

type pendingRecv struct{ f *async.RecvFuture[int] }

func (p *pendingRecv) Poll() (bool, Result) {
	v, ready, err := p.f.Poll(deafContext())
	return ready, Result{N: 1, V: v, Err: err}
}

func (p *pendingRecv) Drop() Result {
	p.f.Drop()
	return Result{Err: context.Canceled}
}

type pendingRecvMany struct{ f *async.RecvManyFuture[int] }

func (p *pendingRecvMany) Poll() (bool, Result) {
	n, ready, err := p.f.Poll(deafContext())
	return ready, Result{N: n, Err: err}
}

func (p *pendingRecvMany) Drop() Result {
	p.f.Drop()
	return Result{Err: context.Canceled}
}
