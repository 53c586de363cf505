package sched

// Bug is the name of a mistake that a test can plant in the core or in an Await, to see
// that the search finds it.
type Bug string

// The mistakes that can be planted. docs/design/testing.md says which test finds which.
const (
	// LostWakeup: a sender announces that it waits and does not look again.
	LostWakeup Bug = "lost wake-up"
	// NoPassOn: a notified receiver that stops waiting does not notify the next one.
	NoPassOn Bug = "notification not passed on"
	// KeptSlot: a received message stays in its slot.
	KeptSlot Bug = "slot not zeroed"
	// DoubleWake: a dequeued waiter is woken twice.
	DoubleWake Bug = "double wake"
	// TornClose: the channel is closed before its cause is known.
	TornClose Bug = "torn close"
	// DeafAwait: an Await forgets a wake that came between its poll and its sleep.
	DeafAwait Bug = "wake before the sleep lost"
)
