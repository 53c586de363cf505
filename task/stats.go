package task

import "time"

// Stats are the counts of a runtime at one moment. An int is a current number, a uint64 a total
// since the start.
type Stats struct {
	Workers int // the most tasks that run at once
	Running int // workers that run, or look for something to run
	Ready   int // tasks that wait for a worker
	Waiting int // tasks that wait for something else, or are blocking work
	Lent    int // extra workers, for those that are stuck

	Relieved uint64 // workers that were lent

	// LongestWait is the longest time since the start that a task was queued for a
	// worker. Only one queued task at a time is measured, to about a millisecond.
	LongestWait time.Duration

	Spawned   uint64 // tasks that were begun
	Completed uint64 // returned, with or without an error
	Cancelled uint64 // ended before they returned
	Panicked  uint64 // or called runtime.Goexit

	BlockingLimit   int // the most functions of SpawnBlocking that run at once
	BlockingRunning int // goroutines that run them, or look for one to run
	BlockingQueued  int // functions that wait for one of these
}

func (s *Stats) count(how outcome) {
	switch how {
	case wasStopped:
		s.Cancelled++
	case hasPanicked:
		s.Panicked++
	default:
		s.Completed++
	}
}

// Stats returns the counts of rt, taken at one moment, under the runtime's lock. It
// allocates nothing.
func (rt *Runtime) Stats() Stats {
	rt.mu.Lock()
	defer rt.mu.Unlock()
	return rt.statsLocked()
}

func (rt *Runtime) statsLocked() Stats {
	s := rt.stats
	for _, l := range rt.lanes.all {
		s.Completed += l.completed.Load()
		s.Cancelled += l.cancelled.Load()
		s.Panicked += l.panicked.Load()
	}
	s.Workers, s.Running, s.Ready, s.Lent = rt.workers, rt.active, rt.backlog(), rt.lent
	s.BlockingLimit, s.BlockingRunning, s.BlockingQueued = rt.block.limit, rt.block.running, rt.block.queued
	s.Waiting = max(0, rt.live()-rt.active-s.Ready)
	s.LongestWait = rt.longest
	return s
}
