package main

import (
	"context"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

// actor is state that only its own messages touch: nothing here is locked. While it has
// no message it is memory, and no goroutine.
type actor struct {
	total int
	// self does not keep the actor alive: when everybody else has dropped their handles
	// there is no sender left, and it ends.
	self *async.WeakSender[request]
}

// request asks an actor to add the numbers n, n-1, ... 1 to its total, and to answer
// with the total.
type request struct {
	n     int
	reply *future.Promise[int]
}

// Discarded implements async.Discarder, for a request whose actor has ended.
func (r request) Discarded() { r.reply.Drop() }

// newActor returns the handle to reach an actor, and its life, for a task to poll.
func newActor() (*async.Sender[request], future.Future[struct{}]) {
	tx, rx := async.Unbounded[request]()
	a := &actor{self: tx.Downgrade()}
	return tx, async.ForEach(rx, a.handle)
}

// start starts an actor and returns the handle to reach it and that of its task.
func start(ctx context.Context) (*async.Sender[request], *task.JoinHandle[struct{}]) {
	tx, life := newActor()
	return tx, task.SpawnFuture(ctx, life)
}

// handle does a small part of a request and sends the rest to itself, so that other
// requests have their turn in between.
func (a *actor) handle(_ context.Context, r request) error {
	a.total += r.n
	if r.n <= 1 {
		r.reply.Resolve(a.total)
		return nil
	}
	me, ok := a.self.Upgrade()
	if !ok {
		r.reply.Drop() // no request is served any more; a client that still waits must be woken
		return nil
	}
	defer me.Drop()
	if err := me.TrySend(request{n: r.n - 1, reply: r.reply}); err != nil {
		r.reply.Reject(err)
	}
	return nil
}

// ask sends a request and returns the future of its answer.
func ask(tx *async.Sender[request], n int) (future.Future[int], error) {
	promise, answer := future.NewPromise[int]()
	if err := tx.TrySend(request{n, promise}); err != nil {
		return nil, err
	}
	return answer, nil
}
