package future

import (
	"sync"
	"time"
)

// After returns a future that is ready, with the time of that moment, once d has
// passed since this call; never earlier. If d is 0 or less it is ready at once, and
// if it overflows the clock, never. It starts a timer with its first poll and
// stops it with Drop; while it waits there is no goroutine.
func After(d time.Duration) Future[time.Time] {
	a := new(after)
	a.alarm.set(d)
	return a
}

type after struct {
	phase phase
	alarm alarm
}

func (a *after) Poll(cx *Context) (v time.Time, ready bool, err error) {
	if err := a.phase.over(); err != nil {
		return v, true, err
	}
	now, rung := a.alarm.poll(cx)
	if !rung {
		return v, false, nil
	}
	a.phase = consumed
	return now, true, nil
}

func (a *after) Drop() {
	if a.phase.drop() {
		a.alarm.stop()
	}
}

// alarm wakes whoever polled it last when its time has come.
type alarm struct {
	at time.Time

	mu    sync.Mutex
	timer *time.Timer // nil before the first poll
	armed bool        // it will ring
	waker Waker
}

func (a *alarm) set(d time.Duration) { a.at = time.Now().Add(d) }

func (a *alarm) poll(cx *Context) (now time.Time, rung bool) {
	now = time.Now()
	left := a.at.Sub(now)
	if left <= 0 {
		a.stop()
		return now, true
	}
	a.mu.Lock()
	a.waker = cx.waker
	if !a.armed {
		// Also after a ring, if the clock says that it was early.
		a.armed = true
		if a.timer == nil {
			a.timer = time.AfterFunc(left, a.ring)
		} else {
			a.timer.Reset(left)
		}
	}
	a.mu.Unlock()
	return now, false
}

func (a *alarm) ring() {
	a.mu.Lock()
	w := a.waker
	a.waker, a.armed = nil, false
	a.mu.Unlock()
	if w != nil {
		w.Wake()
	}
}

func (a *alarm) stop() {
	a.mu.Lock()
	if a.timer != nil {
		a.timer.Stop()
	}
	a.waker = nil
	a.mu.Unlock()
}
