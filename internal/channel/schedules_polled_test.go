//go:build handoff_sched

package channel

import (
	"time"

	"github.com/handoff-go/handoff/internal/errs"
	"github.com/handoff-go/handoff/internal/waitq"
)

// What futures do. A future here is polled polls times and then dropped; with 0 it is
// awaited.

func (a *actor) pollRecv(polls int) bool {
	var p Polled[int]
	p.Init()
	defer a.w.c.Forget(a.h, &p)
	var bell bellWaker
	for n := 1; ; n++ {
		v, ready, err := a.w.c.PollRecv(a.h, &p, &bell)
		if ready {
			return a.gotOne(v, err)
		}
		if n == polls {
			a.w.c.EndRecv(&p)
			return false
		}
		bell.wait(a)
	}
}

func (a *actor) pollSend(polls int) bool {
	var p Polled[int]
	p.Init()
	defer a.w.c.Forget(a.h, &p)
	v := a.next()
	p.Carry(v, nil)
	var bell bellWaker
	for n := 1; ; n++ {
		_, ready, err := a.w.c.PollSend(a.h, &p, &bell)
		switch {
		case ready && err == nil:
			return a.sentOne(v, nil)
		case ready:
			a.unsent(&p, v)
			return a.sentOne(v, err)
		case n == polls:
			if _, all := a.w.c.EndSend(&p); all {
				return a.sentOne(v, nil)
			}
			a.unsent(&p, v)
			return a.sentOne(v, errs.ErrTimeout, errs.ErrTimeout)
		}
		bell.wait(a)
	}
}

// unsent checks that a message that was not sent comes back.
func (a *actor) unsent(p *Polled[int], v int) {
	if back := p.Unsent(); back != v {
		a.w.complain("%s: %d came back of %d", a.name, back, v)
	}
}

// observe waits for something to receive, or the end, and takes nothing.
func (a *actor) observe(polls int) {
	var p Polled[int]
	p.Init()
	defer a.w.c.Forget(a.h, &p)
	var bell bellWaker
	for n := 1; ; n++ {
		ready, err := a.w.c.PollReady(a.h, &p, &bell)
		if ready {
			if err != nil {
				a.ended(err)
			}
			a.w.c.EndReady(&p)
			return
		}
		if n == polls {
			a.w.c.EndReady(&p)
			return
		}
		bell.wait(a)
	}
}

// awaitClosed waits for the end.
func (a *actor) awaitClosed(polls int) {
	var p Polled[int]
	p.Init()
	defer a.w.c.Forget(a.h, &p)
	var bell bellWaker
	for n := 1; ; n++ {
		if ready, err := a.w.c.PollClosed(a.h, &p, &bell); ready {
			if err != nil {
				a.ended(err)
			}
			return
		}
		if n == polls {
			a.w.c.EndClosed(&p)
			return
		}
		bell.wait(a)
	}
}

// permit takes n slots, sends through use of them and gives the others back.
func (a *actor) permit(n, use int) {
	if err := a.w.c.Reserve(a.h, n, nil); err != nil {
		a.ended(err)
		return
	}
	a.spend(n, use)
}

func (a *actor) spend(n, use int) {
	for range use {
		v := a.next()
		delete(a.w.behind, v) // its slot is older than the offers
		a.sentOne(v, a.w.c.SendReserved(v))
	}
	for range n - use {
		a.w.c.Release(1)
	}
}

// permitWithin waits for n slots with a timeout that may pass at any time.
func (a *actor) permitWithin(n, use int) {
	limit := waitq.For(time.Hour, errs.ErrTimeout)
	defer limit.Stop()
	if err := a.w.c.Reserve(a.h, n, &limit); err != nil {
		a.ended(err, errs.ErrTimeout)
		return
	}
	a.spend(n, use)
}

// pollPermit waits for n slots as a future that is polled polls times.
func (a *actor) pollPermit(n, use, polls int) {
	var p Polled[int]
	p.Init()
	defer a.w.c.Forget(a.h, &p)
	var bell bellWaker
	for i := 1; ; i++ {
		ready, err := a.w.c.PollReserve(a.h, &p, &bell, n)
		switch {
		case ready && err != nil:
			a.ended(err)
			return
		case ready:
			a.spend(n, use)
			return
		case i == polls:
			a.w.c.EndReserve(&p)
			return
		}
		bell.wait(a)
	}
}
