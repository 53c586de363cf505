//go:build handoff_sched

package channel

import (
	"errors"
	"fmt"
	"slices"

	"github.com/handoff-go/handoff/internal/sched"
)

// world is one run of a program: the channel, and what its threads saw of it. A
// message is a number that is not 0, 100 times its sender plus a count.
type world struct {
	c        *Chan[int]
	tx, rx   *Handle[int] // the first handles
	threads  []sched.Thread
	handles  []*actor
	cause    error // what Close was given
	sent     map[int]bool
	returned map[int]bool     // a send of it failed
	got      map[string][]int // by thread
	offered  []int            // what waits in the line of senders
	behind   map[int][]int    // what waited when a send began
	senders  int
	made     int // actors that are no thread
	errs     []error
}

func newWorld(o Options) *world {
	o.BlockSlots = 2
	w := &world{
		tx: new(Handle[int]), rx: new(Handle[int]),
		sent: map[int]bool{}, returned: map[int]bool{}, got: map[string][]int{},
		behind: map[int][]int{},
	}
	w.c = New[int](o, w.tx, w.rx)
	return w
}

// complain is for what a thread finds wrong itself.
func (w *world) complain(format string, args ...any) {
	w.errs = append(w.errs, fmt.Errorf(format, args...))
}

// sender starts a thread that owns a sender handle and drops it at its end.
func (w *world) sender(name string, body func(*actor)) *actor {
	a := &actor{w: w, name: name, h: new(Handle[int]), sender: true}
	if w.senders++; w.senders == 1 {
		a.h = w.tx
	} else {
		w.c.CloneSender(w.tx, a.h)
	}
	a.id = w.senders
	return w.thread(a, body, func() { w.c.DropSender(a.h) })
}

// receiver starts a thread that owns a receiver handle and keeps it.
func (w *world) receiver(name string, body func(*actor)) *actor {
	a := &actor{w: w, name: name, h: w.rx}
	if slices.ContainsFunc(w.handles, func(o *actor) bool { return o.h == w.rx }) {
		a.h = new(Handle[int])
		w.c.CloneReceiver(w.rx, a.h)
	}
	return w.thread(a, body, nil)
}

// other starts a thread that uses the handle of a.
func (w *world) other(name string, of *actor, body func(*actor)) {
	a := &actor{w: w, name: name, h: of.h, sender: of.sender, id: 10 + len(w.threads)}
	w.thread(a, body, nil)
}

func (w *world) thread(a *actor, body func(*actor), end func()) *actor {
	w.handles = append(w.handles, a)
	w.threads = append(w.threads, sched.Thread{Name: a.name, Body: func() {
		body(a)
		if end != nil {
			end()
		}
	}})
	return a
}

func (w *world) program() *sched.Program {
	return &sched.Program{Threads: w.threads, Always: w.always, After: w.after}
}

// always checks the invariants of channel.go and queue/list.go.
func (w *world) always() error {
	c := w.c
	t := c.list.Tail.Load()
	if t.Locked() {
		return nil
	}
	w.offered = w.offered[:0]
	for s := c.senders.First(); s != nil; s = c.senders.Next(s) {
		if !s.Value.reserve {
			w.offered = append(w.offered, *s.Value.value)
		}
	}
	switch {
	case t.Has(sending) == c.senders.Empty():
		return fmt.Errorf("the flag of the line of senders is %t", t.Has(sending))
	case t.Has(recving) == c.unattended():
		return fmt.Errorf("the flag of the lines of receivers and observers is %t", t.Has(recving))
	case t.Has(sending) && !c.rendezvous() && c.offers.Load() == 0:
		return errors.New("senders wait and offers is not set")
	case t.Has(closed) && t.Has(sending):
		return errors.New("senders wait although the channel is closed")
	case c.disconnected(t) && t.Has(recving):
		return errors.New("receivers wait although the end is reached")
	case t.Has(closed) && w.cause != nil && c.Reason() == nil && c.nSenders > 0:
		return errors.New("closed without the cause")
	}
	if !c.list.Head.Load().Locked() {
		return c.list.Inspect(func(v int) bool { return v == 0 })
	}
	return nil
}

// after checks what the threads saw: what was sent was received once, in the order of
// its sender, and what was returned was not. Then it takes the channel down and
// checks that nothing is left.
func (w *world) after() error {
	rest := w.drain()
	if err := errors.Join(w.errs...); err != nil {
		return err
	}
	seen := map[int]bool{}
	for name, vs := range w.got {
		last := map[int]int{}
		for _, v := range append(slices.Clone(vs), rest...) {
			if v <= last[v/100] {
				return fmt.Errorf("%s received %v, then %v was left", name, vs, rest)
			}
			last[v/100] = v
		}
		for i, v := range vs {
			for _, first := range w.behind[v] {
				if slices.Contains(vs[i:], first) {
					return fmt.Errorf("%s received %v, and %d was offered before %d was sent", name, vs, first, v)
				}
			}
			if seen[v] {
				return fmt.Errorf("%d was received twice", v)
			}
			seen[v] = true
		}
	}
	for _, v := range rest {
		if seen[v] {
			return fmt.Errorf("%d was received and is still there", v)
		}
		seen[v] = true
	}
	for v := range seen {
		if !w.sent[v] {
			return fmt.Errorf("%d was received, but its send has failed (returned: %t)", v, w.returned[v])
		}
	}
	if !w.c.ReceiversDropped() {
		for v := range w.sent {
			if !seen[v] {
				return fmt.Errorf("%d was sent and never received", v)
			}
		}
	}
	for _, a := range w.handles {
		if a.sender {
			w.c.DropSender(a.h)
		} else {
			w.c.DropReceiver(a.h)
		}
	}
	w.c.DropSender(w.tx)
	w.c.DropReceiver(w.rx)
	return w.down()
}

// drain receives what is left through a handle that is still there.
func (w *world) drain() (rest []int) {
	for _, a := range w.handles {
		if a.sender || a.h.State.Load() != Live {
			continue
		}
		for {
			var v int
			if w.c.Pop(&v) {
				w.c.Freed()
			} else {
				var err error
				if v, err = w.c.TryRecv(a.h); err != nil {
					return rest
				}
			}
			rest = append(rest, v)
		}
	}
	return nil
}

// down checks a channel without handles.
func (w *world) down() error {
	c := w.c
	if tx, rx := c.Counts(); tx != 0 || rx != 0 {
		return fmt.Errorf("%d senders and %d receivers are left", tx, rx)
	}
	t, h := c.list.Tail.Load(), c.list.Head.Load()
	switch {
	case !t.Has(closed) || !t.Has(noReceivers) || t.Has(sending|recving) || t.Locked():
		return fmt.Errorf("the tail word is %b", t)
	case h.Locked() || h.Has(inside):
		return fmt.Errorf("the head word is %b", h)
	case c.list.Reserved() != 0:
		return fmt.Errorf("%d slots are still reserved", c.list.Reserved())
	case !c.watchers.Empty():
		return errors.New("a waiter is left after the close")
	}
	for _, a := range w.handles {
		if a.h.kept.Load() != nil || a.h.waiters != nil {
			return errors.New("a dropped handle keeps waiters")
		}
	}
	return c.list.Inspect(func(v int) bool { return v == 0 })
}
