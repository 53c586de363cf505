package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"syscall"
	"time"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/task"
)

// lastCall is how long tasks that were cancelled have to tidy up. One that still has
// not ended is stuck, in a file system that does not answer, and not waited for.
const lastCall = time.Second

// offer is a file to compress, from a producer. With an error it is what could not be
// looked at.
type offer struct {
	path string
	err  error
}

// keeper accepts offers and records the outcome of each. All of it happens in one
// goroutine, so nothing here is locked.
type keeper struct {
	opt  options
	open opener
	say  func(string)

	rt      *task.Runtime // after a Shutdown that met stuck tasks some of it still runs
	note    func(entry)
	last    int               // the number of the last file that was accepted
	working map[int]*accepted // and has not ended
	news    *async.Sender[int]
}

// stopAsked is what the keeper receives when stop has ended, in place of the number of a
// finished file. It is not enough that the channel of the offers ends: the keeper does
// not look there while it has accepted as many as it may.
const stopAsked = 0

type accepted struct {
	path string
	task *task.JoinHandle[sizes]
}

// event is one input of the keeper.
type event struct {
	offer *offer // a file came
	ended int    // or this one has ended
	over  bool   // or no more will come
}

// keep is all the work. It notes the end of each file that was offered, and returns
// when it has noted all of them: each once, and none is missing.
func (k *keeper) keep(stop, hurry context.Context, note func(entry)) error {
	// Files are read by blocking work, with its own limit and queue: what waits there when
	// the runtime shuts down ends with ErrShutdown and was not begun.
	var err error
	if k.rt, err = task.New(task.WithName("keeper"), task.WithBlockingLimit(k.opt.workers)); err != nil {
		return err
	}
	// Not under stop: what was accepted goes on when that ends.
	ctx := k.rt.Context(context.Background())
	k.note, k.working = note, make(map[int]*accepted)

	// A rendezvous channel has no place of its own for a file to be in: it is still the
	// producer's or already the keeper's.
	tx, offers := async.Bounded[offer](0)
	producers := produce(ctx, k.opt, tx)
	tx.Drop()
	news, ends := async.Unbounded[int]()
	defer news.Drop()
	defer ends.Drop()
	k.news = news
	// The one thing that stops the work. Each producer gets back what it was offering.
	defer context.AfterFunc(stop, func() {
		offers.CloseCause(context.Cause(stop))
		_ = news.TrySend(stopAsked)
	})()

	grace, cancel := after(stop, hurry, k.opt.grace)
	defer cancel()
	k.serve(ctx, stop, grace, offers, ends)
	offers.Drop() // which stops the producers if hurry came first

	// What is not done by now gets no more time: Shutdown cancels all tasks at once. To let
	// them finish first was the loop's business.
	late, cancelLate := context.WithTimeout(context.Background(), lastCall)
	defer cancelLate()
	if err := k.rt.Shutdown(late); err != nil {
		k.say(err.Error()) // how many are stuck; which ones is noted below
	}
	for _, n := range slices.Sorted(maps.Keys(k.working)) {
		if a := k.working[n]; a.task.IsFinished() {
			k.settle(n)
		} else {
			k.note(entry{abandoned, a.path, "stuck"})
		}
	}
	for _, h := range producers {
		if h.IsFinished() { // one that is stuck looks at a directory and offers nothing
			back, _ := h.Await(context.Background())
			for _, o := range back {
				k.note(entry{returned, o.path, ""})
			}
		}
	}
	return nil
}

// after returns a context that ends d after stop has, and when hurry does.
func after(stop, hurry context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	grace, cancel := context.WithCancel(hurry)
	forget := context.AfterFunc(stop, func() {
		timer := time.AfterFunc(d, cancel)
		context.AfterFunc(grace, func() { timer.Stop() })
	})
	return grace, func() { forget(); cancel() }
}

// serve accepts files and notes their ends, until there is nothing left to do or grace
// ends.
func (k *keeper) serve(ctx, stop, grace context.Context, offers *async.Receiver[offer], ends *async.Receiver[int]) {
	both := async.Select(
		async.On(offers, func(o offer, err error) event { return event{offer: &o, over: err != nil} }),
		async.On(ends, func(n int, _ error) event { return event{ended: n} }),
	)
	for over := false; !over || len(k.working) > 0; {
		var e event
		var err error
		if len(k.working) < k.opt.queue {
			e, err = both.Next().Await(grace)
		} else {
			e.ended, err = ends.Recv().Await(grace) // no offer is taken during this wait
		}
		switch {
		case err != nil:
			return // grace is over
		case e.over:
			over = true
		case e.offer != nil:
			k.accept(ctx, *e.offer)
		case e.ended == stopAsked:
			if why := context.Cause(stop); !errors.Is(why, syscall.EPIPE) {
				k.say(fmt.Sprintf("%v: finishing %d within %v; the next signal ends it", why, len(k.working), k.opt.grace))
			}
		default:
			k.settle(e.ended)
		}
	}
}

func (k *keeper) accept(ctx context.Context, o offer) {
	if o.err != nil {
		k.note(entry{failed, o.path, o.err.Error()})
		return
	}
	k.last++
	n, news := k.last, k.news
	k.working[n] = &accepted{o.path, task.SpawnBlocking(ctx, func(ctx context.Context) (sizes, error) {
		// There is always room, and without a receiver the number is not needed.
		defer func() { _ = news.TrySend(n) }()
		return compress(ctx, k.open, o.path, k.opt.out)
	})}
}

// settle records the end of an accepted file whose task has ended, or has nothing to do any
// more but to return.
func (k *keeper) settle(n int) {
	a := k.working[n]
	s, err := a.task.Await(context.Background())
	e := entry{failed, a.path, ""}
	switch {
	case err == nil:
		e.fate, e.note = finished, fmt.Sprintf("%d\t%d", s.before, s.after)
	case errors.Is(err, task.ErrShutdown): // which matches context.Canceled too
		e.fate, e.note = abandoned, "not begun"
	case errors.Is(err, context.Canceled):
		e.fate, e.note = abandoned, "not finished"
	default:
		e.note = err.Error()
	}
	delete(k.working, n)
	k.note(e)
}
