package task

// Stats are the counts of a runtime at a moment.
type Stats struct {
	Workers int // the most tasks that run at once
	Running int // workers that run, or look for something to run
	Ready   int // tasks that wait for a worker
	Waiting int // tasks that wait for something else, or are blocking work
	Lent    int // extra workers, for those that are stuck

	Spawned   uint64
	Completed uint64 // returned, with or without an error
	Cancelled uint64 // ended before they returned
	Panicked  uint64 // or called runtime.Goexit

	BlockingLimit   int
	BlockingRunning int
	BlockingQueued  int
}

func (s *Stats) count(err error) {
	// Compared, not unwrapped: a task that returns what another one came to has
	// completed.
	switch err {
	case ErrCancelled, ErrShutdown: //nolint:errorlint // see above
		s.Cancelled++
		return
	case ErrGoexit:
		s.Panicked++
		return
	}
	if _, ok := err.(*PanicError); ok { //nolint:errorlint // see above
		s.Panicked++
		return
	}
	s.Completed++
}

// Stats returns the counts of rt, taken at one moment.
func (rt *Runtime) Stats() Stats {
	rt.mu.Lock()
	defer rt.mu.Unlock()
	s := rt.stats
	s.Workers, s.Running, s.Ready, s.Lent = rt.workers, rt.active, rt.ready.n, rt.lent
	s.BlockingLimit, s.BlockingRunning, s.BlockingQueued = rt.block.limit, rt.block.running, rt.block.queue.n
	s.Waiting = max(0, rt.live-rt.active-rt.ready.n)
	return s
}
