// Package future holds values that are not there yet, and the ways to wait for
// them: std::future and std::task of Rust, in Go.
//
// A [Future] has one owner. An owner who wants the value has it driven; one who does not
// drops the future:
//
//	p, answer := future.NewPromise[int]()
//	go func() {
//	    defer p.Drop() // if it returns early, nobody waits in vain
//	    p.Resolve(6 * 7)
//	}()
//	v, err := future.Await(ctx, future.Timeout(time.Second, answer)) // 42
//
// Who drives it is up to the owner:
//
//	v, err := future.Await(ctx, f)        // this goroutine waits
//	h := task.SpawnFuture(ctx, f)         // a task polls it, package task
//	select { case r := <-future.Chan(f):  // a native select
//
// A driver polls. A poll returns the result or arranges for a [Waker] to be called when
// polling again makes sense; in between the future costs memory and nothing else, no
// goroutine and no stack.
//
// Futures are made by channels (package async), by tasks (JoinHandle.Future), by
// [NewPromise], by the leaves [Ready], [Fail], [Pending], [After] and [PollFunc], and by
// combining others: [Map], [Then], [Join2], [JoinAll], [TryJoinAll], [Race],
// [RaceBiased], [Timeout]. A combinator owns what it is given, and polls it only when it
// is polled itself: nothing starts earlier but the clock of After and Timeout, and nothing
// goes on alone. A function that is passed to one runs in a poll, holds up whoever polls,
// and must not block. A nil future is a panic.
//
// # Cancel safety
//
// A future that is not wanted any more is dropped, and every combinator drops
// what it gives up: the losers of a race, the rest after a first error, what a
// timeout cut off. Dropping loses nothing but the wait, as the documentation of each
// leaf says; so a receive may be raced, timed out and begun again. What must
// outlive a round, the future of a promise above all, is lent to it with [Borrow].
//
// # Costs
//
// A combinator is one allocation, the group of JoinAll and Race a few more for all of its
// members together, and there a wake polls the member that was woken and no other. All
// waits of After and Timeout stand behind one timer, and those that end at the same moment
// share a goroutine. Await allocates nothing in steady state, except on a goroutine outside
// of a task whose ctx can end.
package future
