package waitq

import "github.com/handoff-go/handoff/internal/sched"

// sleepExplored is the select of SleepWithin where a test decides the order. Time may
// pass at any moment there; a context ends when it ends. If both have come, either
// may be seen first, as in a select.
func (p *Parker) sleepExplored(l *Limit) (woken bool) {
	sched.Until(func() bool { return p.called() || l.mayEnd() })
	if p.called() && (!l.mayEnd() || sched.Choose(2) == 0) {
		<-p.ch
		p.how = onCond
		return true
	}
	l.d = 0
	return false
}

// called reports whether a wake of a wait with a limit has come.
func (p *Parker) called() bool { return len(p.ch) > 0 }

func (l *Limit) mayEnd() bool { return l.ctx == nil || l.ctx.Err() != nil }
