package probe

import (
	"cmp"
	"maps"
	"runtime"
	"slices"
	"sync"
	"weak"
)

// registry finds the records of one kind. It holds none of them: an entry has a weak
// pointer to what is described, and goes away with it.
type registry[R any] struct {
	mu      sync.Mutex
	entries map[uint64]*entry[R]
}

type entry[R any] struct {
	id      uint64
	look    func() (R, bool)
	cleanup runtime.Cleanup
}

var (
	channels registry[Channel]
	tasks    registry[Task]
)

// AddChannel has [Channels] ask look about what p points to, as long as that exists. look
// must not lead to it. It is called without holding a lock, on the goroutine that calls [Channels].
func AddChannel[P any](p *P, id uint64, look func(*P) Channel) { add(&channels, p, id, look) }

// AddTask is AddChannel for a task, which is remembered as an actor with that name.
func AddTask[P any](p *P, id uint64, name string, look func(*P) Task) {
	names.put(id, name)
	add(&tasks, p, id, look)
}

// RemoveTask forgets the record of a task before the task is garbage.
func RemoveTask(id uint64) { tasks.remove(id, true) }

// Channels returns the channels that are recorded and in use, the oldest first.
func Channels() []Channel { return channels.all() }

// Tasks returns the tasks that are recorded and in use, the oldest first.
func Tasks() []Task { return tasks.all() }

func add[P, R any](r *registry[R], p *P, id uint64, look func(*P) R) {
	ref := weak.Make(p)
	e := &entry[R]{id: id, look: func() (zero R, ok bool) {
		if p := ref.Value(); p != nil {
			return look(p), true
		}
		return zero, false
	}}
	r.mu.Lock()
	if r.entries == nil {
		r.entries = make(map[uint64]*entry[R])
	}
	r.entries[id] = e
	e.cleanup = runtime.AddCleanup(p, func(id uint64) { r.remove(id, false) }, id)
	r.mu.Unlock()
	runtime.KeepAlive(p)
}

func (r *registry[R]) remove(id uint64, alive bool) {
	r.mu.Lock()
	e := r.entries[id]
	delete(r.entries, id)
	r.mu.Unlock()
	if alive && e != nil {
		e.cleanup.Stop()
	}
}

func (r *registry[R]) all() []R {
	r.mu.Lock()
	entries := slices.Collect(maps.Values(r.entries))
	r.mu.Unlock()
	slices.SortFunc(entries, func(a, b *entry[R]) int { return cmp.Compare(a.id, b.id) })
	out := make([]R, 0, len(entries))
	for _, e := range entries {
		if rec, ok := e.look(); ok {
			out = append(out, rec)
		}
	}
	return out
}
