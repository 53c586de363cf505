package task

import "time"

// glance is how long a single ready task may stand behind a poll before a second
// worker starts for it, and how often a runtime that is busy looks whether it is
// stuck. Polls are short, so mostly the worker is back before; starting another for
// each wake would cost more than the tasks do.
const glance = time.Millisecond

// look is called by the timer while something is ready that no worker was started
// for. It starts one where there is room, and lends one where every worker is stuck.
func (rt *Runtime) look() {
	rt.mu.Lock()
	if rt.ready.n == 0 {
		rt.watching, rt.lent, rt.still = false, 0, 0
		rt.mu.Unlock()
		return
	}
	start, again := false, glance
	switch {
	case rt.moved:
		rt.moved, rt.lent, rt.still = false, 0, 0
	case rt.active < rt.workers+rt.lent:
		start = true
	case rt.relief == 0 || rt.lent == rt.workers:
		// Nothing to do for those who wait but to wait: whoever comes free takes from
		// the line by itself. The next push looks again.
		rt.watching = false
		rt.mu.Unlock()
		return
	default:
		rt.still += rt.period
		again = max(glance, rt.relief/4)
		if rt.relief > 0 && rt.still >= rt.relief && rt.lent < rt.workers {
			rt.lent++
			rt.still = 0
			start = true
		}
	}
	if start {
		rt.active++
	}
	rt.period = again
	rt.watch.Reset(again)
	rt.mu.Unlock()
	if start {
		rt.start()
	}
}
