package task

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/handoff-go/handoff/future"
)

// core is a task without the type of its result. It is its own context.Context,
// its own waker and its own node in the run queue and in the tree, so that a
// pending polled task is one allocation.
type core struct {
	rt     *Runtime
	body   body
	kind   kind
	state  atomic.Uint32 // bits, see below
	id     uint64
	parent uint64
	born   time.Duration // since the start of rt
	name   string
	next   *core // in the run queue

	// The tree, under rt.mu; see tree.go.
	up, prev, sib, kids *core
	ghost               bool
	subscribed          bool // to the end of base
	link                *link

	base  context.Context // the nearest context above that is not a task
	cause error           // why it was cancelled; written under rt.mu before the bit
	cx    future.Context  // polled tasks

	slot *slot // function tasks

	mu      sync.Mutex
	err     error
	waiters *waitNode
	closed  chan struct{} // JoinHandle.Done
}

// body is the typed part of a task.
type body interface {
	poll(cx *future.Context) (ready bool, err error)
	call(ctx context.Context) error
	// release gives up what the task would still do. It is called once, at the end.
	release()
}

type kind uint8

const (
	polled kind = iota
	function
	blocking
	root   // of the tree
	source // stands for a context that is not ours
)

// Bits of state.
const (
	queued    = 1 << iota // a polled task stands in the run queue, or must again after its poll
	running               // a polled task is polled
	done                  // the result stands
	cancelled             // the context has ended
	detached              // the handle was dropped
	started               // a blocking task runs, or was cancelled before
)

func (t *core) has(bits uint32) bool { return t.state.Load()&bits != 0 }

// Wake implements future.Waker for polled tasks: it has the task polled once more.
func (t *core) Wake() {
	for {
		s := t.state.Load()
		if s&(queued|done) != 0 {
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

// settle makes the result visible and wakes those who wait for it.
func (t *core) settle(err error) {
	p, panicked := err.(*PanicError) //nolint:errorlint // its own panic, not one that it received from another task
	if panicked {
		t.rt.undeliver(t, p)
	}
	t.mu.Lock()
	t.err = err
	t.state.Or(done)
	n := t.detach()
	if t.closed != nil {
		close(t.closed)
	}
	t.mu.Unlock()
	n.wake()
	if panicked && t.has(detached) {
		t.rt.report(t)
	}
}
