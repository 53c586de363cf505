package probe

import (
	"slices"
	"sync"
)

// maxEnded is how many tasks that have ended are remembered, of those that have ended well,
// and of the others: a panic is looked for when many more tasks have come and gone.
const maxEnded = 64

// ended has the latest tasks that have ended, by whether they have failed. Their
// details are computed on request: most are never requested.
var ended struct {
	mu   sync.Mutex
	well endedTasks
	bad  endedTasks
}

type endedTasks struct {
	looks [maxEnded]func() Task
	n     int // how many there were
}

// EndTask forgets the record of a task, which has ended, and remembers look instead, among
// the latest. look must not lead to the task, or to anything that is large or of use to
// others. A caller of [Tasks] and then [Ended] misses no task and may get one twice.
func EndTask(id uint64, failed bool, look func() Task) {
	ended.mu.Lock()
	list := &ended.well
	if failed {
		list = &ended.bad
	}
	list.looks[list.n%maxEnded] = look
	list.n++
	ended.mu.Unlock()
	RemoveTask(id)
}

// ForgetEnded forgets the tasks that have ended.
func ForgetEnded() {
	ended.mu.Lock()
	defer ended.mu.Unlock()
	ended.well, ended.bad = endedTasks{}, endedTasks{}
}

// Ended returns the latest tasks that have ended.
func Ended() []Task {
	ended.mu.Lock()
	looks := slices.Concat(ended.well.looks[:], ended.bad.looks[:])
	ended.mu.Unlock()
	var all []Task
	for _, look := range looks {
		if look != nil {
			all = append(all, look())
		}
	}
	return all
}
