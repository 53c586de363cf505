package task

import (
	"context"
	"time"

	"github.com/handoff-go/handoff/future"
)

// Spawn starts fn as a function task of the runtime of ctx, or of the default one,
// and returns at once. fn runs on a worker; when it awaits, under the context it is
// given or one derived from it, the worker goes on with other tasks. Its context
// derives from ctx and ends with it, with Cancel, and after the task itself; a task
// that returns does not cancel the ones it spawned.
func Spawn[T any](ctx context.Context, fn func(context.Context) (T, error), opts ...SpawnOption) *JoinHandle[T] {
	h := &JoinHandle[T]{fn: fn}
	h.t.apply(opts)
	h.t.slot = &slot{t: &h.t}
	h.t.spawn(ctx, h, function)
	return h
}

// Go is [Spawn] for a function without a result.
func Go(ctx context.Context, fn func(context.Context) error, opts ...SpawnOption) *JoinHandle[struct{}] {
	return Spawn(ctx, func(ctx context.Context) (struct{}, error) { return struct{}{}, fn(ctx) }, opts...)
}

// SpawnFuture starts a task that polls f, which it owns, until it is ready. While
// it waits it costs its memory and no goroutine.
func SpawnFuture[T any](ctx context.Context, f future.Future[T], opts ...SpawnOption) *JoinHandle[T] {
	h := &JoinHandle[T]{f: f}
	h.t.apply(opts)
	h.t.spawn(ctx, h, polled)
	return h
}

// SpawnOption sets up one task.
type SpawnOption func(*core)

// Named gives the task a name, for [Current] and the handle.
func Named(name string) SpawnOption { return func(t *core) { t.name = name } }

func (t *core) apply(opts []SpawnOption) {
	for _, opt := range opts {
		opt(t)
	}
}

func (t *core) spawn(ctx context.Context, b body, k kind) {
	if k == polled {
		// Before it can be cancelled, which wakes it: it must not stand in line twice.
		t.cx.Init(t, t)
		t.state.Store(queued)
	}
	if !t.begin(ctx, b, k) {
		b.release()
		t.settle(ErrShutdown)
		return
	}
	t.rt.push(t)
}

// begin makes t a live task under ctx, unless the runtime is shut down.
func (t *core) begin(ctx context.Context, b body, k kind) bool {
	rt, up := place(ctx)
	t.rt, t.body, t.kind = rt, b, k
	t.id = rt.ids.Add(1)
	t.base = ctx
	above := &rt.root
	if up != nil {
		t.parent = up.id
		if context.Context(up) == ctx {
			t.base, above = up.base, up
		}
	}
	rt.mu.Lock()
	defer rt.mu.Unlock()
	if rt.closing {
		return false
	}
	rt.live++
	rt.stats.Spawned++
	t.born = time.Since(rt.begun)
	switch {
	case above.kind == root:
	case above.has(cancelled):
		t.cause = above.cause
		t.state.Or(cancelled)
	}
	if above.kind != root && above.up == nil {
		above = &rt.root // its context outlived it
	}
	t.hang(above)
	return true
}
