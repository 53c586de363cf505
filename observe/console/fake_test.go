package console

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/handoff-go/handoff/observe"
)

// fake is a program that a test writes down.
type fake struct {
	mu        sync.Mutex
	state     observe.State
	events    []observe.Event
	snapshots atomic.Int64
}

func (f *fake) source() source {
	return source{
		snapshot: func() *observe.State {
			f.snapshots.Add(1)
			f.mu.Lock()
			defer f.mu.Unlock()
			s := f.state
			s.Channels = append([]observe.Channel(nil), f.state.Channels...)
			s.Tasks = append([]observe.Task(nil), f.state.Tasks...)
			s.Remote = append([]observe.Remote(nil), f.state.Remote...)
			s.Taken = time.Now()
			return &s
		},
		recorded: func() observe.Recording {
			f.mu.Lock()
			defer f.mu.Unlock()
			return observe.Recording{Events: append([]observe.Event(nil), f.events...)}
		},
	}
}

// change is what happens in the program.
func (f *fake) change(what func(*observe.State)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	what(&f.state)
}

func from(f *fake) Option { return func(c *config) { c.source = f.source() } }
