package probe

import (
	"sync"
	"sync/atomic"
)

// An actor is a task, which has an ID from [NextID], or a goroutine. The ID of a goroutine
// is its number plus goroutines, so no table is needed that would grow with the goroutines
// of a program: the runtime never gives a number to two of them. The sum stays below 2^53,
// what JavaScript counts exactly, up to some 10^15 goroutines.
const goroutines = 1 << 52

// IsGoroutine reports whether an actor is a goroutine, and not a task.
func IsGoroutine(actor uint64) bool { return actor >= goroutines }

// Self returns the actor that the calling goroutine is: the task that it runs, if it has
// adopted one, or else itself. It costs what [Goroutine] costs, and a lock that few share.
func Self() uint64 { return ActorOf(Goroutine()) }

// ActorOf is Self for a goroutine by its number.
func ActorOf(goroutine uint64) uint64 {
	if adopters.Load() == 0 {
		return goroutine + goroutines // the caller's own adoption would be seen
	}
	s := &adopted[goroutine%shards]
	s.mu.Lock()
	task := s.tasks[goroutine]
	s.mu.Unlock()
	if task != 0 {
		return task
	}
	return goroutine + goroutines
}

const shards = 64

// adopters is how many goroutines stand for a task, so that nothing is locked while no task
// is observed.
var adopters atomic.Int64

// adopted has the task that a goroutine runs, of those that run one.
var adopted [shards]struct {
	mu    sync.Mutex
	tasks map[uint64]uint64
	_     [48]byte
}

// Adopt has a goroutine stand for a task, or for itself if task is 0, and returns the task
// that it stood for before, or 0. A goroutine that ends must have been released.
func Adopt(goroutine, task uint64) (before uint64) {
	s := &adopted[goroutine%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	before = s.tasks[goroutine]
	switch {
	case task == 0:
		delete(s.tasks, goroutine)
	case s.tasks == nil:
		s.tasks = map[uint64]uint64{goroutine: task}
	default:
		s.tasks[goroutine] = task
	}
	switch {
	case before == 0 && task != 0:
		adopters.Add(1)
	case before != 0 && task == 0:
		adopters.Add(-1)
	}
	return before
}

// Release ends what Adopt began.
func Release(goroutine uint64) { Adopt(goroutine, 0) }

// Name names the calling goroutine until undo is called, from wherever, which gives it back
// the name that it had.
func Name(name string) (undo func()) {
	id := Goroutine() + goroutines
	before := names.get(id)
	names.put(id, Cut(name, MaxText))
	return func() { names.set(id, before) }
}

// Actors returns what is known of actors. Those of tasks have a name as long as it is
// remembered, which is longer than the task is.
func Actors(ids []uint64) []Actor {
	out := make([]Actor, 0, len(ids))
	for _, id := range ids {
		a := Actor{ID: id, Name: names.get(id), IsTask: id < goroutines}
		if !a.IsTask {
			a.Goroutine = id - goroutines
		}
		out = append(out, a)
	}
	return out
}

// maxNames bounds how many names are remembered: at least so many, at most twice that.
const maxNames = 1 << 14

// names has the names of actors. Their number over time is unbounded, and the end
// of a goroutine cannot be observed, so the names looked up least recently are dropped,
// half of them at a time.
var names nameTable

type nameTable struct {
	mu         sync.Mutex
	young, old map[uint64]string
}

func (t *nameTable) put(id uint64, name string) {
	if name != "" {
		t.set(id, name)
	}
}

// set is put, where "" takes the name away.
func (t *nameTable) set(id uint64, name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if name == "" {
		delete(t.young, id)
		delete(t.old, id)
		return
	}
	t.add(id, name)
}

func (t *nameTable) add(id uint64, name string) {
	if len(t.young) >= maxNames {
		t.old, t.young = t.young, nil
	}
	if t.young == nil {
		t.young = make(map[uint64]string)
	}
	t.young[id] = name
}

func (t *nameTable) get(id uint64) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if name, ok := t.young[id]; ok {
		return name
	}
	name, ok := t.old[id]
	if ok {
		t.add(id, name)
	}
	return name
}
