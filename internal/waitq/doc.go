// Package waitq has the wait queues of a channel: in which order waiters are woken, how, and
// with which reason.
//
// A [Waiter] is something to wake, not a goroutine: its Target may be a [Parker], on which a
// goroutine sleeps, or anything else with a Wake method, such as the waker of a polled task or
// a native channel that is used in a select.
//
// The states of a waiter, which change only under the lock that the owner of the [Queue] has
// chosen:
//
//	          Push               Dequeue(s)
//	(idle) ----------> Waiting -------------> s   then, without the lock: Wake
//	                      |
//	                      +---- Remove -----> (idle), and no Wake
//
// Rules:
//   - The goroutine that dequeues a waiter wakes it exactly once, after it has released the
//     lock. A waiter that was removed is never woken.
//   - A waiter that was [Notified] and does not try again must notify another waiter. The
//     owner of the queue does that, because only it can choose which.
//   - A dequeued waiter must not be touched after its Wake: its owner may be using it for the
//     next wait already.
package waitq
