package task

import "time"

// glance is the tick of a runtime that has ready tasks: how long a single ready task may wait
// behind a poll before a second worker is started for it, and the resolution of the coarse
// clock. Polls are short, so usually the worker takes the task before the tick; starting
// another worker for each wake would cost more than the tasks do.
const glance = time.Millisecond

// lease is how long a worker stays lent while the runtime makes progress, in multiples of
// the relief interval: long, because the lent worker may be the only one that makes progress,
// and lending it again takes one interval.
const lease = 10

// ticker is the timer of a runtime, and what its ticks compare. Under rt.mu.
type ticker struct {
	watch    *time.Timer
	watching bool          // it is set
	period   time.Duration // that it was set to
	now      time.Duration // the coarse clock

	moves    uint64        // steps of the scheduler that are progress
	progress uint64        // moves at the last tick
	still    time.Duration // how long there was no progress
	eased    time.Duration // when lent last changed

	probe   *core         // a queued task whose time in the run queue is measured
	probed  time.Duration // when that was queued
	longest time.Duration // the longest time measured, for Stats
}

// The ticks start when a task is queued and end after a tick without progress: an idle
// runtime has no timer, and neither has one whose workers are all stuck while no task is
// ready. Under a seed there are none.

// tick has onTick called, after a glance if there is a free slot. A tick that was set while
// every slot was in use may be as far away as a quarter of the time of relief, and what
// is queued now may be left to it (see wants). Under rt.mu.
func (rt *Runtime) tick() {
	if rt.watching {
		if rt.period > glance && rt.active < rt.workers+rt.lent && rt.native() {
			rt.period = glance
			rt.watch.Reset(glance)
		}
		return
	}
	// A wake may come from a synctest bubble, whose clock is of another time: the timer would
	// be set to years from now, and no later tick would set it again.
	if rt.seeded || rt.closed || !rt.native() {
		return
	}
	rt.now = time.Since(rt.begun)
	rt.eased = rt.now
	rt.watching, rt.still, rt.period = true, 0, glance
	rt.watch.Reset(glance)
}

// clock is the time since the start of rt, at most about a glance old, because each
// spawn would pay for reading the real one. Under rt.mu.
func (rt *Runtime) clock() time.Duration {
	if (!rt.watching || rt.period > glance) && !rt.wokenFromBubble() { // a bubble has a clock of its own
		rt.now = time.Since(rt.begun)
	}
	return rt.now
}

// onTick is called by the timer of the ticks. It starts a worker for ready tasks if a slot is free, lends one
// if every worker is stuck, and dismisses the spares when nothing is ready.
func (rt *Runtime) onTick() {
	rt.mu.Lock()
	if rt.closed {
		rt.watching = false
		rt.mu.Unlock()
		return
	}
	rt.now = time.Since(rt.begun)
	progress := rt.moves
	for _, l := range rt.lanes.all {
		progress += uint64(l.head.Load())
	}
	moved := progress != rt.progress
	rt.progress = progress
	waiting := rt.backlog() > 0
	room := rt.active < rt.workers+rt.lent
	var w *worker
	period := glance
	switch {
	case moved:
		rt.still = 0
		if rt.lent > 0 && (!waiting || rt.now-rt.eased >= lease*rt.relief) {
			// The stuck workers may have made progress. If not, the next worker that has
			// no task gives its slot up, and one is lent again after the relief interval.
			rt.eased = rt.now
			rt.lent--
		}
		if waiting && rt.active < rt.workers+rt.lent {
			w = rt.recruit()
		}
	case !waiting:
		rt.lent, rt.still, rt.watching = max(0, rt.active-rt.workers), 0, false
		rt.dismiss()
	case room:
		w = rt.recruit()
	case rt.relief == 0 || rt.lent == rt.workers:
		// No more workers may be lent. A worker that becomes free takes the next task by
		// itself, and the next push starts the ticks again.
		rt.watching = false
		rt.dismiss()
	default:
		period = max(glance, rt.relief/4)
		if rt.still += rt.period; rt.still >= rt.relief {
			rt.still = 0
			rt.lent++
			rt.stats.Relieved++
			rt.eased = rt.now
			if rt.active < rt.workers+rt.lent {
				w = rt.recruit()
			}
		}
	}
	if rt.watching {
		rt.period = period
		rt.watch.Reset(period)
	}
	rt.mu.Unlock()
	rt.start(w)
}

// dismiss ends the wait of the spares, which return to ants. Under rt.mu.
func (rt *Runtime) dismiss() {
	for w := rt.spare; w != nil; {
		next := w.below
		w.below = nil
		w.call <- false // has room: the last word to it was taken
		w = next
	}
	rt.spare, rt.spares = nil, 0
}
