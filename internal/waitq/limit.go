package waitq

import (
	"context"
	"time"

	"github.com/handoff-go/handoff/internal/park"
)

// Limit is what cancels a wait: a context, a duration, a point in time, or nothing (the
// zero value). It belongs to one call. It reads the clock only when there is a wait to limit,
// so an operation that is ready at once does not pay for it.
//
// A limit by a context also has the task that the calling goroutine runs, if any, which
// releases its slot while it waits (package park). It must be used on that goroutine only.
type Limit struct {
	kind    limitKind
	own     bool // ctx is that of the task itself, so done is not needed
	ctx     context.Context
	done    <-chan struct{} // ctx.Done(), called before acquiring anything that needs cleanup
	host    park.Host       // the task that this goroutine runs, or nil
	on      any             // what the task waits for, for Dump and package observe
	at      time.Time
	d       time.Duration
	timer   *time.Timer
	elapsed error // the error of a wait whose time has elapsed
}

type limitKind uint8

const (
	unlimited limitKind = iota
	byContext
	byDuration
	byTime // becomes byDuration at the first look at the clock
)

// Within returns a limit that cancels a wait of the calling goroutine when ctx ends. A context
// that can never end is no limit, unless the goroutine runs a task of its runtime. The caller
// must call Stop.
func Within(ctx context.Context, on any) Limit {
	host := park.Of(ctx)
	if host == nil {
		done := ctx.Done()
		if done == nil {
			return Limit{}
		}
		return Limit{kind: byContext, ctx: ctx, done: done}
	}
	l := Limit{kind: byContext, ctx: ctx, on: on, own: host.Hears(ctx), host: host}
	if l.own {
		host.Listen()
	} else {
		l.done = ctx.Done()
	}
	return l
}

// For returns a limit that cancels a wait after d with the error elapsed. A duration that
// overflows the clock never elapses; one of 0 or less has elapsed.
func For(d time.Duration, elapsed error) Limit {
	return Limit{kind: byDuration, d: d, elapsed: elapsed}
}

// Until returns a limit that cancels a wait at t with the error elapsed. The zero time has
// passed.
func Until(t time.Time, elapsed error) Limit {
	return Limit{kind: byTime, at: t, elapsed: elapsed}
}

// OrNil returns l, or nil if l is nil or sets no limit.
func (l *Limit) OrNil() *Limit {
	if l == nil || l.kind == unlimited {
		return nil
	}
	return l
}

// Ask returns l, or nil if it sets no limit, and its Err. An operation calls it before it takes a
// lock, because a context is user code, and then tries once in any case.
func (l *Limit) Ask() (*Limit, error) {
	if l = l.OrNil(); l == nil {
		return nil, nil
	}
	return l, l.Err()
}

// Timed reports whether the limit is a duration or a point in time. It is false for a context,
// also for one with a deadline: its Deadline is user code. l may be nil.
func (l *Limit) Timed() bool { return l != nil && l.kind >= byDuration }

// Err returns the error of a limit that is reached already. A duration counts
// from the first call.
func (l *Limit) Err() error {
	switch l.kind {
	case byContext:
		return l.ctx.Err()
	case byTime:
		l.kind, l.d = byDuration, time.Until(l.at)
		fallthrough
	case byDuration:
		if l.d <= 0 {
			return l.elapsed
		}
		if l.timer == nil {
			l.timer = time.NewTimer(l.d)
		}
	}
	return nil
}

// channels returns the channels for a select. The caller has called Err before, which starts
// the timer.
func (l *Limit) channels() (<-chan struct{}, <-chan time.Time) {
	if l.ctx != nil {
		return l.done, nil
	}
	return nil, l.timer.C
}

// Reached returns the error of a limit that ended a sleep. It is never nil, also if the Err of
// a context is nil although its Done is closed.
func (l *Limit) Reached() error {
	if l.ctx != nil {
		if err := l.ctx.Err(); err != nil {
			return err
		}
		return context.Canceled
	}
	return l.elapsed
}

// Stop releases the timer, if one was started.
func (l *Limit) Stop() {
	if l.timer != nil {
		l.timer.Stop()
	}
}
