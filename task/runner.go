package task

import (
	"sync"

	"github.com/handoff-go/handoff/internal/park"
	"github.com/handoff-go/handoff/internal/probe"
)

// runner is a goroutine that runs tasks of a runtime: a worker, one of the blocking
// pool, or one inside BlockOn. A slot belongs to the goroutine that runs the task, and
// not to the context of the task: any number of goroutines may wait under that context,
// and only one of them can release the slot and acquire one again. So a wait looks up its
// goroutine here, and finds the same task whichever context of the runtime it is under.
//
// A runner is used by its own goroutine only, so its fields need no lock.
//
// Rejected: the number of the goroutine in each task, compared with that of a wait under
// its context. It saves the lookup, and does not find the task of a wait under the
// context of another one (the parent's, the outer BlockOn's, the runtime's), which then
// holds its slot while it waits. The core also has no room for the number.
type runner struct {
	goroutine uint64
	// task is the innermost function task, BlockOn or blocking work that runs here. It is
	// nil during a poll, which must not release the slot of its worker, and between tasks.
	task *core
	next *runner // in its bucket
}

// runners has the runners of a runtime by the number of their goroutine: hash tables of
// which each has a lock of its own, a leaf. A map in place of the lists took BlockOn a
// quarter longer, and would keep its memory after a burst.
type runners [16]struct {
	mu      sync.Mutex
	buckets []*runner // a power of two of them
	n       int
	_       [24]byte // a cache line for each
}

// firstBuckets is how many buckets a table has at first.
const firstBuckets = 8

// add returns the runner that the calling goroutine is, or makes it r and returns nil.
func (rs *runners) add(r *runner) (other *runner) {
	if r.goroutine == 0 {
		r.goroutine = probe.Goroutine()
	}
	s := &rs[r.goroutine%uint64(len(rs))]
	s.mu.Lock()
	if s.buckets == nil {
		s.buckets = make([]*runner, firstBuckets)
	}
	b := bucket(s.buckets, r.goroutine)
	for other = *b; other != nil && other.goroutine != r.goroutine; {
		other = other.next
	}
	if other == nil {
		r.next, *b = *b, r
		if s.n++; s.n > 2*len(s.buckets) {
			s.buckets = rehash(s.buckets)
		}
	}
	s.mu.Unlock()
	return other
}

// bucket returns where the list of a goroutine begins. The low bits have chosen the table.
func bucket(buckets []*runner, goroutine uint64) **runner {
	return &buckets[goroutine/16&uint64(len(buckets)-1)]
}

func rehash(old []*runner) []*runner {
	buckets := make([]*runner, 2*len(old))
	for _, r := range old {
		for r != nil {
			next := r.next
			b := bucket(buckets, r.goroutine)
			r.next, *b = *b, r
			r = next
		}
	}
	return buckets
}

// remove undoes add, on any goroutine.
func (rs *runners) remove(r *runner) {
	s := &rs[r.goroutine%uint64(len(rs))]
	s.mu.Lock()
	b := bucket(s.buckets, r.goroutine)
	for *b != r {
		b = &(*b).next
	}
	*b, r.next = r.next, nil
	if s.n--; s.n == 0 && len(s.buckets) > firstBuckets {
		s.buckets = nil // what a burst needed
	}
	s.mu.Unlock()
}

// at returns the runner that a goroutine is, or nil.
func (rs *runners) at(goroutine uint64) (r *runner) {
	s := &rs[goroutine%uint64(len(rs))]
	s.mu.Lock()
	if s.n > 0 {
		for r = *bucket(s.buckets, goroutine); r != nil && r.goroutine != goroutine; {
			r = r.next
		}
	}
	s.mu.Unlock()
	return r
}

// taskHere returns the task of rt that the calling goroutine runs, or nil.
func (rt *Runtime) taskHere() *core {
	if r := rt.runners.at(probe.Goroutine()); r != nil {
		return r.task
	}
	return nil
}

// finder is a Runtime as what its contexts answer under park.Key. It is a type of its own
// because a method Here would be part of the API.
type finder Runtime

// Here implements park.Finder.
func (f *finder) Here() park.Host {
	if t := (*Runtime)(f).taskHere(); t != nil {
		return t
	}
	return nil
}
