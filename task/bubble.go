package task

import (
	"sync/atomic"

	"github.com/handoff-go/handoff/internal/bubble"
	"github.com/handoff-go/handoff/internal/probe"
)

// visitors caches the numbers of goroutines that were found to be in the bubble of the
// runtime, or outside of all bubbles if it was made there. A goroutine does not change its
// bubble while it runs user code, and its number is never reused, so an entry stays valid.
// Rejected: to determine the bubble each time, which reads the clock and costs half as much as
// a spawn; and to do so only while the runtime is idle, which let it be used on the wrong side
// while it was busy.
type visitors [64]atomic.Uint64

// admit panics if the calling goroutine is in another synctest bubble than rt. A worker that
// the call starts, and a channel that it makes, would belong to the wrong one, which ends in a
// fatal error far from its cause. It does not panic once rt has ended, because then calls
// start no goroutine and wait for none.
func (rt *Runtime) admit() {
	if !rt.native() && !rt.ended.Load() {
		panic("task: a runtime made inside a synctest bubble, and one made outside, runs only there; make one here with task.New and use its Context")
	}
}

// native reports whether the calling goroutine is in the bubble of rt, or outside like rt.
func (rt *Runtime) native() bool {
	number, ok := probe.Quick()
	if !ok { // getting the number costs more than reading the clock
		return bubble.Number() == rt.bubble
	}
	seen := &rt.visitors[number%uint64(len(rt.visitors))]
	if seen.Load() == number {
		return true
	}
	if bubble.Number() != rt.bubble {
		return false
	}
	seen.Store(number)
	return true
}

// wokenFromBubble reports whether the calling goroutine is in a bubble and rt is not. Only a
// wake comes from there, because everything else is refused by admit.
func (rt *Runtime) wokenFromBubble() bool { return rt.bubble == 0 && bubble.InsideTest() }
