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
