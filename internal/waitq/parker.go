package waitq

import (
	_ "sync" // its methods are inlined only where it is imported; see package sched
	_ "sync/atomic"

	"github.com/handoff-go/handoff/internal/park"
	"github.com/handoff-go/handoff/internal/queue"
	"github.com/handoff-go/handoff/internal/sched"
)

// Parker puts one goroutine at a time to sleep until Wake. It is made by Init and
// must not be copied.
//
// A wait without a limit is Cond.Wait, with Word set. The Locker of that condition is the parker
// itself: Cond.Wait first queues the goroutine in the condition, then calls Unlock, which
// releases the lock that protects the waiter, and only then sleeps. So no wake is lost and no
// second lock or flag is needed. Such a parker owns nothing that belongs to a synctest bubble,
// and can be used in one bubble after another.
//
// A wait with a limit needs a select, so it sleeps on a native channel, which the first such
// wait makes and later ones use again. In a function task the task sleeps, and releases its
// worker.
type Parker struct {
	// Held is unlocked with Word when the goroutine is about to sleep.
	Held *queue.Cursor
	Word queue.Word

	then Target    // to be woken then
	how  how       // the present wait sleeps; set before the lock is released
	host park.Host // the task that sleeps

	// Cond is exported so that a caller can wait with as few stack frames as
	// possible. After a switch of goroutines the processor mispredicts every
	// return up the stack; each frame between the wait and the user costs some 8
	// ns, and there used to be five (docs/design/waiting.md).
	Cond sched.Cond
	ch   chan struct{}

	// woken is set by the Wake of a task. For a sleep on Cond it only shows the race
	// detector that Wake comes before the end of the wait: a Cond promises that, but
	// leaves it to its Locker to be seen, and ours is no lock. Without the detector it
	// would only cost time.
	woken sched.Uint32
}

type how uint8

const (
	onCond how = iota
	onChannel
	inTask
)

// gate is the parker as its own condition's Locker.
type gate Parker

func (g *gate) Lock() {
	if raceEnabled {
		g.woken.Load()
	}
}

func (g *gate) Unlock() { (*Parker)(g).release() }

func (p *Parker) release() {
	p.Held.Release(p.Word)
	if then := p.then; then != nil {
		p.then = nil // before it may panic: the next sleep has nothing to do with it
		then.Wake()
	}
}

// Then makes the next sleep wake t once it has released its lock.
func (p *Parker) Then(t Target) { p.then = t }

// Init makes a parker whose sleeps release lock.
func (p *Parker) Init(lock *queue.Cursor) {
	p.Held = lock
	p.Cond.L = (*gate)(p)
}

// SleepWithin sleeps, with Word set, until Wake or until l is reached, and reports
// whether it was Wake. If not, a Wake may still come: the caller removes the waiter from its
// queue and then calls End.
func (p *Parker) SleepWithin(l *Limit) (woken bool) {
	if l.host != nil {
		return p.sleepInTask(l)
	}
	p.how = onChannel
	if p.ch == nil {
		p.ch = make(chan struct{}, 1)
	}
	p.release()
	if sched.Enabled && sched.Exploring() {
		return p.sleepExplored(l)
	}
	done, timer := l.channels()
	select {
	case <-p.ch:
		p.how = onCond
		return true
	case <-done:
	case <-timer:
		l.d = 0 // remembered, if the wait goes on after all
	}
	return false
}

func (p *Parker) sleepInTask(l *Limit) (woken bool) {
	p.how, p.host = inTask, l.host
	p.woken.Store(0)
	p.release()
	for ended := false; !ended; {
		ended = l.host.Suspend(l.own, l.done, l.on)
		if p.woken.Load() != 0 {
			p.how, p.host = onCond, nil
			return true
		}
	}
	return false
}

// End ends a SleepWithin that was not woken. If the waiter was dequeued before it could be
// removed, End waits for the Wake: the goroutine that dequeued it has released its lock and is
// about to call that.
func (p *Parker) End(dequeued bool) {
	switch {
	case !dequeued:
	case p.how == onChannel:
		if sched.Enabled {
			sched.Until(p.called)
		}
		<-p.ch
	default:
		for p.woken.Load() == 0 {
			p.host.Suspend(false, nil, nil)
		}
	}
	p.how, p.host = onCond, nil
}

// Wake wakes the goroutine that sleeps or is about to. It is called once for each sleep.
func (p *Parker) Wake() {
	switch p.how {
	case onChannel:
		if sched.Enabled {
			sched.Until(func() bool { return !p.called() })
		}
		p.ch <- struct{}{} // capacity 1 and one wake a sleep: never blocks
	case inTask:
		host := p.host // before the sleeper may go on, and be used for another wait
		p.woken.Store(1)
		host.Resume()
	default:
		if raceEnabled {
			p.woken.Store(1)
		}
		p.Cond.Signal()
	}
}
