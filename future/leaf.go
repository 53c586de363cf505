package future

import "github.com/handoff-go/handoff/internal/discard"

// Ready returns a future that is ready with v at its first poll. If it is dropped before,
// v is discarded; see [Future].
func Ready[T any](v T) Future[T] { return &immediate[T]{value: v} }

// Fail returns a future that is ready with err at its first poll. It panics if err is
// nil.
func Fail[T any](err error) Future[T] {
	if err == nil {
		panic("future: Fail with no error")
	}
	return &immediate[T]{err: err}
}

type immediate[T any] struct {
	phase phase
	value T
	err   error
}

func (s *immediate[T]) Poll(*Context) (v T, ready bool, err error) {
	if err := s.phase.Over(); err != nil {
		return v, true, err
	}
	s.phase = consumed
	v, err = s.value, s.err
	s.forget()
	return v, true, err
}

func (s *immediate[T]) Drop() {
	if s.phase.Drop() {
		v, err := s.value, s.err
		s.forget()
		if err == nil {
			discard.Value(v)
		}
	}
}

func (s *immediate[T]) forget() {
	var zero T
	s.value, s.err = zero, nil
}

// Pending returns a future that is never ready: a wait for it ends only when it is dropped or
// when the context of the Await ends.
func Pending[T any]() Future[T] {
	return PollFunc(func(*Context) (v T, ready bool, err error) { return v, false, nil })
}

// PollFunc makes a future of a function, to which the rules of [Future] for Poll apply: it
// does not block, and arranges a call of cx's waker before it returns ready = false. It is
// not called again after it has returned ready = true, nor after Drop. It is not notified
// of Drop: implement [Future] if dropping must deregister a waiter.
func PollFunc[T any](poll func(cx *Context) (v T, ready bool, err error)) Future[T] {
	need(poll != nil, "PollFunc with a nil function")
	return &pollFunc[T]{poll: poll}
}

type pollFunc[T any] struct {
	phase phase
	poll  func(cx *Context) (T, bool, error)
}

func (f *pollFunc[T]) Poll(cx *Context) (v T, ready bool, err error) {
	if err := f.phase.Over(); err != nil {
		return v, true, err
	}
	v, ready, err = f.poll(cx)
	if ready {
		f.phase, f.poll = consumed, nil
	}
	return v, ready, err
}

func (f *pollFunc[T]) Drop() {
	if f.phase.Drop() {
		f.poll = nil
	}
}
