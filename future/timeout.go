package future

import "time"

// Timeout returns a future of f's result or, once d has passed since this call, of
// [ErrTimeout]; it drops f then. Each poll polls f first, so a result that is ready wins over
// an expired timeout, and with a d of 0 or less f is polled once; a d that overflows the
// clock never expires. It costs a timer, as [After] does. To bound a wait by a context
// instead, pass that to [Await].
func Timeout[T any](d time.Duration, f Future[T]) Future[T] {
	need(f != nil, "Timeout of no future")
	t := &timeout[T]{f: f}
	t.alarm.set(d)
	return t
}

type timeout[T any] struct {
	phase phase
	gate  gate
	f     Future[T]
	alarm alarm
}

func (t *timeout[T]) Poll(cx *Context) (v T, ready bool, err error) {
	if err := t.phase.Over(); err != nil {
		return v, true, err
	}
	cx = t.gate.enter(cx)
	if v, ready, err = t.f.Poll(cx); ready {
		t.phase, t.f = consumed, nil
		t.gate.close()
		t.alarm.stop()
		return v, true, err
	}
	if _, rung := t.alarm.poll(cx); rung {
		f := t.f
		t.phase, t.f = consumed, nil
		t.gate.close()
		f.Drop()
		return v, true, ErrTimeout
	}
	return v, false, nil
}

func (t *timeout[T]) Drop() {
	if t.phase.Drop() {
		f := t.f
		t.f = nil // also if its Drop panics
		t.gate.close()
		t.alarm.stop()
		f.Drop()
	}
}
