package task

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/panjf2000/ants/v2"

	"github.com/handoff-go/handoff/internal/park"
)

// Runtime runs tasks. Make one with [New], end it with [Runtime.Shutdown].
type Runtime struct {
	pool    *ants.Pool
	workers int
	relief  time.Duration
	name    string
	logger  *slog.Logger
	handler func(*PanicError)
	begun   time.Time
	seeded  bool
	ids     atomic.Uint64

	mu        sync.Mutex
	ready     queue
	active    int // rights to run that are given out
	searching int // of these, workers that look for a task
	polling   int // of these, workers in a poll
	live      int
	root      core // of the tree
	sources   map[<-chan struct{}]*core
	closing   bool
	stats     Stats // the counters of it
	panics    map[uint64]*PanicError
	block     blockingPool

	// See relief.go.
	watch    *time.Timer
	watching bool
	moved    bool
	still    time.Duration // since when nothing has moved
	period   time.Duration // that the timer was set to
	lent     int

	empty    sync.Once
	emptied  chan struct{} // closed when the last task ends after Shutdown
	released chan struct{}
}

// Option sets up a [Runtime].
type Option func(*Runtime) error

// WithWorkers sets how many tasks run at once; the default is GOMAXPROCS.
func WithWorkers(n int) Option {
	return func(rt *Runtime) error {
		if n < 1 {
			return fmt.Errorf("task: %d workers", n)
		}
		rt.workers = n
		return nil
	}
}

// WithBlockingLimit sets how many functions of [SpawnBlocking] run at once; the
// default is 500. More wait in a queue.
func WithBlockingLimit(n int) Option {
	return func(rt *Runtime) error {
		if n < 1 {
			return fmt.Errorf("task: blocking limit %d", n)
		}
		rt.block.limit = n
		return nil
	}
}

// WithName names the runtime in what it logs.
func WithName(name string) Option {
	return func(rt *Runtime) error { rt.name = name; return nil }
}

// WithLogger sets where undelivered panics are logged; the default is slog.Default.
func WithLogger(l *slog.Logger) Option {
	return func(rt *Runtime) error { rt.logger = l; return nil }
}

// WithPanicHandler sets what hears of a task's panic that nobody received: its
// handle was dropped, or not awaited when the runtime shut down. The default logs
// it with its stack. A panic of the handler itself is logged.
func WithPanicHandler(f func(*PanicError)) Option {
	return func(rt *Runtime) error { rt.handler = f; return nil }
}

// WithStallRelief sets after what time without progress a runtime whose workers are
// all stuck lends one more, as long as something is ready; the default is 20 ms and
// 0 turns it off.
func WithStallRelief(d time.Duration) Option {
	return func(rt *Runtime) error {
		if d < 0 {
			return fmt.Errorf("task: stall relief after %v", d)
		}
		rt.relief = d
		return nil
	}
}

// WithSeed has one worker choose the next ready task by a generator with this seed,
// so that a program whose tasks are all spawned and woken from inside runs the same
// way each time. It turns stall relief off.
func WithSeed(seed uint64) Option {
	return func(rt *Runtime) error {
		rt.seeded = true
		rt.ready.rng = rand.New(rand.NewPCG(seed, 0x68616e646f6666))
		return nil
	}
}

// New makes a runtime. It starts the two housekeeping goroutines of its ants pool
// and no worker. Inside a synctest bubble it belongs to the bubble.
func New(opts ...Option) (*Runtime, error) {
	rt := &Runtime{
		workers:  runtime.GOMAXPROCS(0),
		relief:   20 * time.Millisecond,
		begun:    time.Now(),
		sources:  make(map[<-chan struct{}]*core),
		panics:   make(map[uint64]*PanicError),
		block:    blockingPool{limit: defaultBlocking},
		emptied:  make(chan struct{}),
		released: make(chan struct{}),
	}
	rt.root.rt, rt.root.kind = rt, root
	for _, opt := range opts {
		if err := opt(rt); err != nil {
			return nil, err
		}
	}
	if rt.seeded {
		rt.workers, rt.relief = 1, 0
	}
	// Unlimited: the runtime counts its workers itself, and a Submit never blocks.
	pool, err := ants.NewPool(-1)
	if err != nil {
		return nil, fmt.Errorf("task: %w", err)
	}
	rt.pool = pool
	if rt.seeded {
		park.Exploring.Add(1)
	}
	rt.watch = time.AfterFunc(time.Hour, rt.look)
	rt.watch.Stop()
	return rt, nil
}

type runtimeKey struct{}

// Context returns a context under which tasks are spawned on rt.
func (rt *Runtime) Context(parent context.Context) context.Context {
	return context.WithValue(parent, runtimeKey{}, rt)
}

var global struct {
	sync.Mutex
	rt *Runtime
}

// Default returns the runtime for contexts that name none. It starts with the
// first use, and anew after a Shutdown. Inside a synctest bubble it panics.
func Default() *Runtime {
	if bubbled() {
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

// bubbled reports whether this goroutine is in a synctest bubble, whose clock has
// no monotonic reading.
func bubbled() bool {
	now := time.Now()
	return now == now.Round(0) //nolint:staticcheck // the comparison is of the representations
}

// place returns the runtime for ctx and the task it belongs to, if any.
func place(ctx context.Context) (*Runtime, *core) {
	if t, ok := ctx.(*core); ok {
		return t.rt, t
	}
	rt, _ := ctx.Value(runtimeKey{}).(*Runtime)
	t, _ := ctx.Value(currentKey{}).(*core)
	if rt == nil && t != nil {
		rt = t.rt
	}
	if rt == nil {
		rt = Default()
	}
	if t != nil && t.rt != rt {
		t = nil
	}
	return rt, t
}

// errInside is what Shutdown returns inside of a task.
var errInside = errors.New("task: Shutdown called by a task of the runtime, which is still running; the others have been cancelled")

// Shutdown cancels every task, waits until they have ended and releases the
// workers; then no goroutine of the runtime is left. Tasks that were not started
// end with [ErrShutdown], and so does what is spawned from now on.
//
// If ctx ends first, Shutdown returns an error that wraps ctx's and says how many
// tasks are still running; a later Shutdown goes on waiting. It may be called any
// number of times and concurrently. A task that calls it with its own context does
// not wait, gets an error that says so, and the rest happens when it returns.
func (rt *Runtime) Shutdown(ctx context.Context) error {
	global.Lock()
	if global.rt == rt {
		global.rt = nil
	}
	global.Unlock()

	own, _ := ctx.Value(currentKey{}).(*core)
	inside := own != nil && own.rt == rt
	var s sweep
	rt.mu.Lock()
	first := !rt.closing
	rt.closing = true
	for k := rt.root.kids; k != nil; k = k.sib {
		k.cancelExcept(own, ErrShutdown, &s)
	}
	idle := rt.live == 0
	rt.mu.Unlock()
	s.run()
	if idle {
		rt.empty.Do(func() { close(rt.emptied) })
	}
	if first {
		go rt.end()
	}
	if inside {
		return errInside
	}
	select {
	case <-rt.released:
		return nil
	default:
	}
	select {
	case <-rt.released:
		return nil
	case <-ctx.Done():
		rt.mu.Lock()
		defer rt.mu.Unlock()
		return fmt.Errorf("task: %d tasks did not end in time: %w", rt.live, ctx.Err())
	}
}

// end waits for the last task and releases what the runtime holds.
func (rt *Runtime) end() {
	<-rt.emptied
	rt.watch.Stop()
	_ = rt.pool.ReleaseContext(context.Background())
	if rt.block.pool != nil {
		_ = rt.block.pool.ReleaseContext(context.Background())
	}
	rt.reportAll()
	if rt.seeded {
		park.Exploring.Add(-1)
	}
	close(rt.released)
}

// cancelExcept is cancelTree that spares one task.
func (t *core) cancelExcept(spared *core, cause error, s *sweep) {
	if spared == nil || t.kind != source && t != spared && !t.above(spared) {
		t.cancelTree(cause, s)
		return
	}
	for k := t.kids; k != nil; k = k.sib {
		k.cancelExcept(spared, cause, s)
	}
}

func (t *core) above(o *core) bool {
	for o != nil && o != t {
		o = o.up
	}
	return o == t
}
