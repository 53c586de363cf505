package task

import (
	"context"
	"reflect"
	"runtime"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/probe"
)

// Spawn starts fn as a function task of the runtime of ctx, or of the default one,
// and returns at once. fn runs on a worker; when it awaits, on its own goroutine and under
// the context it is given or another one of its runtime, it releases its slot, and other
// tasks run. Goroutines that fn starts may await under its context too; they park, and the
// task keeps its slot. The context of the task
// derives from ctx and ends with it, with Cancel, and when the task returns; a task
// that returns does not cancel the ones it spawned.
//
// A function that waits other than by an await, such as for the network, a file, a lock or a
// native channel, holds its worker while it waits. Use [SpawnBlocking] for those.
//
// A task that is cancelled before it was started never calls fn, and so runs none of its
// defers: a channel handle that fn would drop stays open. So the other side of the channel
// should wait under a context that ends too, or the spawning code should keep a handle with
// which it can close the channel.
//
// fn runs with the profile labels of ctx, and with [Named] one more; not with those of the
// goroutine that calls Spawn. Changes that fn makes to its goroutine end with the task, as with
// a go statement: labels, runtime/debug.SetPanicOnFault, and a runtime.LockOSThread without its
// Unlock, after which the thread ends too.
func Spawn[T any](ctx context.Context, fn func(context.Context) (T, error), opts ...SpawnOption) *JoinHandle[T] {
	need(fn != nil, "Spawn of a nil function")
	h := &JoinHandle[T]{work: funcBody[T](fn)}
	h.t.code = reflect.ValueOf(fn).Pointer()
	h.t.apply(opts)
	h.t.spawn(ctx, h, function)
	return h
}

// Go is [Spawn] for a function without a result.
func Go(ctx context.Context, fn func(context.Context) error, opts ...SpawnOption) *JoinHandle[struct{}] {
	need(fn != nil, "Go of a nil function")
	h := &JoinHandle[struct{}]{work: procBody(fn)}
	h.t.code = reflect.ValueOf(fn).Pointer()
	h.t.apply(opts)
	h.t.spawn(ctx, h, function)
	return h
}

// SpawnFuture starts a task that polls f, which it owns, until it is ready, and returns
// at once; a task that is cancelled first drops f. While it waits it costs its memory and no
// goroutine. A poll holds a worker, so nothing in f may block.
//
// A poll runs without profile labels. Those that it sets are removed after it. A goroutine
// that a poll has locked to its thread ends with the poll on amd64 and arm64; elsewhere a poll
// has to unlock what it locks, as it has to undo runtime/debug.SetPanicOnFault everywhere.
func SpawnFuture[T any](ctx context.Context, f future.Future[T], opts ...SpawnOption) *JoinHandle[T] {
	need(f != nil, "SpawnFuture of no future")
	h := &JoinHandle[T]{work: f}
	h.t.code = codeOf(f)
	h.t.apply(opts)
	h.t.spawn(ctx, h, polled)
	return h
}

// need panics in the call that makes the mistake, not later in a worker, whose stack does not
// show that call.
func need(ok bool, mistake string) {
	if !ok {
		panic("task: " + mistake)
	}
}

// SpawnOption sets up one task: see [Named].
type SpawnOption func(*core)

// Named gives the task a name, which need not be unique: for [Current], the handle,
// [Runtime.Dump], execution traces and, of a function task, goroutine profiles (as the
// label "task"). A task with a name also records where it was spawned. That costs a
// runtime.Callers and an allocation.
func Named(name string) SpawnOption { return func(t *core) { t.ensureSide().name = name } }

func (t *core) apply(opts []SpawnOption) {
	for _, opt := range opts {
		opt(t)
	}
}

// spawn makes t a live task and queues it. Both happen under one lock, so that a Shutdown
// comes before or after both.
func (t *core) spawn(ctx context.Context, b body, k kind) {
	above, _ := t.prepare(ctx, b, k)
	rt := t.rt
	rt.mu.Lock()
	if !t.begin(above) {
		rt.mu.Unlock()
		t.refuse()
		return
	}
	if k == polled {
		t.state.Or(queued)
	} else {
		t.slot = workerSlot
	}
	rt.enqueue(t)
	w := rt.wants()
	rt.mu.Unlock()
	rt.start(w)
}

// prepare sets the runtime and the base context of t. It returns up, the task of that runtime
// whose context ctx is or is derived from, and above, which is up if ctx ends with it only
// through what up derives from; see withValues. Either may be nil.
func (t *core) prepare(ctx context.Context, b body, k kind) (above, up *core) {
	rt, up := place(ctx)
	rt.admit()
	t.rt, t.body, t.kind, t.base = rt, b, k, ctx
	t.cx.Init(t)
	if up != nil {
		t.parent = up.id
		switch {
		case context.Context(up) == ctx:
			t.base, above = up.base, up
		case ctx.Done() == up.Done():
			// Values only; the end of up is not the end of what it spawned.
			t.base, above = withValues{endOf(up.base), ctx}, up
		}
	}
	if side := t.side.Load(); side != nil || rt.sites {
		runtime.Callers(3, t.ensureSide().site[:])
	}
	if probe.On() != probe.Off {
		t.observe(up)
	}
	return above, up
}

// begin makes t a live task below above, unless the runtime is shut down. Under
// rt.mu.
func (t *core) begin(above *core) bool {
	rt := t.rt
	rt.ids++
	t.id = rt.ids
	if r := t.record(); r != nil {
		r.number(t.id)
	}
	if rt.closing {
		return false
	}
	rt.stats.Spawned++
	t.born = stampOf(rt.clock())
	if above == nil {
		if t.kind == polled && !t.described() {
			return true // most are ready at their first poll; see ensureInTree
		}
		above = &rt.root
	} else {
		above.ensureInTreeLocked()
		if s := above.state.Load(); s&cancelled != 0 {
			t.mark(cancelled | s&reasons)
		} else if s&(over|done) != 0 {
			t.mark(cancelled) // spawned under the context of a task that has returned
		}
		if above.up == nil {
			above = &rt.root
		}
	}
	t.state.Or(inTree)
	t.insert(above.branch())
	return true
}

// described reports whether t has a name, or knows where it was spawned.
func (t *core) described() bool {
	side := t.side.Load()
	return side != nil && (side.name != "" || side.site[0] != 0)
}

// refuse ends a task that never began.
func (t *core) refuse() {
	err, how := t.discard(ErrShutdown, wasStopped)
	t.complete(err, how)
}
