package task

// slot is which kind of slot a task needs to run, and whether it holds one. It is under rt.mu.
// The goroutine that runs the task may read it without the lock: others change it only
// while that goroutine waits for a slot.
//
// A function task, and a BlockOn called from outside, need one of the slots of the
// runtime, of which there are as many as workers. Blocking work needs one of the
// blocking pool. A BlockOn on the goroutine of a task borrows the slot of that task,
// whichever kind it is, and so the innermost task on a goroutine is the one that has the
// slot, releases it while it waits, and acquires one again before it goes on. When it ends it
// returns the slot to the task it borrowed it from. A BlockOn inside a poll, and a guest (see
// BlockOn), needs no slot: another task holds one, and its waits neither release a slot nor
// acquire one.
type slot uint8

const (
	noSlot       slot = iota
	workerSlot        // counted in rt.active
	blockingSlot      // counted in rt.block.running

	slotKind slot = 3
	held     slot = 4 // the task has it
	lent     slot = 8 // to the BlockOn that next of the core points to
)

func (s slot) kind() slot { return s & slotKind }

// borrow lends the slot of up to t, which is about to run on the same goroutine. Under
// rt.mu.
func (t *core) borrow(up *core) {
	t.slot = up.slot &^ lent
	up.slot = up.slot.kind() | lent
	up.next = t // it is not in the run queue, because it runs
}

// returnSlot ends a borrow: the BlockOn on the goroutine of up has ended. has is whether that held
// a slot, which is then held by up. Under rt.mu.
func (up *core) returnSlot(has bool) {
	up.next = nil
	up.slot &^= lent
	if has {
		up.slot |= held
	}
}

// computes reports whether t runs and has not stopped to wait, itself or in a BlockOn on
// its goroutine. Under rt.mu.
func (t *core) computes() bool {
	if t.has(over | done) {
		return false
	}
	if t.kind == polled {
		return t.has(running)
	}
	for t.slot&lent != 0 {
		t = t.next
	}
	turn := t.turn.Load()
	return turn == turnIdle || turn == turnEarly
}
