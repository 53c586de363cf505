package task

import (
	"sync/atomic"

	"github.com/handoff-go/handoff/internal/bubble"
	"github.com/handoff-go/handoff/internal/probe"
)

// visitors remembers goroutines that were found to be in the bubble of the runtime, or
// outside of all if it was made there. A goroutine never changes its bubble while it runs user
// code, and its number is never used again, so a number that was found once is enough. To ask
// for the bubble each time would cost a look at the clock, half of what a spawn costs; to ask
// only while the runtime is idle let it be used on the wrong side while it was busy.
type visitors [64]atomic.Uint64

// admit panics if the calling goroutine is in another synctest bubble than rt. A worker that
// it starts, and a channel that it makes, would belong to the wrong one, which ends in a fatal
// error far from its cause. Once rt has ended it starts and waits for nothing.
func (rt *Runtime) admit() {
	if !rt.native() && !rt.ended.Load() {
		panic("task: a runtime made inside a synctest bubble, and one made outside, runs only there; make one here with task.New and use its Context")
	}
}

// native reports whether the calling goroutine is in the bubble of rt, or outside like rt.
func (rt *Runtime) native() bool {
	number, ok := probe.Quick()
	if !ok { // the number costs more than a look at the clock
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
