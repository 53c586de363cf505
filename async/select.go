package async

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/discard"
	"github.com/handoff-go/handoff/internal/each"
	"github.com/handoff-go/handoff/internal/once"
	"github.com/handoff-go/handoff/internal/park"
)

// Select returns a [Selector] over receives of different types, each made by [On] into
// the same type of event. Each of several ready cases is chosen with the same probability,
// wherever the idle ones are in the list, so that no busy channel starves another. Under
// task.WithSeed the seed decides.
//
//	events := async.Select(
//	    async.On(orders, func(o Order, err error) Event { ... }),
//	    async.On(ticks, func(t Tick, err error) Event { ... }),
//	)
//	for {
//	    e, err := events.Next().Await(ctx)
//	    ...
//	}
func Select[E any](cases ...Case[E]) *Selector[E] {
	return newSelector(cases, false)
}

// SelectBiased is [Select] that chooses the first in the list of several ready cases. A
// channel that is never empty starves those behind it.
func SelectBiased[E any](cases ...Case[E]) *Selector[E] {
	return newSelector(cases, true)
}

func newSelector[E any](cases []Case[E], biased bool) *Selector[E] {
	for i, c := range cases {
		if c == nil {
			panic(fmt.Sprintf("async: no case at index %d", i))
		}
	}
	return &Selector[E]{cases: slices.Clone(cases), biased: biased}
}

// Selector waits for the first of several receives, again and again. It is made once and
// allocates nothing in steady state, however many rounds there are. It needs no Drop:
// between rounds it is in no wait queue, and it does not own its receivers.
//
// It serves one [Selector.Next] at a time and must not be copied.
type Selector[E any] struct {
	noCopy  noCopy
	cases   []Case[E] // in the order of the list only if biased
	gate    once.Waker
	biased  bool
	waiting bool // cases may be queued
}

// Case is one receive of a [Selector], made by [On], and belongs to one Selector.
type Case[E any] interface {
	// try receives a message or the error of a closed or dropped receiver, and reports whether
	// there was one or the other.
	try() bool
	// poll is try that queues the case, with waker w, if there was neither.
	poll(w future.Waker) bool
	// leave dequeues the case. It passes on a notification that the case holds.
	leave()
	// discard discards the message that was received.
	discard()
	// disconnected reports whether an error was received: the case is skipped from then on.
	over() bool
	// event calls the user's function with what was received.
	event() E
}

// On receives from rx in a [Selector]: event makes an event of each message. When the
// receive fails, because the channel has ended or rx was dropped, event is called once
// with the error, as from [RecvFuture.Await], and then this case is skipped.
//
// event runs in the call that waits, or in the poll, after the message was received.
func On[T, E any](rx *Receiver[T], event func(T, error) E) Case[E] {
	need(rx != nil, "On of no receiver")
	need(event != nil, "On with a nil function")
	return &recvCase[T, E]{rx: rx, make: event}
}

type recvCase[T, E any] struct {
	rx   *Receiver[T]
	make func(T, error) E
	w    *wait[T] // while it is queued
	v    T        // the received message, until event
	err  error    // not nil: the receive failed, and the case is over
}

func (c *recvCase[T, E]) over() bool { return c.err != nil }

func (c *recvCase[T, E]) try() bool {
	c.v, c.err = c.rx.TryRecv()
	if errors.Is(c.err, ErrEmpty) {
		c.err = nil
		return false
	}
	return true
}

func (c *recvCase[T, E]) poll(w future.Waker) (ready bool) {
	if c.w == nil {
		if !c.rx.live() {
			c.err = ErrDropped
			return true
		}
		c.w = c.rx.c.TakeWait(&c.rx.h)
	}
	c.v, ready, c.err = c.rx.c.PollRecv(&c.rx.h, &c.w.Polled, w)
	return ready
}

func (c *recvCase[T, E]) leave() {
	if w := c.w; w != nil {
		c.w = nil // also if a waker that is called now panics
		c.rx.c.EndRecv(&w.Polled)
		c.rx.c.PutWait(w)
	}
}

func (c *recvCase[T, E]) discard() {
	var zero T
	v := c.v
	c.v = zero
	if c.err == nil {
		discard.Value(v)
	}
}

func (c *recvCase[T, E]) event() E {
	var zero T
	v, event := c.v, c.make
	c.v = zero
	if c.err != nil {
		c.rx, c.make = nil, nil // it is over
	}
	return event(v, c.err)
}

// Next returns a future of the next event, for one round: complete it or drop it before
// the next one. See [NextFuture.Await].
func (s *Selector[E]) Next() *NextFuture[E] {
	_ = s.biased // as in Sender.Send
	return &NextFuture[E]{s: s}
}

// NextFuture is one round of a [Selector]. It is a future.Future[E]. Dropping it loses no
// message and no notification: the others stay where they are, for the next round or for
// other receivers.
//
// It has one owner and must not be copied.
type NextFuture[E any] struct {
	noCopy noCopy
	s      *Selector[E]
	phase  phase
}

var _ future.Future[int] = (*NextFuture[int])(nil)

// Await waits until one of the cases receives a message or fails, and returns what its
// function returns for that.
//
// It returns [ErrClosed] when every case has failed and returned its event for that, and
// ctx's error when ctx ends first. It tries once even if ctx has ended already.
//
// A goroutine parks; a function task of package task releases its worker while it waits.
// Receiving a buffered message costs one TryRecv for it and for each case tried before.
func (f *NextFuture[E]) Await(ctx context.Context) (e E, err error) {
	if err := f.phase.OverOf(f.s != nil); err != nil {
		return e, err
	}
	f.phase = consumed
	if park.Exploring.Load() != 0 {
		explore(ctx)
	}
	s := f.s
	f.s = nil
	if !s.waiting {
		if e, ready, err := s.try(ctx); ready {
			return e, err
		}
	}
	return future.Await(ctx, (*selecting[E])(s))
}

// Poll implements [future.Future].
func (f *NextFuture[E]) Poll(cx *future.Context) (e E, ready bool, err error) {
	if err := f.phase.OverOf(f.s != nil); err != nil {
		return e, true, err
	}
	if !f.s.waiting {
		e, ready, err = f.s.try(cx.Context)
	}
	if !ready {
		e, ready, err = (*selecting[E])(f.s).Poll(cx)
	}
	if ready {
		f.phase, f.s = consumed, nil
	}
	return e, ready, err
}

// Drop implements [future.Future]: it ends this round.
func (f *NextFuture[E]) Drop() {
	if f.phase == pending && f.s != nil {
		s := f.s
		f.phase, f.s = dropped, nil
		s.leave()
	}
}

// try receives without a wait. It is also what returns ErrClosed once all cases are over.
func (s *Selector[E]) try(ctx context.Context) (e E, ready bool, err error) {
	c, open := s.first(ctx, func(c Case[E]) bool { return c.try() })
	switch {
	case c != nil:
		return c.event(), true, nil
	case !open:
		return e, true, ErrClosed
	}
	return e, false, nil
}

// first returns the first case that is ready, and whether there is one that has not
// ended.
func (s *Selector[E]) first(ctx context.Context, ready func(Case[E]) bool) (_ Case[E], open bool) {
	var draws park.Draws
	if !s.biased && len(s.cases) > 1 {
		draws = park.NewDraws(ctx)
	}
	for i := range s.cases {
		// A random order, made in place and as far as it is needed. A random start in the
		// order of the list would be cheaper, but a case behind many idle ones would be taken
		// in their place (TestBusyChannelsShareASelectWhateverIsBesideThem).
		if rest := len(s.cases) - i; rest > 1 && !s.biased {
			k := i + draws.Below(rest)
			s.cases[i], s.cases[k] = s.cases[k], s.cases[i]
		}
		c := s.cases[i]
		if c.over() {
			continue
		}
		if open = true; ready(c) {
			return c, true
		}
	}
	return nil, open
}

// leave ends a round and dequeues its cases. A case that passes a notification on calls a
// waker, which is user code: if one panics, the remaining cases are still dequeued.
func (s *Selector[E]) leave() {
	if !s.waiting {
		return
	}
	s.waiting = false
	s.gate.Set(nil)
	i := 0
	defer func() {
		if i < len(s.cases) { // the waker that a notification was passed on to has panicked
			rest := s.cases[i:]
			each.Rest(func() bool {
				if len(rest) == 0 {
					return false
				}
				c := rest[0]
				rest = rest[1:]
				c.leave()
				return true
			})
		}
	}()
	for i < len(s.cases) {
		c := s.cases[i]
		i++
		c.leave()
	}
}

// selecting is the future inside of a round that has to wait.
type selecting[E any] Selector[E]

func (w *selecting[E]) Poll(cx *future.Context) (e E, ready bool, err error) {
	s := (*Selector[E])(w)
	s.waiting = true
	s.gate.Set(cx.Waker())
	c, _ := s.first(cx.Context, func(c Case[E]) bool { return c.poll(&s.gate) })
	if c == nil {
		return e, false, nil
	}
	left := false
	defer func() {
		if !left {
			c.discard() // no event will have the message
		}
	}()
	s.leave() // first, so that no notification is held while the function runs
	left = true
	return c.event(), true, nil
}

func (w *selecting[E]) Drop() { (*Selector[E])(w).leave() }
