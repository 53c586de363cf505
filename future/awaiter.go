package future

import (
	"context"
	_ "sync" // its methods are inlined only where it is imported; see package sched

	"github.com/handoff-go/handoff/internal/park"
	"github.com/handoff-go/handoff/internal/sched"
)

// awaiter is the waker of an Await, on a goroutine or in a task.
//
// Awaiters are pooled, so that an Await allocates nothing in steady state. A future may keep
// a waker and call it after its Await has returned, when another Await has the awaiter: that
// one polls once more, and every future must tolerate a spurious poll. A Context is never
// changed, only replaced, so one that a future kept stays valid.
//
// The other Await must not be in a synctest bubble: the runtime ends the process if a
// goroutine in a bubble is woken from outside, or from another bubble. So an Await that
// waits in a bubble leaves the awaiter of its first poll to the garbage collector, polls
// again with one that no other Await has had, and does not pool that
// (TestALateWakeReachesNoAwaitInABubble). A wake in the other direction, from a bubble to
// a goroutine outside, is allowed. Rejected: a generation in each waker, which would need no
// check for a bubble, but an allocation for each wait.
type awaiter struct {
	cx *Context // of the latest use; replaced, never changed

	mu       sched.Mutex
	cond     sched.Cond
	notified bool          // Wake was called since the latest poll
	host     park.Host     // while the wait is in a task
	ch       chan struct{} // while the wait is in a select, with ctx; capacity 1
}

var awaiters = sched.Pool{New: func() any {
	a := new(awaiter)
	a.cond.L = &a.mu
	return a
}}

func takeAwaiter(ctx context.Context) *awaiter {
	a := awaiters.Get().(*awaiter)
	if a.cx == nil || !park.Same(plain(a.cx.Context), plain(ctx)) {
		a.cx = NewContext(ctx, a)
	}
	return a
}

// newAwaiter returns an awaiter that was never pooled: no future has its waker.
func newAwaiter(ctx context.Context) *awaiter {
	a := new(awaiter)
	a.cond.L = &a.mu
	a.cx = NewContext(ctx, a)
	return a
}

// put returns the awaiter, if it is pooled, after a wait in which nothing panicked.
func (a *awaiter) put(pooled bool) {
	if !pooled {
		return
	}
	a.mu.Lock()
	a.notified = false
	a.mu.Unlock()
	awaiters.Put(a)
}

// Wake implements [Waker].
func (a *awaiter) Wake() {
	a.mu.Lock()
	if a.notified {
		a.mu.Unlock()
		return
	}
	a.notified = true
	host := a.host
	if a.ch != nil {
		a.ch <- struct{}{} // has room: notified was false
	}
	a.mu.Unlock()
	if host != nil {
		host.Resume()
	} else {
		a.cond.Signal()
	}
}

// wait returns after a Wake since the latest poll, when done is closed or, if own is set,
// when the context of host ends. It may return spuriously.
func (a *awaiter) wait(own bool, done <-chan struct{}, host park.Host, on any) {
	a.mu.Lock()
	switch {
	case a.notified:
	case host != nil:
		a.host = host
		a.mu.Unlock()
		host.Suspend(own, done, on)
		a.mu.Lock()
		a.host = nil
	case done != nil:
		// Made by the goroutine that waits, for this wait alone: in the pool it could be
		// one of a synctest bubble that has ended.
		ch := make(chan struct{}, 1)
		a.ch = ch
		a.mu.Unlock()
		if sched.Enabled {
			sched.Until(func() bool {
				select {
				case <-done:
					return true
				default:
					return len(ch) > 0
				}
			})
		}
		select {
		case <-ch:
		case <-done:
		}
		a.mu.Lock()
		a.ch = nil
	default:
		for !a.notified {
			a.cond.Wait()
		}
	}
	a.notified = false
	a.mu.Unlock()
}
