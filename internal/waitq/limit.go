package waitq

import (
	"context"
	"time"

	"github.com/handoff-go/handoff/internal/park"
)

// Limit is what ends a wait before its time: a context, a duration, a point in
// time, or nothing (the zero value). It belongs to one call. It looks at the clock
// only when there is a wait to limit, so an operation that is ready at once does
// not pay for it.
//
// A limit by a context also has the task that the calling goroutine runs, if any, which
// releases its slot while it waits (package park). It must not leave that goroutine.
type Limit struct {
	kind    limitKind
	looked  bool // see Look
	own     bool // ctx is that of the task itself, so done is not needed
	ctx     context.Context
	done    <-chan struct{} // of ctx, asked for before there is anything to clean up
	host    park.Host       // the task that this goroutine runs, or nil
	on      any             // what the task waits for, for those who look at it
	at      time.Time
	d       time.Duration
	timer   *time.Timer
	elapsed error // what a wait reports that ran out of time
}

type limitKind uint8

const (
	unlimited limitKind = iota
	byContext
	byDuration
	byTime // becomes byDuration at the first look at the clock
)

// Within ends a wait of the calling goroutine with ctx. A context that can never end is
// no limit, unless the goroutine runs a task of its runtime. The call ends with Stop.
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

// Look has Err called now, where no lock is held, so that a wait that follows need not
// release its locks for that. An error is found again by then.
func (l *Limit) Look() { l.looked = l.Some() != nil && l.Err() == nil }

// Looked reports, once, whether Look found no error.
func (l *Limit) Looked() bool {
	if l == nil || !l.looked {
		return false
	}
	l.looked = false
	return true
}

// For ends a wait after d with the error elapsed. A duration that overflows the
// clock never passes, and one that is not positive has passed.
func For(d time.Duration, elapsed error) Limit {
	return Limit{kind: byDuration, d: d, elapsed: elapsed}
}

// Until ends a wait at t with the error elapsed. The zero time has passed.
func Until(t time.Time, elapsed error) Limit {
	return Limit{kind: byTime, at: t, elapsed: elapsed}
}

// Some returns l, or nil if nothing ends the wait. l may be nil.
func (l *Limit) Some() *Limit {
	if l == nil || l.kind == unlimited {
		return nil
	}
	return l
}

// Timed reports whether the wait ends after some time, whatever others do. Of a context
// that is not known: its Deadline is somebody else's code. l may be nil.
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

// channels returns what a select has to listen to. Err came before.
func (l *Limit) channels() (<-chan struct{}, <-chan time.Time) {
	if l.ctx != nil {
		return l.done, nil
	}
	return nil, l.timer.C
}

// Reached returns the error of a limit that ended a sleep; it is never nil, even of
// a context that contradicts itself.
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
