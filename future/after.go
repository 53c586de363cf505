package future

import (
	"math"
	"sync"
	"time"

	"github.com/handoff-go/handoff/internal/bubble"
)

// After returns a future that is ready, with the time of that moment, once d has passed
// since this call; never earlier. If d is 0 or less it is ready at once, and if it
// overflows the clock, never. It has no error.
//
// Its first poll sets an alarm, and Drop removes it. A pending After has no goroutine. Outside
// of synctest bubbles all alarms share one timer and one lock, and setting one takes time
// logarithmic in their number. An After that is abandoned, neither dropped nor polled to
// completion, is kept until its time has come.
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
	if err := a.phase.Over(); err != nil {
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
	if a.phase.Drop() {
		a.alarm.stop()
	}
}

// alarm calls the waker of its latest poll when its time has come.
//
// The owner alone, whose calls do not overlap, uses at, polled and own. The lock of
// the process-wide alarms guards waker and place, for their timer uses them too.
// place is not 0, and waker not nil, exactly while the alarm is in the heap.
//
// Inside a synctest bubble an alarm has a timer of its own instead. A process-wide
// one belongs to no bubble: it would follow the real clock, and its wakeups would
// come from outside. The goroutine of the latest poll decides which of the two is used.
type alarm struct {
	at     int64 // since epoch, see clock; never, if it overflowed
	waker  Waker
	own    *bubbled
	place  int32 // in the heap, from 1
	polled bool  // there may be something to stop
}

const never = math.MaxInt64

// epoch is outside of every bubble, as is all initialization of packages.
var epoch = time.Now()

// clock returns t as a time since epoch. It is monotonic, except that the time of a bubble has
// no monotonic reading and is compared by the wall clock.
func clock(t time.Time) int64 { return int64(t.Sub(epoch)) }

func (a *alarm) set(d time.Duration) {
	now := clock(time.Now())
	a.at = now + int64(d)
	switch {
	case d <= 0:
		a.at = now // the sum might overflow downwards
	case a.at < now:
		a.at = never
	}
}

func (a *alarm) poll(cx *Context) (t time.Time, rung bool) {
	t = time.Now()
	now := clock(t)
	if a.at <= now {
		a.stop()
		return t, true
	}
	if a.at == never {
		return t, false
	}
	if bubble.Of(t) {
		if a.own == nil {
			a.stop() // what a poll outside has left
			a.own = new(bubbled)
		}
		a.own.arm(t, a.at-now, cx.Waker())
	} else {
		if a.own != nil {
			a.stop()
		}
		shared.add(a, now, cx.Waker())
	}
	a.polled = true
	return t, false
}

// stop removes the alarm: it calls no waker from then on.
func (a *alarm) stop() {
	if !a.polled {
		return
	}
	a.polled = false
	if a.own != nil {
		a.own.stop()
		a.own = nil
	} else {
		shared.remove(a)
	}
}

// bubbled is the timer of an alarm inside a bubble.
type bubbled struct {
	mu    sync.Mutex
	timer *time.Timer // nil unless it will ring
	waker Waker
}

func (b *bubbled) arm(now time.Time, left int64, w Waker) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waker = w
	// A clock that is let run to its end must not meet a timer there.
	if b.timer == nil && left < never-now.UnixNano() {
		b.timer = time.AfterFunc(time.Duration(left), b.ring)
	}
}

func (b *bubbled) ring() {
	b.mu.Lock()
	w := b.waker
	b.waker, b.timer = nil, nil
	b.mu.Unlock()
	if w != nil {
		w.Wake()
	}
}

func (b *bubbled) stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	// Stopping it outside of its bubble is fatal to the process. There it expires without a
	// waker instead.
	if b.timer != nil && bubble.Inside() {
		b.timer.Stop()
	}
	b.waker = nil
}
