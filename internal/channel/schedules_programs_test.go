//go:build handoff_sched

package channel

import (
	"context"

	"github.com/handoff-go/handoff/internal/sched"
)

// program is a small use of a channel, explored at each of these capacities.
type program struct {
	name   string
	limits []uint64
	solo   bool
	build  func(w *world)
}

var (
	every   = []uint64{0, 1, 2, Unlimited}
	slots   = []uint64{1, 2, Unlimited} // all that have any
	bounded = []uint64{1, 2}
)

// programs are what the search runs. Where a published library had a bug in what one
// does, the comment names it.
var programs = []program{
	{"a sender and a receiver", every, true, func(w *world) {
		w.sender("S", func(a *actor) { a.send(); a.send() })
		w.receiver("R", (*actor).recvAll)
	}},
	{"two senders and a receiver", every, true, func(w *world) {
		w.sender("S1", func(a *actor) { a.send() })
		w.sender("S2", func(a *actor) { a.send() })
		w.receiver("R", (*actor).recvAll)
	}},
	// event-listener 5.3.1: of two wake-ups one got lost.
	{"a sender and two receivers", every, false, func(w *world) {
		w.sender("S", func(a *actor) { a.send(); a.send() })
		w.receiver("R1", (*actor).recvAll)
		w.receiver("R2", func(a *actor) { a.recv() })
	}},
	{"tries", every, true, func(w *world) {
		w.sender("S", func(a *actor) { a.trySend(); a.trySend() })
		w.receiver("R", func(a *actor) { a.tryRecv(); a.recvAll() })
	}},
	{"batches", every, true, func(w *world) {
		w.sender("S", func(a *actor) { a.sendMany(3) })
		w.receiver("R", func(a *actor) {
			for a.recvMany(2) {
			}
		})
	}},
	// rust#39364: recv_timeout panicked after a sender was cloned.
	{"both sides give up", every, true, func(w *world) {
		w.sender("S", func(a *actor) { a.sendWithin(); a.sendWithin() })
		w.receiver("R", func(a *actor) { a.recvWithin(); a.recvAll() })
	}},
	// iroh left flume for this: a cancelled receive took the notification with it.
	{"a receive that is cancelled", every, false, func(w *world) {
		ctx, cancel := context.WithCancel(context.Background())
		w.sender("S", func(a *actor) { cancel(); a.sendAndSee() })
		w.receiver("R1", func(a *actor) { a.recvUnder(ctx) })
		w.receiver("R2", func(a *actor) { a.recv() })
	}},
	{"a receive in a task that is cancelled", every, false, func(w *world) {
		ctx, cancel := inTask()
		w.sender("S", func(a *actor) { cancel(); a.sendAndSee() })
		w.receiver("T", func(a *actor) { a.recvUnder(ctx) })
		w.receiver("R", func(a *actor) { a.recv() })
	}},
	{"a task receives", every, true, func(w *world) {
		ctx, _ := inTask() // which is not cancelled
		w.sender("S", func(a *actor) { a.send(); a.send() })
		w.receiver("T", func(a *actor) { a.recvUnder(ctx); a.recvUnder(ctx); a.recvAll() })
	}},
	{"a polled receive that is dropped", every, false, func(w *world) {
		w.sender("S", (*actor).sendAndSee)
		w.receiver("P", func(a *actor) { a.pollRecv(1) })
		w.receiver("R", func(a *actor) { a.pollRecv(0) })
	}},
	{"polled receivers beside a parked one", slots, false, func(w *world) {
		w.sender("S", func(a *actor) { a.send(); a.send() })
		w.receiver("P", func(a *actor) { a.pollRecv(2) })
		w.receiver("R", func(a *actor) { a.recv() })
	}},
	// A poll may fall between the notification and the wake, and find nothing.
	{"a polled receive that is polled without a wake", slots, false, func(w *world) {
		w.sender("S", func(a *actor) { a.send(); a.send() })
		w.receiver("P", func(a *actor) { a.eager = 1; a.pollRecv(0) })
		w.receiver("R", func(a *actor) { a.tryRecv() })
	}},
	{"a polled send that is polled without a wake", every, false, func(w *world) {
		w.sender("P", func(a *actor) { a.eager = 1; a.pollSend(0); a.pollSend(0) })
		w.sender("S", func(a *actor) { a.send() })
		w.receiver("R", (*actor).recvAll)
	}},
	// kanal#24, async-channel#56: a dropped send lost its message or sent it twice.
	{"a polled send that is dropped", every, false, func(w *world) {
		w.sender("P", func(a *actor) { a.pollSend(1); a.pollSend(0) })
		w.sender("S", func(a *actor) { a.send() })
		w.receiver("R", (*actor).recvAll)
	}},
	// crossbeam 0.5.15, rust#110001, rust#121582: the first block against the end.
	{"the last receiver goes", every, true, func(w *world) {
		w.sender("S", func(a *actor) { a.send(); a.send(); a.send() })
		w.receiver("R", func(a *actor) { a.recv(); a.drop() })
	}},
	{"the last receiver goes at once", every, false, func(w *world) {
		w.sender("S1", func(a *actor) { a.send(); a.send() })
		w.sender("S2", func(a *actor) { a.pollSend(0) })
		w.receiver("R", (*actor).drop)
	}},
	{"close with a cause", every, false, func(w *world) {
		s := w.sender("S", func(a *actor) { a.send(); a.send(); a.awaitClosed(0) })
		w.other("C", s, (*actor).closeCause)
		w.receiver("R", (*actor).recvAll)
	}},
	{"handles are cloned and dropped", every, false, func(w *world) {
		w.sender("S1", func(a *actor) {
			clone := *newActor(a, true)
			w.c.CloneSender(a.h, clone.h)
			a.drop()
			clone.send()
			clone.drop()
		})
		w.sender("S2", func(a *actor) { a.send() })
		w.receiver("R", (*actor).recvAll)
	}},
	// A weak handle against the last strong one: the channel has ended or it has not.
	{"a sender is made from none", slots, false, func(w *world) {
		w.sender("S", func(a *actor) { a.send() })
		r := w.receiver("R", (*actor).recvAll)
		w.other("U", r, func(a *actor) {
			up := newActor(a, true)
			if w.c.UpgradeSender(up.h) {
				up.send()
				up.drop()
			}
		})
	}},
	{"a handle is dropped in the middle of its wait", []uint64{1}, false, func(w *world) {
		w.sender("S", (*actor).sendAndSee)
		r := w.receiver("P", func(a *actor) { a.pollRecv(0) })
		w.other("D", r, (*actor).drop)
		w.receiver("R", (*actor).recvAll)
	}},
	{"a receive ends with its handle", every, false, func(w *world) {
		ended := false
		r := w.receiver("R", func(a *actor) { a.recv(); ended = true })
		w.receiver("K", func(*actor) {}) // keeps the channel open
		w.sender("S", func(*actor) {
			w.c.DropReceiver(r.h)
			sched.Until(func() bool { return ended })
		})
	}},
	{"a send ends with its handle", []uint64{0, 1}, false, func(w *world) {
		ended := false
		p := w.sender("P", func(a *actor) { a.send(); a.pollSend(0); ended = true })
		w.sender("S", func(*actor) {
			w.c.DropSender(p.h)
			sched.Until(func() bool { return ended })
		})
		w.receiver("R", func(a *actor) { sched.Until(func() bool { return ended }); a.recvAll() })
	}},
	{"a parked receiver that was notified is dropped", slots, false, func(w *world) {
		var r *actor
		w.sender("S", func(a *actor) {
			a.sendMany(1)
			w.c.DropReceiver(r.h)
			sched.Until(func() bool { return w.c.list.Len() == 0 })
		})
		r = w.receiver("R1", func(a *actor) { a.recv() })
		w.receiver("R2", func(a *actor) { a.recv() })
	}},
	{"the only receiver is dropped in the middle of its wait", every, true, func(w *world) {
		w.sender("S", func(a *actor) { a.send(); a.trySend() })
		r := w.receiver("R", func(a *actor) { a.recv() })
		w.other("D", r, (*actor).drop)
	}},
	{"a sender is dropped that waits for more than there is", []uint64{2}, false, func(w *world) {
		done := false
		p := w.sender("P", func(a *actor) { a.pollPermit(2, 0, 0) })
		w.sender("S", func(a *actor) { a.send(); a.send(); done = true })
		w.receiver("R", func(a *actor) {
			w.c.DropSender(p.h)
			sched.Until(func() bool { return done })
			a.recvAll()
		})
	}},
	// tokio PR2854: the permits that a cancelled reservation had collected were lost.
	{"a reservation gives up before a sender", bounded, false, func(w *world) {
		w.sender("P", func(a *actor) { a.permitWithin(int(w.c.capacity), 1) })
		w.sender("S", func(a *actor) { a.send(); a.send() })
		w.receiver("R", (*actor).recvAll)
	}},
	// tokio PR8260: the last permit was released and the receiver was not notified of the close.
	{"the last permit comes home after the close", slots, false, func(w *world) {
		p := w.sender("P", func(a *actor) { a.permit(1, 0); a.awaitClosed(0) })
		w.other("C", p, (*actor).closeCause)
		w.receiver("R", (*actor).recvAll)
	}},
	// One receiver is notified of the message that comes through the permit, the other of the
	// end.
	{"the last permit is used after the close", slots, false, func(w *world) {
		w.sender("P", func(a *actor) {
			if w.c.Reserve(a.h, 1, nil) == nil {
				a.awaitClosed(0)
				a.spend(1, 1)
			}
		})
		w.receiver("R1", func(a *actor) { a.closeCause(); a.recvAll() })
		w.receiver("R2", (*actor).recvAll)
	}},
	// There is no receive until both are sent: only the reservation that is cancelled lets the
	// sender behind it go on.
	{"a reservation of more than there is gives up", []uint64{2}, false, func(w *world) {
		done := false
		untilDone := func() { sched.Until(func() bool { return done }) }
		w.sender("P", func(a *actor) { a.permitWithin(2, 0); untilDone() })
		w.sender("S", func(a *actor) { a.send(); a.send(); done = true })
		w.receiver("R", func(a *actor) { untilDone(); a.recvAll() })
	}},
	{"a polled reservation of more than there is is dropped", []uint64{2}, false, func(w *world) {
		done := false
		untilDone := func() { sched.Until(func() bool { return done }) }
		w.sender("P", func(a *actor) { a.pollPermit(2, 0, 1); untilDone() })
		w.sender("S", func(a *actor) { a.send(); a.send(); done = true })
		w.receiver("R", func(a *actor) { untilDone(); a.recvAll() })
	}},
	{"a polled reservation is dropped", bounded, false, func(w *world) {
		w.sender("P", func(a *actor) { a.pollPermit(1, 1, 1); a.pollPermit(1, 1, 0) })
		w.sender("S", func(a *actor) { a.send() })
		w.receiver("R", (*actor).recvAll)
	}},
	{"an observer looks on", every, false, func(w *world) {
		w.sender("S", func(a *actor) { a.send(); a.send() })
		w.receiver("O", func(a *actor) { a.observe(0); a.observe(1) })
		w.receiver("R", (*actor).recvAll)
	}},
	{"a forced send", bounded, false, func(w *world) {
		w.sender("F", func(a *actor) { a.forceSend(); a.forceSend() })
		w.sender("S", func(a *actor) { a.send() })
		w.receiver("R", (*actor).recvAll)
	}},
	{"Len and Ready beside the others", every, true, func(w *world) {
		w.sender("S", func(a *actor) { a.send(); a.send() })
		w.receiver("R", func(a *actor) {
			if n := w.c.Len(); n < 0 || n > 2 {
				w.complain("Len is %d", n)
			}
			ready, r := w.c.ready(a.h, nil)
			awaitToken(ready)
			a.tryRecv()
			ready, _ = w.c.ready(a.h, r)
			awaitToken(ready)
			a.recvAll()
		})
	}},
}
