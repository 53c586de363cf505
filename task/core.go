package task

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/handoff-go/handoff/future"
)

// core is a task without the type of its result. It is its own context.Context,
// waker, park.Host and node in the run queue and in the tree, so that a pending task is one
// allocation.
//
// Its size counts: it is most of what a handle allocates, and with a result of a word
// the handle fills a size class of Go's allocator exactly (TestHandleFitsItsSizeClass).
// The fields that a worker reads of a task that is ready at its first poll come first, on one
// cache line, because usually another processor has written them.
type core struct {
	state atomic.Uint32 // bits, see below
	turn  atomic.Uint32 // of all but polled tasks; see host.go
	rt    *Runtime
	body  body
	next  *core           // in the run queue; of a task that lent its slot, the BlockOn
	base  context.Context // the nearest context above that is not a task
	side  atomic.Pointer[side]

	kind kind
	slot slot  // what it needs to run; see slot.go; under rt.mu
	born stamp // as the coarse clock of rt had it, in milliseconds

	cx     future.Context
	id     uint64
	parent uint64
	code   uintptr // the entry of the function, or the type of the future

	up        *branch // the tree, under rt.mu
	prev, sib *core

	mu      sync.Mutex
	waiters *waitNode
}

// stamp is a time since the start of a runtime, in milliseconds. Its parts fill a gap
// of six bytes that a time.Duration does not fit into.
type stamp [3]uint16

func stampOf(d time.Duration) stamp {
	ms := d.Milliseconds()
	return stamp{uint16(ms), uint16(ms >> 16), uint16(ms >> 32)}
}

func (s stamp) duration() time.Duration {
	return time.Duration(int64(s[0])|int64(s[1])<<16|int64(s[2])<<32) * time.Millisecond
}

// side holds rarely used state of a task. It is allocated on demand; see ensureSide.
type side struct {
	name string
	site [4]uintptr // callers of the spawn, for named tasks and WithSpawnSites

	turn chan struct{} // of a task that waits as a goroutine; capacity 1

	err error // of the task, if there is one; written before the bit done

	record *record // if the task is observed; set by prepare

	inner atomic.Pointer[inner] // see inner.go; set once, under rt.mu

	// Under rt.mu:
	branch  *branch         // of the tree
	on      any             // what a task that waits as a goroutine waits for
	stop    func() bool     // of a source: unregisters it
	key     <-chan struct{} // of a source: the Done of its context
	removed bool            // the source was removed

	// Under the core's mu:
	closed chan struct{} // JoinHandle.Done
	locals map[any]any
}

// ensureSide returns the side of t, and allocates it if there is none.
func (t *core) ensureSide() *side {
	if s := t.side.Load(); s != nil {
		return s
	}
	s := new(side)
	if t.side.CompareAndSwap(nil, s) {
		return s
	}
	return t.side.Load()
}

// body is the typed part of a task.
type body interface {
	poll(cx *future.Context) (ready bool, err error)
	call(ctx context.Context) error
	// dropBody drops the future, or the function, of a task that will not run it. It may be
	// called again.
	dropBody()
	// discard clears the result of a task that ended with err, and discards the value. It is
	// called once: by Drop or publishResult, whichever comes last.
	discard(err error)
}

type kind uint8

const (
	polled kind = iota
	function
	blocking
	root     // of the tree
	source   // stands for a context of user code
	finished // takes the place of a task that returned before tasks that it spawned
)

// Bits of state.
const (
	queued          = 1 << iota // a polled task is in the run queue, or must be again after its poll
	running                     // a task is polled, or its function was started
	pended                      // a polled task was polled before
	over                        // the task has returned; its context has ended
	done                        // the result is published
	cancelled                   // the context was ended from outside
	noted                       // Err has seen the end of the context above
	byShutdown                  // the reason, see mark: Shutdown
	byCancel                    // Cancel
	byAbove                     // the context above
	byDeadline                  // and that by its deadline
	detached                    // the handle was dropped
	delivered                   // the result was returned to a caller
	watched                     // a wait for the end is registered, under mu
	started                     // a blocking task runs, or was cancelled before
	inTree                      // the task is in the tree, or was; under rt.mu
	subscribeCalled             // subscribe was called: the end of the context above wakes the task
	subscribed                  // the node is below a source, if it needs one; under rt.mu
)

func (t *core) has(bits uint32) bool { return t.state.Load()&bits != 0 }

// Wake implements future.Waker: it queues a polled task for another poll, and resumes any
// other task.
func (t *core) Wake() {
	if t.kind != polled {
		t.Resume()
		return
	}
	for {
		s := t.state.Load()
		if s&(queued|over|done) != 0 {
			return
		}
		if t.state.CompareAndSwap(s, s|queued) {
			if s&running == 0 {
				t.rt.push(t)
			}
			return // else the worker sees the bit after the poll
		}
	}
}

// err returns the error of the result of t. It is valid once t is done.
func (t *core) err() error {
	if side := t.side.Load(); side != nil {
		return side.err
	}
	return nil
}

// cause returns why the context of t was ended from outside, or nil.
func (t *core) cause() error {
	switch s := t.state.Load(); {
	case s&cancelled == 0:
		return nil
	case s&byShutdown != 0:
		return ErrShutdown
	case s&byDeadline != 0:
		return context.DeadlineExceeded
	default:
		return ErrCancelled
	}
}
