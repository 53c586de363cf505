package task

import "sync/atomic"

// lane is what a worker has while it polls: tasks that it took from the line in one
// go. A worker without work takes from the lanes of others, so a task in the lane of
// one that is stuck is not stuck. After the local run queues of the Go scheduler.
//
// Under rt.mu tasks are put in, by the owner, and stolen. The owner takes its own
// without the lock. head moves by compare-and-swap; tail, and the places before it
// that are not taken, do not change without the lock.
type lane struct {
	tasks      [laneSize]*core
	head, tail atomic.Uint32 // they only grow; the place is the rest by laneSize
	shared     bool          // tasks holds more than the current one; the owner's

	// The owner counts, everybody reads.
	completed, cancelled, panicked atomic.Uint64
}

// laneSize bounds how much one worker takes ahead of others, and so how far the order
// of tasks is from that of the line.
const laneSize = 32

// take returns the next task, or nil.
func (l *lane) take() *core {
	for {
		h := l.head.Load()
		if h == l.tail.Load() {
			return nil
		}
		t := l.tasks[h%laneSize]
		if l.head.CompareAndSwap(h, h+1) {
			return t
		}
	}
}

// set writes the task that comes i places after the last one, for put. Under rt.mu, by the
// owner; there must be room.
func (l *lane) set(i int, t *core) { l.tasks[(l.tail.Load()+uint32(i))%laneSize] = t }

// put adds n tasks that were set, with one store for all of them: it takes as long as the
// rest. Under rt.mu, by the owner.
func (l *lane) put(n int) {
	if n == 0 {
		return
	}
	l.shared = true
	l.tail.Store(l.tail.Load() + uint32(n))
}

// len is exact for the owner under rt.mu, and else at most one moment old.
func (l *lane) len() int { return int(int32(l.tail.Load() - l.head.Load())) }

// current puts t where the task that was taken last has stood, so that those who look at
// the lanes see it. No share reaches that place. Under rt.mu, by the owner, while the
// lane is empty.
func (l *lane) current(t *core) {
	if l.shared { // a busy worker would keep them, and their results, until its next share
		l.forget()
	}
	l.tasks[(l.tail.Load()-1)%laneSize] = t
}

// forget lets go of tasks that were taken. Under rt.mu, empty.
func (l *lane) forget() {
	clear(l.tasks[:])
	l.shared = false
}

func (l *lane) counts() uint64 {
	return l.completed.Load() + l.cancelled.Load() + l.panicked.Load()
}

// count counts a result. Only the owner writes, so no addition is lost.
func (l *lane) count(how outcome) {
	c := &l.completed
	switch how {
	case wasStopped:
		c = &l.cancelled
	case hasPanicked:
		c = &l.panicked
	}
	c.Store(c.Load() + 1)
}
