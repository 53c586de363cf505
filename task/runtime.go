package task

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"

	"github.com/panjf2000/ants/v2"

	"github.com/handoff-go/handoff/internal/bubble"
	"github.com/handoff-go/handoff/internal/park"
)

// Runtime runs tasks. Make one with [New], end it with [Runtime.Shutdown]. Its methods
// may be called from anywhere, at any time.
//
// One mutex guards all of its parts but config, so that no order of locks is needed between them:
// a wait, for example, releases a slot, leaves the tree and arms the ticker in one step.
type Runtime struct {
	config

	mu sync.Mutex
	scheduler
	scope
	ticker
	panicLog
	lifecycle
	stats Stats // only its counters
}

// config is set by New and never written afterwards, so it is read without a lock.
type config struct {
	pool    *ants.Pool
	workers int
	relief  time.Duration
	name    string
	logger  *slog.Logger
	handler func(*PanicError)
	begun   time.Time
	seeded  bool
	aside   *rand.Rand // for the choices of blocking work under a seed; see Choose
	sites   bool
	bubble  uint64 // the synctest bubble that it belongs to, or 0
}

// New makes a runtime. It starts the two housekeeping goroutines of its ants pool and
// no worker. It fails if an option has a bad value.
//
// A runtime made inside a synctest bubble belongs to the bubble. Spawning, cancelling, waiting
// and Shutdown panic outside of it, as they do inside a bubble for a runtime made outside;
// [Runtime.Stats] and [Runtime.Dump] do not. The housekeeping goroutines keep the clock of the
// bubble running, so synctest does not detect that all tasks wait for each other: give such a
// test a context with a deadline.
func New(opts ...Option) (*Runtime, error) {
	findCancelKey()
	rt := &Runtime{
		config:    config{workers: runtime.GOMAXPROCS(0), relief: 20 * time.Millisecond, begun: time.Now()},
		scheduler: scheduler{block: blockingPool{limit: defaultBlocking}},
		scope:     scope{sources: make(map[<-chan struct{}]*core)},
		panicLog:  panicLog{panics: make(map[uint64]*PanicError)},
		lifecycle: lifecycle{isQuiet: make(chan struct{}), released: make(chan struct{})},
	}
	rt.root.rt, rt.root.kind = rt, root
	for _, opt := range opts {
		if opt == nil {
			return nil, errors.New("task: New with a nil option")
		}
		if err := opt(rt); err != nil {
			return nil, err
		}
	}
	rt.bubble = bubble.Number()
	if rt.seeded {
		rt.workers, rt.relief = 1, 0
	}
	// Unlimited: the runtime counts its workers itself, and a Submit never blocks.
	var err error
	unlabelled(func() { rt.pool, err = ants.NewPool(-1) })
	if err != nil {
		return nil, fmt.Errorf("task: %w", err)
	}
	if rt.seeded {
		park.Exploring.Add(1)
	}
	rt.watch = time.AfterFunc(time.Hour, rt.onTick)
	rt.watch.Stop()
	return rt, nil
}

type runtimeKey struct{}

// runtimeContext is the context that Runtime.Context returns. It is a type of its own so that
// a spawn recognises it by a type switch, without a call of Value.
type runtimeContext struct {
	context.Context

	rt *Runtime
	up *core // the task that the context belongs to, if that is one of rt
}

func (c *runtimeContext) Value(key any) any {
	switch key {
	case runtimeKey{}:
		return c.rt
	case park.Key:
		return (*finder)(c.rt)
	case park.ChooserKey:
		if t := c.rt.chooserHere(); t != nil {
			return t
		}
	}
	return c.Context.Value(key)
}

// Context returns a context under which tasks are spawned on rt. It ends with parent,
// and so do the tasks; Shutdown ends the tasks and not this context. It is one
// allocation.
func (rt *Runtime) Context(parent context.Context) context.Context {
	need(parent != nil, "nil context")
	need(rt.pool != nil, "a Runtime that was not made by New")
	up, _ := parent.Value(currentKey{}).(*core)
	if up != nil && up.rt != rt {
		up = nil
	}
	return &runtimeContext{parent, rt, up}
}

var global struct {
	sync.Mutex
	rt *Runtime
}

// Default returns the runtime for contexts that belong to no other: GOMAXPROCS workers and
// default options. It is made by the first use, and again by the first use after its
// Shutdown. Inside a synctest bubble it panics.
func Default() *Runtime {
	if bubble.Inside() {
		// A worker started there would belong to the bubble, one started elsewhere not;
		// both end in a fatal error far from its cause.
		panic("task: the default runtime cannot run inside a synctest bubble; make one there with task.New and use its Context")
	}
	global.Lock()
	defer global.Unlock()
	if global.rt == nil {
		rt, err := New()
		if err != nil {
			panic(err) // the options are ours
		}
		global.rt = rt
	}
	return global.rt
}

// place returns the runtime for ctx and the task of it that ctx belongs to, if any.
func place(ctx context.Context) (*Runtime, *core) {
	switch c := ctx.(type) {
	case *core:
		return c.rt, c
	case *runtimeContext:
		return c.rt, c.up
	}
	need(ctx != nil, "nil context")
	rt, _ := ctx.Value(runtimeKey{}).(*Runtime)
	if rt == nil {
		rt = Default()
	}
	t, _ := ctx.Value(currentKey{}).(*core)
	if t != nil && t.rt != rt {
		t = nil
	}
	return rt, t
}
