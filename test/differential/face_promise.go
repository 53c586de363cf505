package differential

import (
	"errors"
	"fmt"

	"github.com/handoff-go/handoff/future"
)

// openPromise makes a promise and its future, which stand for a oneshot channel.
func openPromise(b *books, _ int) (sender, receiver) {
	p, f := future.NewPromise[message]()
	return &promiseSender{p: p}, &promiseReceiver{f: f}
}

type promiseSender struct {
	noSender
	p *future.Promise[message]
}

func (s *promiseSender) drop()      { s.p.Drop() }
func (s *promiseSender) once() bool { return true }

// trySend settles the promise. A value that reached no receiver is still the caller's.
func (s *promiseSender) trySend(m message) string {
	if s.p.Resolve(m) {
		return "ok"
	}
	return fmt.Sprintf("closed(%d)", m.n)
}

func (s *promiseSender) closedBlocking() string {
	<-s.p.Done()
	return "ended"
}

func (s *promiseSender) ask() string {
	select {
	case <-s.p.Done():
		return "closed=true"
	default:
		return "closed=false"
	}
}

type promiseReceiver struct {
	noReceiver
	f    future.Future[message]
	over bool
}

func (r *promiseReceiver) exclusive() bool { return true }
func (r *promiseReceiver) drop()           { r.f.Drop() }

// result renders what the future returned. A promise that was dropped is a closed channel,
// and so is a future that close has dropped.
func (r *promiseReceiver) result(m message, err error) string {
	switch {
	case r.over && (errors.Is(err, future.ErrConsumed) || errors.Is(err, future.ErrDropped)):
		return "consumed"
	case errors.Is(err, future.ErrDropped):
		r.over = true
		return "closed"
	case errors.Is(err, future.ErrTimeout):
		return "empty"
	}
	r.over = true
	return received(m, err)
}

func (r *promiseReceiver) tryRecv() string {
	try := future.Timeout(0, future.Borrow(r.f))
	m, ready, err := try.Poll(future.NewContext(noContext, ignore{}))
	if !ready {
		return "not ready"
	}
	return r.result(m, err)
}

func (r *promiseReceiver) recv() pending {
	return wrap(future.Borrow(r.f), func(m message, err error) out { return out{text: r.result(m, err)} })
}

// close is not offered by a future; its nearest is Drop.
func (r *promiseReceiver) close() string {
	r.f.Drop()
	return "done"
}

func (r *promiseReceiver) ask() string { return fmt.Sprintf("over=%t", r.over) }
