package future

import (
	_ "sync" // its methods are inlined only where it is imported; see package sched

	"github.com/handoff-go/handoff/internal/discard"
	"github.com/handoff-go/handoff/internal/sched"
)

// Promise is the sending half of a future: it is completed once, with a value or an error,
// from any goroutine. It is a channel for one value, as tokio's oneshot. Made by
// [NewPromise], it must not be copied; its methods never block.
//
// Drop every promise, usually with defer, so that its future does not wait forever; Drop does
// nothing if the promise is completed. An abandoned promise that was neither completed nor
// dropped leaves its future pending. A message that contains a promise should implement the
// Discarder of the channel's package and drop it, for the case that the channel discards the
// message with its last receiver; a message that is or embeds a promise implements it
// already.
type Promise[T any] struct {
	mu        sched.Mutex
	completed bool
	dropped   bool // the future was dropped
	value     T
	err       error
	waker     Waker
	done      chan struct{} // made when asked for
}

// NewPromise returns a promise and its future, in one allocation. The future returns the
// value of Resolve, the error of Reject, or [ErrDropped].
func NewPromise[T any]() (*Promise[T], Future[T]) {
	both := new(struct {
		Promise[T]
		promised[T]
	})
	both.promise = &both.Promise
	return &both.Promise, &both.promised
}

// Resolve completes the promise with v and reports whether this call did. It returns false if
// the promise is completed already, or if the future was dropped: then v still belongs to the
// caller. True does not mean that v was received. If the future is dropped later, its Drop
// discards v (see [Future]); if it is abandoned, neither polled to completion nor dropped, v
// is garbage-collected with it and its Discarded is not called.
func (p *Promise[T]) Resolve(v T) bool { return p.complete(v, nil) }

// Reject completes the promise with an error, and otherwise is like Resolve. It panics if
// err is nil.
func (p *Promise[T]) Reject(err error) bool {
	if err == nil {
		panic("future: Reject with no error")
	}
	var zero T
	return p.complete(zero, err)
}

// Drop completes the promise with [ErrDropped], unless it is completed already. It may be called
// any number of times. It does nothing on a nil promise, so that the Discarded of a message
// need not check for one.
func (p *Promise[T]) Drop() {
	if p != nil {
		p.Reject(ErrDropped)
	}
}

// Discarded implements the Discarder of the channels' packages with [Promise.Drop], for a
// promise that is a message or embedded in one. It does nothing on a nil promise.
func (p *Promise[T]) Discarded() { p.Drop() }

// Done returns a channel that is closed once the promise is completed or its future is
// dropped, when no further work on the value is needed. All calls return the same one,
// which the first call makes.
func (p *Promise[T]) Done() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done == nil {
		p.done = make(chan struct{})
		if p.completed || p.dropped {
			close(p.done)
		}
	}
	return p.done
}

func (p *Promise[T]) complete(v T, err error) bool {
	p.mu.Lock()
	if p.completed || p.dropped {
		p.mu.Unlock()
		return false
	}
	p.completed, p.value, p.err = true, v, err
	w := p.end()
	p.mu.Unlock()
	if w != nil {
		w.Wake()
	}
	return true
}

// end closes Done and returns the waker to call, or nil. The caller holds mu.
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
	if err := f.phase.Over(); err != nil {
		return v, true, err
	}
	p := f.promise
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.completed {
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
	if !f.phase.Drop() {
		return
	}
	p := f.promise
	p.mu.Lock()
	if !p.completed {
		p.end()
	}
	unfetched, v := p.completed && p.err == nil, p.value
	var zero T
	p.dropped, p.value, p.err = true, zero, nil
	p.mu.Unlock()
	if unfetched {
		discard.Value(v) // user code, so without the lock
	}
}
