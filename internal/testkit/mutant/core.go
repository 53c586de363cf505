package mutant

// Names of [Core].
const (
	LostWakeup = "lost wakeup"
	NoPassOn   = "missed pass-on"
	KeptSlot   = "kept slot"
	DoubleWake = "double wake"
	TornClose  = "torn close"
	DeafAwait  = "wake before the sleep lost"
)

// Core are mistakes in the core that published libraries had, or that are as easy to make.
var Core = []Mutant{
	{LostWakeup, []Edit{{ // a sender announces that it waits, and does not check again
		"internal/channel/send.go",
		"\t\t\tt = c.announce(t) // then look again: see the package comment\n",
		"\t\t\treturn c.announce(t), n, true, nil\n",
	}}},
	{NoPassOn, []Edit{{ // a receive that was notified and is dropped notifies no other
		"internal/channel/polled.go",
		"\t\tt = c.notify(t, 1, &wake)\n",
		"",
	}}},
	{KeptSlot, []Edit{{ // a received message stays in its slot
		"internal/queue/fast.go",
		"\tvar zero T\n\t*slot = zero\n",
		"",
	}}},
	{DoubleWake, []Edit{{ // a dequeued waiter is woken twice
		"internal/waitq/queue.go",
		"\tcase w.next == nil:\n\t\tw.Target.Wake()\n",
		"\tcase w.next == nil:\n\t\tw.Target.Wake()\n\t\tw.Target.Wake()\n",
	}}},
	{TornClose, []Edit{{ // a channel is closed before its cause is known
		"internal/channel/close.go",
		"\tif why != nil {\n\t\tc.cause.Store(why)\n\t}\n",
		"",
	}, {
		"internal/channel/close.go",
		"\tc.list.Tail.Unlock(c.queueFlags(t))\n\twake.Wake()\n\treturn first\n",
		"\tc.list.Tail.Unlock(c.queueFlags(t))\n\tif first && why != nil {\n\t\tc.cause.Store(why)\n\t}\n\twake.Wake()\n\treturn first\n",
	}}},
	{DeafAwait, []Edit{{ // an Await forgets a wake that came between its poll and its sleep
		"future/awaiter.go",
		"\ta.mu.Lock()\n\tswitch {\n\tcase a.notified:\n",
		"\ta.mu.Lock()\n\ta.notified = false\n\tswitch {\n\tcase a.notified:\n",
	}}},
}
