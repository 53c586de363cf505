package observe

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/handoff-go/handoff/internal/probe"
)

// sources are the registered channels elsewhere.
var sources struct {
	sync.Mutex
	all map[uint64]*source
}

// source is one of them.
type source struct {
	about Remote
	ask   func(*Remote)

	mu     sync.Mutex
	last   Remote // what it said the last time
	asking bool   // a call of ask has not returned
}

// patience is how long a snapshot waits for all sources together. One that takes longer is
// shown as it was before.
const patience = 20 * time.Millisecond

// Register has a channel whose messages are elsewhere appear in snapshots, until
// unregister is called, which may be called more than once. It is for packages that
// connect channels to other processes, as package remote does.
//
// about is what never changes, and its ID is chosen here. ask gets a copy of it at each
// [Snapshot] while recording is on, and fills in what it knows at that moment. It should
// not block: it answers with what was known last and when that was, and asks
// its server in the background. Whatever it does, a snapshot goes on without it after a
// moment, and then shows what it said before. It is not called again before it has
// returned, and may still be running when unregister returns. A panic in it becomes the
// Err of the row.
//
// The source is held until it is unregistered: a channel elsewhere ends with its
// connection, and not with the collector.
func Register(about Remote, ask func(*Remote)) (unregister func()) {
	about.ID = probe.NextID()
	s := &source{about: about, ask: ask, last: about}
	s.last.Err = "it has not reported anything yet"
	sources.Lock()
	defer sources.Unlock()
	if sources.all == nil {
		sources.all = make(map[uint64]*source)
	}
	sources.all[about.ID] = s
	return func() {
		sources.Lock()
		defer sources.Unlock()
		delete(sources.all, about.ID)
	}
}

// remoteRows asks all sources at once, each on a goroutine of its own: one that hangs must
// hold up neither the snapshot nor the others, and its goroutine is its own fault.
func remoteRows() []Remote {
	sources.Lock()
	all := make([]*source, 0, len(sources.all))
	for _, s := range sources.all {
		all = append(all, s)
	}
	sources.Unlock()
	rows := make([]Remote, 0, len(all))
	if len(all) == 0 {
		return rows
	}
	slices.SortFunc(all, func(a, b *source) int { return cmp.Compare(a.about.ID, b.about.ID) })
	answers := make(chan struct{}, len(all))
	asked := 0
	for _, s := range all {
		if s.begin() {
			asked++
			go s.answer(answers)
		}
	}
	enough := time.NewTimer(patience)
	defer enough.Stop()
	for late := false; asked > 0 && !late; asked-- {
		select {
		case <-answers:
		case <-enough.C:
			late = true
		}
	}
	for _, s := range all {
		s.mu.Lock()
		rows = append(rows, s.last)
		s.mu.Unlock()
	}
	return rows
}

// begin reports whether the source may be asked: not while it still thinks.
func (s *source) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	begun := !s.asking
	s.asking = true
	return begun
}

func (s *source) answer(done chan<- struct{}) {
	row, returned := s.about, false
	defer func() {
		failure := recover()
		s.mu.Lock()
		defer s.mu.Unlock()
		switch {
		case returned:
			row.ID = s.about.ID
			s.last = row
		case failure != nil:
			s.last.Err = fmt.Sprintf("panic: %v", failure)
		default:
			s.last.Err = "it has ended the goroutine that asked it"
		}
		s.asking = false
		done <- struct{}{}
	}()
	s.ask(&row)
	returned = true
}
