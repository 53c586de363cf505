package task

import "sync/atomic"

// lane is the local run queue of a worker that polls, after those of the Go scheduler: tasks
// that it took from the run queue at once. An idle worker steals from the lanes of others, so
// the tasks in the lane of a stuck worker still run.
//
// The owner adds tasks, and other workers steal them, under rt.mu. The owner takes its own
// tasks without the lock. head moves by compare-and-swap; tail, and the entries between head
// and tail, change only under the lock.
type lane struct {
	tasks      [laneSize]*core
	head, tail atomic.Uint32 // they only grow; the index is the remainder by laneSize
	shared     bool          // tasks holds more than the current one; the owner's

	// Written by the owner, read by any goroutine.
	completed, cancelled, panicked atomic.Uint64
}

// laneSize bounds how much one worker takes ahead of others, and so how far the order
// of tasks may differ from that of the run queue.
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

// current puts t into the entry of the task that was taken last, so that Dump finds it there.
// set never reaches that entry. Under rt.mu, by the owner, while the lane is empty.
func (l *lane) current(t *core) {
	if l.shared { // a busy worker would keep them, and their results, until its next share
		l.forget()
	}
	l.tasks[(l.tail.Load()-1)%laneSize] = t
}

// forget clears the references to tasks that were taken. Under rt.mu, while the lane is empty.
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
