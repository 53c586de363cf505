package future

import (
	_ "sync" // its methods are inlined only where it is imported; see package sched

	"github.com/handoff-go/handoff/internal/discard"
	"github.com/handoff-go/handoff/internal/sched"
)

// Promise is the other end of a future: whoever holds it settles it, once, from any
// goroutine. It is a channel for one value, as tokio's oneshot and async-channel's
// bounded(1) are used. Made by [NewPromise], it must not be copied; its methods never
// block.
//
// A promise that is given up is dropped, usually by defer, so that nobody waits
// for it in vain; what was settled before stands. One that is forgotten settles nothing.
// A message with a promise in it implements Discarder of the channel's package, so that
// the promise is dropped when the channel discards the message with its last receiver; a
// message that is or embeds a promise does already.
type Promise[T any] struct {
	mu      sched.Mutex
	settled bool
	dropped bool // the future was
	value   T
	err     error
	waker   Waker
	done    chan struct{} // made when asked for
}

// NewPromise returns a promise and its future, in one allocation. The future comes to
// the value of Resolve, the error of Reject, or [ErrDropped].
func NewPromise[T any]() (*Promise[T], Future[T]) {
	both := new(struct {
		Promise[T]
		promised[T]
	})
	both.promise = &both.Promise
	return &both.Promise, &both.promised
}

// Resolve settles the promise with v and reports whether it was this call that did. It
// is false if the promise is settled already, or if the future was dropped: then v is
// still the caller's. True does not say that v was fetched. If the future is dropped
// later, its Drop discards v (see [Future]); if it is abandoned, neither polled to its end
// nor dropped, v is collected with it and not notified.
func (p *Promise[T]) Resolve(v T) bool { return p.settle(v, nil) }

// Reject settles the promise with an error, and otherwise is like Resolve. It panics if
// err is nil.
func (p *Promise[T]) Reject(err error) bool {
	if err == nil {
		panic("future: Reject with no error")
	}
	var zero T
	return p.settle(zero, err)
}

// Drop gives the promise up: if it is not settled, its future fails with [ErrDropped].
// It may be called any number of times. A nil promise is none, so that Discarded of a
// message that should hold one, but does not, need not ask.
func (p *Promise[T]) Drop() {
	if p != nil {
		p.Reject(ErrDropped)
	}
}

// Discarded drops the promise, when a channel discards it as a message or as an embedded
// part of one. A nil promise is none.
func (p *Promise[T]) Discarded() { p.Drop() }

// Done returns a channel that is closed once the promise is settled, or its future
// dropped: there is no point in working on it. All calls return the same one, which the
// first call makes.
func (p *Promise[T]) Done() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done == nil {
		p.done = make(chan struct{})
		if p.settled || p.dropped {
			close(p.done)
		}
	}
	return p.done
}

func (p *Promise[T]) settle(v T, err error) bool {
	p.mu.Lock()
	if p.settled || p.dropped {
		p.mu.Unlock()
		return false
	}
	p.settled, p.value, p.err = true, v, err
	w := p.end()
	p.mu.Unlock()
	if w != nil {
		w.Wake()
	}
	return true
}

// end closes Done and returns whom to wake. Under the lock.
func (p *Promise[T]) end() Waker {
	if p.done != nil {
		close(p.done)
	}
	w := p.waker
	p.waker = nil
	return w
}

// promised is the future of a promise.
type promised[T any] struct {
	phase   phase
	promise *Promise[T]
}

func (f *promised[T]) Poll(cx *Context) (v T, ready bool, err error) {
	if err := f.phase.over(); err != nil {
		return v, true, err
	}
	p := f.promise
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.settled {
		p.waker = cx.Waker()
		return v, false, nil
	}
	f.phase = consumed
	var zero T
	v, err = p.value, p.err
	p.value, p.err = zero, nil
	return v, true, err
}

func (f *promised[T]) Drop() {
	if !f.phase.drop() {
		return
	}
	p := f.promise
	p.mu.Lock()
	if !p.settled {
		p.end()
	}
	unfetched, v := p.settled && p.err == nil, p.value
	var zero T
	p.dropped, p.value, p.err = true, zero, nil
	p.mu.Unlock()
	if unfetched {
		discard.Value(v) // user code, so without the lock
	}
}
