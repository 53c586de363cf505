//go:build handoff_sched

package sched

import (
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"
)

// Program is what is explored: goroutines that use one thing together. It is made
// again for each run, must do the same each time but for the order, and may wait for
// nothing but what this package offers.
type Program struct {
	Threads []Thread
	// Always is checked before each step, and sees the state as it is then: an
	// invariant. It may be nil.
	Always func() error
	// After is checked when all threads have returned. It may be nil.
	After func() error
}

// Thread is one goroutine of a program.
type Thread struct {
	Name string
	Body func()
}

// run is one run of a program. One of its threads at a time goes on; that one owns
// the run and hands both over together, so nothing in here needs a lock.
type run struct {
	program *Program
	threads []*thread
	now     *thread
	choose  func(options int, free bool) int

	options []*thread // scratch of pick
	steps   int
	quiet   bool // an invariant or a condition is looked at, which is no step
	aborted bool
	failure error
	trace   *trace // nil, or where the steps are written down

	ended chan struct{}
}

type thread struct {
	Thread
	turn  chan struct{} // capacity 1
	ready func() bool   // nil, or what it waits for
	done  bool
}

// maxSteps is far more than a program of a few operations takes: one that takes more
// runs in circles.
const maxSteps = 20_000

// active is the run that goes on, if there is one. Other tests of a binary that is
// built with the tag find none and are not disturbed.
var active atomic.Pointer[run]

func current() *run {
	if r := active.Load(); r != nil && !r.quiet {
		return r
	}
	return nil
}

// abort is what ends the goroutines of a run that has failed.
type abort struct{}

// do runs p to its end.
func (p *Program) do(choose func(options int, free bool) int, t *trace) error {
	r := &run{program: p, choose: choose, trace: t, ended: make(chan struct{})}
	for _, body := range p.Threads {
		th := &thread{Thread: body, turn: make(chan struct{}, 1)}
		r.threads = append(r.threads, th)
		go r.body(th)
	}
	active.Store(r)
	r.next(nil, true)
	select {
	case <-r.ended:
	case <-time.After(10 * time.Second):
		panic("sched: a goroutine waits for something that the scheduler does not know")
	}
	active.Store(nil)
	if r.failure == nil && p.After != nil {
		r.failure = p.After()
	}
	return r.failure
}

func (r *run) body(t *thread) {
	<-t.turn
	if !r.aborted {
		r.call(t)
	}
	t.done = true
	if !r.aborted {
		if err := r.check(); err != nil {
			r.fail(err)
		}
	}
	r.next(nil, true)
}

func (r *run) call(t *thread) {
	defer func() {
		r.quiet = false
		if e := recover(); e != nil {
			if _, ok := e.(abort); !ok {
				r.fail(fmt.Errorf("%s panicked: %v\n%s", t.Name, e, debug.Stack()))
			}
		}
	}()
	t.Body()
}

func (r *run) fail(err error) {
	if r.failure == nil {
		r.failure = err
	}
	r.aborted = true
}

// next lets the chosen thread run. from is the thread that runs now, which may be chosen
// again, or nil if it has finished.
func (r *run) next(from *thread, free bool) {
	to := r.pick(from, free)
	switch to {
	case nil:
		close(r.ended)
		return
	case from:
		return
	}
	r.now = to
	to.turn <- struct{}{}
	if from != nil {
		<-from.turn
	}
}

// pick chooses the thread that runs next. After a failure every other thread runs once
// more, one after the other, to end.
func (r *run) pick(from *thread, free bool) *thread {
	if r.aborted {
		return r.unfinished()
	}
	options := r.options[:0]
	if !free {
		options = append(options, from)
	}
	r.quiet = true
	for _, t := range r.threads {
		if !t.done && (t != from || free) && (t.ready == nil || t.ready()) {
			options = append(options, t)
		}
	}
	r.quiet = false
	r.options = options
	switch len(options) {
	case 0:
		if left := r.unfinished(); left != nil {
			r.fail(r.deadlock())
			return left
		}
		return nil
	case 1:
		return options[0]
	}
	return options[r.choose(len(options), free)]
}

func (r *run) unfinished() *thread {
	for _, t := range r.threads {
		if !t.done {
			return t
		}
	}
	return nil
}

// ErrStuck is the failure of a run in which no thread is runnable although some have
// not finished: a deadlock or a lost wakeup.
var ErrStuck = errors.New("sched: no thread is runnable")

func (r *run) deadlock() error {
	var waits []string
	for _, t := range r.threads {
		if !t.done {
			waits = append(waits, t.Name)
		}
	}
	return fmt.Errorf("%w: waiting for ever: %s", ErrStuck, strings.Join(waits, ", "))
}

// step is a scheduling point of the running thread, which waits for ready if that is
// not nil.
func (r *run) step(ready func() bool) {
	if r.aborted {
		// Deferred calls of a thread that is being ended go through, unless they
		// would wait.
		if ready != nil && !ready() {
			panic(abort{})
		}
		return
	}
	t := r.now
	if r.steps++; r.steps > maxSteps {
		r.fail(fmt.Errorf("more than %d steps: it runs in circles", maxSteps))
		panic(abort{})
	}
	if err := r.check(); err != nil {
		r.fail(err)
		panic(abort{})
	}
	t.ready = ready
	r.next(t, ready != nil)
	t.ready = nil
	if r.aborted {
		panic(abort{})
	}
	if r.trace != nil {
		r.trace.add(r, t)
	}
}

func (r *run) check() error {
	if r.program.Always == nil {
		return nil
	}
	r.quiet = true
	defer func() { r.quiet = false }()
	return r.program.Always()
}

// Exploring reports whether the calling goroutine is part of an exploration.
func Exploring() bool { return current() != nil }

// Point is where another goroutine may go on.
func Point() {
	if r := current(); r != nil {
		r.step(nil)
	}
}

// Until lets others go on until ready reports true, which it may be asked at any time
// and must not change anything.
func Until(ready func() bool) {
	if r := current(); r != nil {
		r.step(ready)
	}
}

// Choose picks one of n ways to go on.
func Choose(n int) int {
	r := current()
	if r == nil || r.aborted || n < 2 {
		return 0
	}
	return r.choose(n, true)
}
