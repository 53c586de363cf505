package future

import "context"

// Map returns a future of what fn makes of f's value. An error of f is the result, and
// fn is not called. fn runs inside of a poll and must not block.
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
	if err := m.phase.over(); err != nil {
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
	if m.phase.drop() {
		m.f.Drop()
		m.f, m.fn = nil, nil
	}
}

// Then returns a future that waits for f and then for the future that fn makes of its
// value. An error of f is the result, and fn is not called. fn runs inside of a poll
// and must not block; its ctx is the [Context] of that poll. The poll panics if fn
// returns nil.
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

func (t *then[A, B]) Poll(cx *Context) (v B, ready bool, err error) {
	if err := t.phase.over(); err != nil {
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
		if t.second = fn(cx, a); t.second == nil {
			panic("future: the function of Then returned no future")
		}
		t.phase = pending
	}
	if v, ready, err = t.second.Poll(cx); ready {
		t.phase, t.second = consumed, nil
	}
	return v, ready, err
}

func (t *then[A, B]) Drop() {
	if !t.phase.drop() {
		return
	}
	if t.second != nil {
		t.second.Drop()
	} else {
		t.first.Drop()
	}
	t.first, t.fn, t.second = nil, nil, nil
}
