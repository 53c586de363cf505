package task

import (
	"context"
	"sync/atomic"
)

// slot is a function task as those who wait see it: park.Host. It stands for the
// right to run, of which a runtime gives out as many as it has workers.
//
// The states, moved by compare-and-swap:
//
//	idle ---Suspend--> suspended ---Resume--> ready ---a worker--> idle
//	idle ---Resume---> early ---Suspend--> idle, at once
type slot struct {
	t       *core
	state   atomic.Uint32
	claimed atomic.Bool
	turn    chan struct{} // capacity 1; made by the first wait
	holds   bool          // has a right to run; under rt.mu
	over    bool          // the task has finished; under rt.mu
}

const (
	slotIdle uint32 = iota
	slotEarly
	slotSuspended
	slotReady
)

// Claim implements park.Host.
func (s *slot) Claim() bool { return !s.t.has(done) && s.claimed.CompareAndSwap(false, true) }

// Unclaim implements park.Host.
func (s *slot) Unclaim() { s.claimed.Store(false) }

// Resume implements park.Host.
func (s *slot) Resume() {
	for {
		switch s.state.Load() {
		case slotIdle:
			if s.state.CompareAndSwap(slotIdle, slotEarly) {
				return
			}
		case slotSuspended:
			if s.state.CompareAndSwap(slotSuspended, slotReady) {
				s.t.rt.push(s.t)
				return
			}
		default:
			return
		}
	}
}

// Suspend implements park.Host.
func (s *slot) Suspend(ctx context.Context, _ any) {
	if s.turn == nil {
		s.turn = make(chan struct{}, 1)
	}
	var over <-chan struct{}
	if ctx == context.Context(s.t) {
		s.t.subscribe() // and its end calls Resume
		if s.t.has(cancelled) {
			return
		}
	} else {
		over = ctx.Done()
	}
	if !s.t.rt.giveWay(s, slotIdle, slotSuspended) {
		s.state.Store(slotIdle) // it was resumed early
		return
	}
	select {
	case <-s.turn:
		return
	case <-over:
	}
	s.Resume() // stand in line for a turn, unless somebody has put us there
	<-s.turn
}

// Explore implements park.Host.
func (s *slot) Explore() {
	rt := s.t.rt
	rt.mu.Lock()
	yield := rt.ready.rng != nil && rt.ready.rng.IntN(2) == 0
	rt.mu.Unlock()
	if yield {
		s.yield()
	}
}

// yield goes to the end of the line.
func (s *slot) yield() {
	if !s.Claim() {
		return
	}
	defer s.Unclaim()
	if s.turn == nil {
		s.turn = make(chan struct{}, 1)
	}
	for !s.t.rt.giveWay(s, slotIdle, slotReady) {
		s.state.Store(slotIdle) // a Resume that nobody waits for
	}
	<-s.turn
}
