package task

import (
	"context"
	"fmt"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/discard"
)

// JoinHandle awaits, cancels or detaches a task. [Spawn] and the other functions that start
// tasks return it. It may be used from any goroutine and must not be copied. The task of an
// abandoned handle goes on; see [JoinHandle.Drop] for what Drop does besides. The zero value
// behaves like a dropped handle.
type JoinHandle[T any] struct {
	work  future.Future[T] // what is polled, or the function
	value T                // not last: an empty one would be padded there
	t     core
}

// funcBody and procBody store a function in a field of type future.Future without an
// allocation.
type (
	funcBody[T any] func(context.Context) (T, error)
	procBody        func(context.Context) error
)

func (funcBody[T]) Poll(*future.Context) (v T, ready bool, err error)     { panic("task: polled") }
func (funcBody[T]) Drop()                                                 {}
func (procBody) Poll(*future.Context) (v struct{}, ready bool, err error) { panic("task: polled") }
func (procBody) Drop()                                                    {}

func (h *JoinHandle[T]) poll(cx *future.Context) (ready bool, err error) {
	v, ready, err := h.work.Poll(cx)
	if ready {
		h.value, h.work = v, nil
	}
	return ready, err
}

func (h *JoinHandle[T]) call(ctx context.Context) (err error) {
	switch f := h.work.(type) {
	case funcBody[T]:
		h.work = nil
		h.value, err = f(ctx)
	default:
		h.work = nil
		err = any(f).(procBody)(ctx)
	}
	return err
}

func (h *JoinHandle[T]) discard(err error) {
	v := h.value
	var none T
	h.value = none // a context of the task, kept by what it spawned, leads here
	if err == nil {
		discard.Value(v)
	}
}

func (h *JoinHandle[T]) dropBody() {
	f := h.work
	h.work = nil
	if f != nil {
		f.Drop()
	}
}

// Await waits for the task and returns its result: what it returned; a [*PanicError];
// [ErrGoexit]; or [ErrCancelled], [ErrShutdown] or context.DeadlineExceeded if it ended
// before it returned anything. Any number of goroutines may wait, any number of times,
// and all get the same result. When ctx ends first, Await returns ctx's error and the task
// goes on; [JoinHandle.IsFinished] distinguishes that from an equal error of the task. If
// the task has finished, Await returns its result also under a ctx that has ended. After
// Drop it returns [future.ErrDropped].
//
// It blocks like [future.Await]: a task releases its slot while it waits. It costs no lock
// and no allocation once the task has finished, and one allocation if it has to wait.
func (h *JoinHandle[T]) Await(ctx context.Context) (v T, err error) {
	if !h.t.has(done) {
		if h.t.has(detached) {
			return v, future.ErrDropped
		}
		n := &waitNode{t: &h.t}
		if own, ok := ctx.(*core); ok && !own.rt.seeded && own.rt.taskHere() == own {
			err = own.await(n)
		} else {
			_, err = future.Await(ctx, future.Future[struct{}](n))
		}
		if err != nil {
			return v, err
		}
	}
	return h.result()
}

func (h *JoinHandle[T]) result() (v T, err error) {
	// Set delivered before reading the value, unless a Drop has set detached: then the Drop
	// discards the value. Later calls find delivered set and cost a load.
	for {
		s := h.t.state.Load()
		if s&detached != 0 {
			return v, future.ErrDropped
		}
		if s&delivered != 0 || h.t.state.CompareAndSwap(s, s|delivered) {
			break
		}
	}
	err = h.t.err()
	if _, ok := err.(*PanicError); ok { //nolint:errorlint // as in complete
		h.t.rt.deliver(&h.t)
	}
	return h.value, err
}

// Future returns a future of what Await returns, for combinators; each call makes
// another one, in one allocation. Dropping it only stops waiting.
func (h *JoinHandle[T]) Future() future.Future[T] {
	return &joined[T]{h: h, node: waitNode{t: &h.t}}
}

type joined[T any] struct {
	h    *JoinHandle[T]
	node waitNode
}

func (j *joined[T]) Poll(cx *future.Context) (v T, ready bool, err error) {
	if _, ready, err = j.node.Poll(cx); !ready || err != nil {
		return v, ready, err
	}
	v, err = j.h.result()
	return v, true, err
}

func (j *joined[T]) Drop() { j.node.Drop() }

// Cancel ends the task's context, and those of the tasks that were spawned under it and
// have not ended. A task that was not started, or that is polled, ends with
// [ErrCancelled]; a function that runs has to return by itself, and what it returns
// stands: a function that returns its context's error has completed with that error,
// context.Canceled. After the end Cancel does nothing, not even to what the task
// spawned.
//
// It never waits for the task. It takes the runtime's lock, for a time that grows with
// the number of tasks it cancels.
func (h *JoinHandle[T]) Cancel() {
	if !h.t.has(done) && h.t.rt != nil {
		h.t.rt.admit()
		why := h.t.above() // if that has ended before
		if why == 0 {
			why = byCancel
		}
		h.t.cancel(why)
	}
}

// Drop detaches the task, which goes on. Its result is discarded: if the task returns a
// Discarder (see package mpsc) without an error, and no Await, Next or future has returned
// it, its method Discarded is called once. If the task has finished, Drop calls it, and a
// panic in it is a panic of Drop. Otherwise it is called when the task finishes, and a panic
// in it is logged. A panic of the task is passed to the panic handler as soon as it happens.
// Calls of Await that wait return [future.ErrDropped]. It never blocks.
//
// If a handle is abandoned without Drop, a panic of its task is reported once the garbage
// collector has found the handle, and the Discarded of its result is not called.
func (h *JoinHandle[T]) Drop() {
	if !h.t.has(done) && h.t.rt != nil {
		h.t.rt.admit() // it wakes those who wait
	}
	h.t.mu.Lock()
	old := h.t.state.Or(detached)
	n := h.t.takeWaiters()
	h.t.mu.Unlock()
	n.wake(h.t.rt)
	if old&done == 0 {
		return // see complete
	}
	h.t.rt.report(&h.t)
	if old&(detached|delivered) == 0 {
		h.discard(h.t.err())
	}
}

// IsFinished reports whether the task has a result: then Await returns at once.
func (h *JoinHandle[T]) IsFinished() bool { return h.t.has(done) }

// ID returns the number of the task, unique in its runtime and from 1 on.
func (h *JoinHandle[T]) ID() uint64 { return h.t.id }

// Name returns the name that [Named] gave the task, or "".
func (h *JoinHandle[T]) Name() string { return h.t.name() }

// Done returns a channel that is closed when the task has finished, for a select. All
// calls return the same one, which the first call makes. Drop does not close it.
func (h *JoinHandle[T]) Done() <-chan struct{} {
	if !h.t.has(done) && h.t.rt != nil {
		h.t.rt.admit() // because a goroutine of the runtime closes the channel
	}
	h.t.mu.Lock()
	defer h.t.mu.Unlock()
	side := h.t.ensureSide()
	if side.closed == nil {
		side.closed = make(chan struct{})
		if h.t.state.Or(watched)&done != 0 || h.t.rt == nil {
			side.endDone()
		}
	}
	return side.closed
}

// endDone closes the channel of Done. Both the first call of Done and publishResult may call
// it, because Done may see the bit done before publishResult has come here. Under the core's
// mu.
func (s *side) endDone() {
	if s == nil || s.closed == nil {
		return
	}
	select {
	case <-s.closed:
	default:
		close(s.closed)
	}
}

// waitNode is a future that is ready when a task has finished or its handle was dropped, and
// its node in the list of waiters of that task.
type waitNode struct {
	t         *core
	next      *waitNode
	prev      **waitNode // what points here, while it is in the list
	waker     future.Waker
	queued    bool // in the list; under t.mu
	completed bool // it was ready; the owner's
	dropped   bool // the owner's
	quiet     bool // of a JoinSet: not shown to observers as a wait
}

// takeWaiters removes and returns all waiters. Under t.mu.
func (t *core) takeWaiters() *waitNode {
	n := t.waiters
	t.waiters = nil
	for m := n; m != nil; m = m.next {
		m.queued, m.prev = false, nil
	}
	return n
}

// wake wakes all waiters that takeWaiters returned, also if a waker panics or calls Goexit.
func (n *waitNode) wake(rt *Runtime) {
	defer func() {
		if n != nil {
			n.wake(rt) // a waker has called Goexit, which ends this goroutine
		}
	}()
	for n != nil {
		m := n
		n = n.next
		m.ring(rt)
	}
}

func (n *waitNode) ring(rt *Runtime) {
	w := n.waker
	n.waker, n.next = nil, nil
	defer rt.contain("a waker")
	w.Wake()
}

func (n *waitNode) Poll(cx *future.Context) (v struct{}, ready bool, err error) {
	switch {
	case n.dropped:
		return v, true, future.ErrDropped
	case n.completed:
		return v, true, future.ErrConsumed
	}
	if n.t.rt == nil {
		n.t.state.Or(detached) // the zero handle: there is no task to wait for
	}
	if r := n.t.record(); r != nil && !n.quiet {
		defer func() {
			if ready {
				r.unjoin(n)
			} else {
				r.join(n)
			}
		}()
	}
	n.t.mu.Lock()
	defer n.t.mu.Unlock()
	if n.t.state.Or(watched)&(done|detached) != 0 {
		n.completed = true
		return v, true, nil
	}
	if !n.queued {
		n.t.rt.admit() // because a goroutine of the runtime calls the waker
	}
	n.waker = cx.Waker()
	if !n.queued {
		n.queued, n.next, n.prev = true, n.t.waiters, &n.t.waiters
		if n.next != nil {
			n.next.prev = &n.next
		}
		n.t.waiters = n
	}
	return v, false, nil
}

func (n *waitNode) Drop() {
	if n.completed || n.dropped {
		return
	}
	n.dropped = true
	if r := n.t.record(); r != nil {
		r.unjoin(n)
	}
	n.t.mu.Lock()
	defer n.t.mu.Unlock()
	if !n.queued {
		return
	}
	if *n.prev = n.next; n.next != nil {
		n.next.prev = n.prev
	}
	n.queued, n.next, n.prev = false, nil, nil
}

// String returns the number, the name and the state of the task, such as `task 7 "reader"
// (waiting)`.
func (h *JoinHandle[T]) String() string {
	text := fmt.Sprintf("task %d", h.t.id)
	if name := h.t.name(); name != "" {
		text += fmt.Sprintf(" %q", name)
	}
	return fmt.Sprintf("%s (%v)", text, h.t.stage())
}
