package future

import "context"

// Map returns a future of fn(v), for the value v of f. If f fails, its error is the result and
// fn is not called. fn runs inside a poll and must not block.
func Map[A, B any](f Future[A], fn func(A) B) Future[B] {
	need(f != nil, "Map of no future")
	need(fn != nil, "Map with a nil function")
	return &mapped[A, B]{f: f, fn: fn}
}

type mapped[A, B any] struct {
	phase phase
	f     Future[A]
	fn    func(A) B
}

func (m *mapped[A, B]) Poll(cx *Context) (v B, ready bool, err error) {
	if err := m.phase.Over(); err != nil {
		return v, true, err
	}
	a, ready, err := m.f.Poll(cx)
	if !ready {
		return v, false, nil
	}
	fn := m.fn
	m.phase, m.f, m.fn = consumed, nil, nil
	if err != nil {
		return v, true, err
	}
	return fn(a), true, nil
}

func (m *mapped[A, B]) Drop() {
	if m.phase.Drop() {
		f := m.f
		m.f, m.fn = nil, nil // also if its Drop panics
		f.Drop()
	}
}

// Then returns a future that waits for f and then for the future that fn returns for its
// value. If f fails, its error is the result and fn is not called. fn runs inside a poll
// and must not block; its ctx is the [Context] of that poll. The poll panics if fn
// returns nil.
//
// A loop is a function that returns a Then whose fn calls the function again. The cost of a
// poll, of a Drop and the memory of such a future do not grow with the number of rounds. A
// Then whose first future is a Then is nested: a poll costs a call for each level.
func Then[A, B any](f Future[A], fn func(ctx context.Context, a A) Future[B]) Future[B] {
	need(f != nil, "Then of no future")
	need(fn != nil, "Then with a nil function")
	return &then[A, B]{first: f, fn: fn}
}

type then[A, B any] struct {
	phase  phase
	first  Future[A]
	fn     func(context.Context, A) Future[B]
	second Future[B]
}

// stage is a then[A, B] of any A.
type stage[B any] interface {
	Future[B]
	// advance polls the first future. If that has completed, or had before, it returns the
	// second future as next: then the stage is consumed, and the caller polls next in its
	// place. Otherwise next is nil and the other results are those of a poll.
	advance(cx *Context) (next Future[B], v B, ready bool, err error)
}

func (t *then[A, B]) Poll(cx *Context) (v B, ready bool, err error) {
	if err := t.phase.Over(); err != nil {
		return v, true, err
	}
	if t.second == nil {
		a, ready, err := t.first.Poll(cx)
		if !ready {
			return v, false, nil
		}
		fn := t.fn
		t.phase, t.first, t.fn = consumed, nil, nil // also if fn panics
		if err != nil {
			return v, true, err
		}
		t.second = call(fn, cx, a)
		t.phase = pending
	}
	// If the second future is itself a stage, replace it by its second future, and so on.
	// Otherwise each poll would go through all of them, and a loop would nest as deep as it had
	// rounds (TestALoopOfThenCostsTheSameInEachRound).
	for {
		s, ok := t.second.(stage[B])
		if !ok {
			v, ready, err = t.second.Poll(cx)
			break
		}
		var next Future[B]
		if next, v, ready, err = s.advance(cx); next == nil {
			break
		}
		t.second = next
	}
	if ready {
		t.phase, t.second = consumed, nil
	}
	return v, ready, err
}

func (t *then[A, B]) advance(cx *Context) (next Future[B], v B, ready bool, err error) {
	switch {
	case t.phase != pending:
		return nil, v, true, t.phase.Over()
	case t.second != nil: // it was polled before it was handed to the caller
		next = t.second
	default:
		a, ready, err := t.first.Poll(cx)
		if !ready {
			return nil, v, false, nil
		}
		fn := t.fn
		t.phase, t.first, t.fn = consumed, nil, nil
		if err != nil {
			return nil, v, true, err
		}
		return call(fn, cx, a), v, false, nil
	}
	t.phase, t.second = consumed, nil
	return next, v, false, nil
}

// call returns the future that fn makes of a.
func call[A, B any](fn func(context.Context, A) Future[B], cx *Context, a A) Future[B] {
	f := fn(cx, a)
	if f == nil {
		panic("future: the function of Then returned no future")
	}
	return f
}

func (t *then[A, B]) Drop() {
	if !t.phase.Drop() {
		return
	}
	first, second := t.first, t.second
	t.first, t.fn, t.second = nil, nil, nil // also if a Drop panics
	if second != nil {
		second.Drop()
	} else {
		first.Drop()
	}
}
