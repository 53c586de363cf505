package task

// Choose implements park.Chooser: a Race or a Select under the context of t draws from
// the seed.
//
// Blocking work has a generator of its own. It runs at the same time as the tasks, so
// its draws would come between theirs at a different place in each run.
func (t *core) Choose(n int) int {
	rt := t.rt
	rt.mu.Lock()
	defer rt.mu.Unlock()
	if t.kind == blocking {
		return rt.aside.IntN(n)
	}
	return rt.ready.rng.IntN(n)
}

// chooserHere returns the task by which a choice under a context of the runtime, and not of
// a task, is drawn from the seed: the one that the calling goroutine runs. It is nil without
// a seed, and on a goroutine that runs no task: a draw at a time of its own would change the
// order of the tasks.
func (rt *Runtime) chooserHere() *core {
	if !rt.seeded {
		return nil
	}
	return rt.taskHere()
}
