package differential

import (
	"slices"
	"strconv"
	"strings"
)

// Classes are all divergences that are intended.
var Classes = []Class{
	{
		Name:     "the last receiver discards at once",
		Pairs:    []string{"async-channel", "crossbeam", "crossbeam-one", "flume", "flume-one", "kanal"},
		Says:     "Messages that are buffered when the last receiver is dropped are discarded at once here.",
		Smallest: "async-channel prompt 1|trysend s0 1;drop r0",
		match: func(d *Difference) bool {
			return strings.HasPrefix(d.Op(), "drop r") && d.only("dropped", "len", "empty", "full") &&
				strconv.Itoa(len(d.ours().Dropped)-len(d.rust().Dropped)) == d.before("r"+d.abandoned()+".len")
		},
		ignore: func(d *Difference) []string {
			c := d.abandoned()
			return []string{"dropped", c + ".len", c + ".empty", c + ".full"}
		},
	},
	{
		Name:     "more slots than the capacity",
		Pairs:    []string{"tokio"},
		Says:     "more than the capacity is `async.ErrCapacity`",
		Smallest: "tokio prompt 1|tryreservemany s0 p0 2",
		match: func(d *Difference) bool {
			return d.verb() == "tryreservemany" && d.only("result") && d.rust().Result == "full" && (d.ours().Result == "capacity" || d.ours().Result == "closed")
		},
	},
	{
		Name:     "a waiting send offers its value",
		Pairs:    []string{"async-channel", "tokio", "flume"},
		Says:     "A send that waits offers its value",
		Smallest: "async-channel lazy 1|trysend s0 1;send s0 f0 2;poll f0 w0;tryrecv r0",
		match: func(d *Difference) bool {
			return !d.Program.Prompt && slices.ContainsFunc(slices.Concat(d.ours().live(), d.rust().live()), func(w string) bool {
				slot, _, _ := strings.Cut(w, "/")
				return sends(d.maker(slot, d.At)[0])
			})
		},
		ends: true,
	},
	{
		Name:     "a forgotten send",
		Pairs:    []string{"async-channel", "tokio", "flume", "kanal"},
		Says:     "A send that is polled and then forgotten",
		Smallest: "async-channel prompt 1|trysend s0 1;send s0 f0 2;poll f0 w0;forget f0;tryrecv r0",
		match: func(d *Difference) bool {
			return d.forgottenWas(func(verb string) bool { return sends(verb) || strings.HasPrefix(verb, "reserve") })
		},
		ends: true,
	},
	{
		Name:     "a forgotten receive",
		Pairs:    []string{"async-channel", "tokio", "tokio-unbounded", "flume", "kanal"},
		Says:     "A receive that is polled and then forgotten",
		Smallest: "tokio prompt 1|recv r0 f0;poll f0 w0;forget f0;recv r0 f1;poll f1 w0;trysend s0 1",
		match: func(d *Difference) bool {
			return d.forgottenWas(func(verb string) bool { return strings.HasPrefix(verb, "recv") || strings.HasPrefix(verb, "select") })
		},
		ends: true,
	},
	{
		Name:     "a parked receive needs no slot",
		Pairs:    []string{"tokio"},
		Says:     "takes a message without a slot",
		Smallest: "tokio prompt 1|tryreserve s0 p0;trecv r0 t0;trysend s0 1",
		match: func(d *Difference) bool {
			return d.parked() && len(d.rust().Completed) == 0 && (d.before("s0.free") == "0" || d.before("s1.free") == "0")
		},
		ends: true,
	},
	{
		Name:     "a notification that was used is passed on",
		Pairs:    []string{"async-channel"},
		Says:     "passes on a notification that it has used",
		Smallest: "async-channel prompt 1|recv r0 f0;recv r0 f1;poll f0 w0;poll f1 w0;trysend s0 1",
		match:    moreWakes,
		ends:     true, // who was woken in vain waits behind the others from then on
	},
	{
		Name:     "which of the waiters",
		Pairs:    []string{"async-channel"},
		Says:     "waits behind the others from then on",
		Smallest: "async-channel prompt 1|recv r0 f0;poll f0 w0;trecv r0 t0;trecv r0 t1;trysend s0 1;trysend s0 2",
		match: func(d *Difference) bool {
			fields := []string{"completed", "wakes"}
			if !d.Program.Prompt {
				fields = append(fields, "len", "empty", "full") // one of the two is not polled yet
			} else if !slices.Equal(results(d.rust()), results(d.ours())) {
				return false
			}
			return slices.Contains(d.Fields, "completed") && d.only(fields...) && d.completedBefore()
		},
		ends: true,
	},
	{
		Name:     "two reasons to wake one future",
		Pairs:    []string{"async-channel", "tokio", "tokio-unbounded"},
		Says:     "wakes a race of two receives once for each",
		Smallest: "async-channel lazy 1|clone r0 r1;select r0 r1 f0;poll f0 w0;close s0",
		match: func(d *Difference) bool {
			return d.only("wakes") && (d.woke("select") || d.woke("recvfor") || d.woke("sendfor"))
		},
		ends: true,
	},
	{
		Name:     "a close before a granted reservation was polled",
		Pairs:    []string{"tokio"},
		Says:     "granted and not yet polled",
		Smallest: "tokio lazy 1|trysend s0 1;reserve s0 f0;poll f0 w0;tryrecv r0;close r0;poll f0 w0",
		match: func(d *Difference) bool {
			return !d.Program.Prompt && d.verb() == "poll" && d.rust().Result == "closed" && d.ours().Result == "permit"
		},
		ends: true,
	},
	{
		Name:     "a blocked receive beside a polled one",
		Pairs:    []string{"flume"},
		Says:     "hands the newest message to it",
		Smallest: "flume lazy none|recv r0 f0;poll f0 w0;trecv r0 t0;trysend s0 1;trysend s0 2",
		match: func(d *Difference) bool {
			return !d.Program.Prompt && !strings.HasPrefix(d.Op(), "drop f") && (d.parked() || d.rust().unblocked())
		},
		ends: true,
	},
	{
		Name:     "a receive that was woken and is dropped",
		Pairs:    []string{"flume"},
		Says:     "flume tells no blocked receive",
		Smallest: "flume lazy none|recv r0 f0;poll f0 w0;trecv r0 t0;trysend s0 1;drop f0",
		match: func(d *Difference) bool {
			return strings.HasPrefix(d.Op(), "drop f") && d.only("completed", "len", "empty", "full", "wakes") &&
				(d.parked() || d.only("wakes") && d.woke("recv"))
		},
		ends: true,
	},
	{
		Name:     "a blocked receive that was woken in vain",
		Pairs:    []string{"flume"},
		Says:     "flume may not wake it at the end of the channel",
		Smallest: "flume lazy 1|recv r0 f7;clone r0 r2;clone r0 r1;poll f7 w1;tselect r2 r1 t0;trecvfar r1 t3;trysend s0 6;drop f7;drop s0",
		match: func(d *Difference) bool {
			return !d.Program.Prompt && strings.HasPrefix(d.Op(), "drop s") && d.only("completed") && d.closedMore() && d.droppedWoken()
		},
		ends: true,
	},
	{
		Name:     "a receive that was polled again in vain",
		Pairs:    []string{"flume"},
		Says:     "flume then lets in one message more than its bound",
		Smallest: "flume lazy 1|clone r0 r1;recv r0 f0;poll f0 w0;trysend s0 1;tryrecv r1;poll f0 w0;poll f0 w1;trysend s0 2;trysend s0 3",
		match: func(d *Difference) bool {
			return !d.Program.Prompt && (d.rust().overfull() && !d.ours().overfull() ||
				d.verb() != "poll" && d.only("wakes") && d.wokenAgain("recv"))
		},
		ends: true,
	},
	{
		Name:     "a polled receive is handed a message",
		Pairs:    []string{"kanal"},
		Says:     "kanal puts the message into the receive that waits",
		Smallest: "kanal lazy 1|recv r0 f0;poll f0 w0;trysend s0 1",
		match: func(d *Difference) bool {
			return !d.Program.Prompt && d.only("len", "empty", "full") && d.woke("recv")
		},
		ends: true,
	},
	{
		Name:     "kanal's first waker",
		Pairs:    []string{"kanal"},
		Says:     "kanal wakes the first",
		Smallest: "kanal prompt 0|send s0 f0 1;poll f0 w0;poll f0 w1;tryrecv r0",
		match: func(d *Difference) bool {
			return slices.ContainsFunc(d.rust().Wakes, func(w string) bool {
				slot, _, _ := strings.Cut(w[1:], "/")
				_, forgotten := d.forgotten(slot, d.At)
				return w[0] == '~' && !forgotten && slices.ContainsFunc(d.ours().live(), func(o string) bool { return strings.HasPrefix(o, slot+"/") })
			})
		},
		ends: true,
	},
	{
		Name:     "a rendezvous with a polled receive",
		Pairs:    []string{"flume", "kanal"},
		Says:     "At capacity 0 a receive that is polled",
		Smallest: "flume prompt 0|recv r0 f0;poll f0 w0;trysend s0 1",
		match: func(d *Difference) bool {
			return d.at0() && (d.rust().Result == "ok" && d.ours().Result != "ok" || d.parked() || d.woke("recv"))
		},
		ends: true,
	},
	{
		Name:     "a rendezvous with a select",
		Pairs:    []string{"crossbeam", "flume"},
		Says:     "a goroutine in a select is only woken",
		Smallest: "crossbeam prompt 0,0|tselect r0 r1 t0;trysend s0 1",
		match:    func(d *Difference) bool { return d.at0() && d.selecting() },
		ends:     true,
	},
	{
		Name:     "a send beside a receive of its channel",
		Pairs:    []string{"async-channel", "tokio", "crossbeam", "flume"},
		Says:     "A select of a send and a receive of one channel",
		Smallest: "async-channel prompt 1|trysend s0 1;selectsend s0 r0 f0 2;poll f0 w0",
		match:    func(d *Difference) bool { return d.sentToItself() },
		ends:     true,
	},
	{
		Name:     "a timeout of 0 at the end",
		Pairs:    []string{"kanal"},
		Says:     "kanal reports the timeout first",
		Smallest: "kanal prompt 1|drop s0;recvnow r0",
		match: func(d *Difference) bool {
			return d.verb() == "recvnow" && d.only("result") && d.rust().Result == "timeout" && d.ours().Result == "closed"
		},
	},
	{
		Name:     "a receive that wakes itself",
		Pairs:    []string{"flume"},
		Says:     "flume wakes a receive again that it has polled in vain",
		Smallest: "flume lazy 1|clone r0 r1;recv r1 f0;poll f0 w0;trysend s0 1;tryrecv r0;poll f0 w0",
		match: func(d *Difference) bool {
			return !d.Program.Prompt && d.verb() == "poll" && d.only("wakes") && d.woke("recv")
		},
	},
	{
		Name:     "slots of a reservation that a close has failed",
		Pairs:    []string{"tokio"},
		Says:     "keeps its part of the slots until it is polled",
		Smallest: "tokio lazy 2|trysend s0 1;reservemany s0 f0 2;poll f0 w0;close r0",
		match: func(d *Difference) bool {
			return !d.Program.Prompt && d.only("free") && d.woke("reservemany")
		},
		ends: true,
	},
	{
		Name:     "sends that wait while a drain takes what is there",
		Pairs:    []string{"std", "crossbeam", "crossbeam-one", "flume", "flume-one", "kanal"},
		Says:     "A batch takes what is in the channel",
		Smallest: "flume prompt 0|tsend s0 t0 1;drain r0",
		match: func(d *Difference) bool {
			return d.verb() == "drain" && d.only("result", "completed", "len", "empty", "full", "wakes") && d.drainedAlike()
		},
		ends: true,
	},
	{
		Name:     "kanal's close discards",
		Pairs:    []string{"kanal"},
		Says:     "kanal's close discards the queue",
		Smallest: "kanal prompt 1|close r0",
		match:    func(d *Difference) bool { return d.verb() == "close" },
		ends:     true,
	},
	{
		Name:     "a oneshot that was closed",
		Pairs:    []string{"oneshot"},
		Says:     "a value that was sent before is still delivered there",
		Smallest: "oneshot prompt 1|trysend s0 1;close r0",
		match: func(d *Difference) bool {
			return d.verb() == "close" && d.only("dropped") && len(d.ours().Dropped) == 1 && len(d.rust().Dropped) == 0
		},
		ends: true,
	},
	{
		Name:     "a permit without a receiver",
		Pairs:    []string{"tokio"},
		Says:     "a permit fails with its value when no receiver is left",
		Smallest: "tokio prompt 1|tryreserve s0 p0;drop r0;permit p0 1",
		match: func(d *Difference) bool {
			return d.verb() == "permit" && d.rust().Result == "ok" && strings.HasPrefix(d.ours().Result, "closed(") && d.only("result", "free", "dropped")
		},
		ignore: func(d *Difference) []string { return []string{"dropped", "free"} },
	},
	{
		Name:     "weak handles after a close",
		Pairs:    []string{"tokio", "tokio-unbounded", "flume"},
		Says:     "does not upgrade once the channel is closed",
		Smallest: "tokio prompt 1|down s0 w0;close r0;up w0 s1",
		match: func(d *Difference) bool {
			return d.verb() == "up" && d.rust().Result != "gone" && d.ours().Result == "gone"
		},
		ends: true,
	},
}
