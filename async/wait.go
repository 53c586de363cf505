package async

import (
	"context"
	"sync/atomic"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/channel"
	"github.com/handoff-go/handoff/internal/park"
)

// A future of this package is a thin value: a handle and what is to be done. Made and
// awaited in one expression it never leaves the stack, so that costs no allocation and
// no pool, and a future that is used twice is its owner's mistake alone and is
// noticed.
//
// What it needs to wait depends on who waits. A goroutine parks in the channel, as in
// package mpsc, and so does a function task, whose sleep gives its worker away. Polled,
// it takes a wait from its handle and gives it back when nobody refers to it any more,
// so that in steady state these allocate nothing either.

// wait is what stands in a line of the channel for a future.
type wait[T any] struct {
	channel.Polled[T]

	c    *channel.Chan[T]
	h    *channel.Handle[T]
	sent bool // a send that was dropped after its value was taken

	next  *wait[T]     // in the handle's stack of idle ones
	depth atomic.Int32 // of the stack from here on; may be stale
}

// maxIdle bounds the waits a handle keeps after many futures waited at once.
const maxIdle = 64

func (s *handle[T]) takeWait() *wait[T] {
	k := s.keep()
	// The whole stack is taken and the rest put back, so that no pop can mistake a
	// wait that came back for one that never left.
	w := k.idle.Swap(nil)
	if w == nil {
		w = &wait[T]{c: s.c, h: &s.h}
		w.Init(&s.h)
		return w
	}
	if rest := w.next; rest != nil {
		w.next = nil
		if !k.idle.CompareAndSwap(nil, rest) {
			s.h.Forget(rest.count()) // another came meanwhile: these are garbage
		}
	}
	return w
}

// count returns how many waits are in the stack from w on, which is nobody else's.
func (w *wait[T]) count() (n int) {
	for ; w != nil; w = w.next {
		n++
	}
	return n
}

// leave is told that the handle is about to be dropped. The waits that are idle stand in
// no line, so nobody need look for them there.
func (s *handle[T]) leave() {
	if k := s.kept.Load(); k != nil {
		s.h.Forget(k.idle.Swap(nil).count())
	}
}

// putWait takes a wait back that has ended. If a wake is still on its way to it, it is
// left to the garbage collector.
func (s *handle[T]) putWait(w *wait[T]) {
	w.Clear()
	if !w.Idle() {
		s.h.Forget(1)
		return
	}
	w.sent = false
	k := s.keep()
	for {
		top := k.idle.Load()
		depth := int32(1)
		if top != nil {
			depth += top.depth.Load()
		}
		w.next = top
		if w.depth.Load() != depth { // usually it is the only one
			w.depth.Store(depth)
		}
		if depth > maxIdle {
			s.h.Forget(1)
			return
		}
		if k.idle.CompareAndSwap(top, w) {
			return
		}
	}
}

// phase is where a future stands.
type phase uint8

const (
	pending phase = iota
	consumed
	dropped
)

// overOf is over of a future that a user may have as a zero value, which has no handle and
// is as good as dropped. A phase of its own for that would be a store in each future, and
// cost a third of a nanosecond; a look at the handle costs a third of that.
func (p phase) overOf(made bool) error {
	if !made {
		return ErrDropped
	}
	return p.over()
}

// over returns the error of a poll that comes too late, or nil.
func (p phase) over() error {
	switch p {
	case consumed:
		return future.ErrConsumed
	case dropped:
		return ErrDropped
	}
	return nil
}

// need panics where something is missing without which a future could only fail later.
func need(ok bool, mistake string) {
	if !ok {
		panic("async: " + mistake)
	}
}

// explore lets others go first where a seed decides the order of things.
func explore(ctx context.Context) {
	if host := park.Of(ctx); host != nil {
		host.Explore()
	}
}

var background = context.Background()

// isBackground reports whether ctx is the context that says nothing, which may be asked
// under a lock.
func isBackground(ctx context.Context) bool { return park.Same(ctx, background) }
