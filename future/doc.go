// Package future provides futures, the combinators for them and the ways to wait for one:
// std::future and std::task of Rust, in Go.
//
// A [Future] is a value that may not be available yet. It has one owner, which either has it
// polled until it is ready or drops it:
//
//	p, answer := future.NewPromise[int]()
//	go func() {
//	    defer p.Drop() // if it returns early, the Await fails with ErrDropped
//	    p.Resolve(6 * 7)
//	}()
//	v, err := future.Await(ctx, future.Timeout(time.Second, answer)) // 42
//
// The owner chooses what polls it:
//
//	v, err := future.Await(ctx, f)        // this goroutine waits
//	h := task.SpawnFuture(ctx, f)         // a task polls it, package task
//	select { case r := <-future.Chan(f):  // a native select
//
// A poll returns the result, or arranges a call of a [Waker] for when another poll may make
// progress. Between polls a future costs only memory: no goroutine and no stack.
//
// Futures are made by channels (package async), by tasks (JoinHandle.Future), by
// [NewPromise], by the leaves [Ready], [Fail], [Pending], [After] and [PollFunc], and by
// combining others: [Map], [Then], [Join2], [JoinAll], [TryJoinAll], [Race],
// [RaceBiased], [Timeout]. A combinator owns what it is given, and polls it only when it
// is polled itself. Only the time of After and Timeout counts from the call that made them.
// A function that is passed to a combinator runs in a poll, on the polling goroutine, and must
// not block. A nil future panics.
//
// # Cancel safety
//
// A future whose result is not needed any more is dropped. A combinator drops the futures that
// it abandons: the losers of a race, the remaining members after the first error, the future
// whose timeout has expired. A dropped receive loses no message, so it may be raced, timed out
// and begun again; the documentation of each leaf says what its Drop does. A future that must
// outlive one round of a loop, such as that of a promise, is passed through [Borrow].
//
// # Costs
//
// A combinator is one allocation; JoinAll and Race need a few more for all of their members
// together. After a wake, JoinAll and Race poll only the members that were woken. Outside of
// synctest bubbles all waits of After and Timeout share one timer, and those that expire
// together share a goroutine. Await allocates nothing in steady state, except on a goroutine
// that runs no task, with a ctx that can end.
package future
