// Package waitq keeps those who wait: in which order, how one of them is woken,
// and how it learns why.
//
// A [Waiter] is something to wake, not a goroutine: its Target may be a
// [Parker], on which a goroutine sleeps, or anything else with a Wake method,
// such as the waker of a polled task or a channel that stands in a select.
//
// The life of a waiter, always under the one lock that the owner of the [Queue]
// has chosen:
//
//	          Push               Settle(s)
//	(idle) ----------> Waiting ------------> s   then, after the lock: Wake
//	                      |
//	                      +---- Remove ----> the waiter goes away by itself
//
// Rules:
//   - Whoever settles a waiter wakes it exactly once, after it has released the
//     lock. A waiter that was removed is never woken.
//   - A waiter that was told to look again ([Notified]) and does not look must
//     pass that on; the owner of the queue does it, for only it knows to whom.
//   - A settled waiter must not be touched after its Wake: its owner may be
//     using it for the next wait already.
package waitq
