package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

// request carries where its answer goes.
type request struct {
	m     message
	reply *future.Promise[message]
}

// requestsRound has clients ask and servers answer. Each request gets its own answer, or
// an error, or its client has stopped waiting.
func requestsRound(r *round) {
	rt, ctx := r.runtime()
	tx, rx := async.Bounded[request](pick(r.rng, 0, 1, 7, 64))
	r.watch(tx, rx)
	book := newLedger(r)
	var servers []*task.JoinHandle[struct{}]
	for i := range 1 + r.rng.IntN(3) {
		own, rng := rx.Clone(), r.random(uint64(300+i))
		servers = append(servers, task.Go(ctx, func(ctx context.Context) error {
			defer own.Drop()
			for q := range own.All(ctx) {
				serve(ctx, r, rng, book, i, q)
			}
			return nil
		}, task.Named("server")))
	}
	rx.Drop()
	for i := range 1 + r.rng.IntN(8) {
		own, producer := tx.Clone(), book.producer()
		r.spawn(uint64(1+i), func(rng *rand.Rand) {
			defer own.Drop()
			for range 10 + rng.IntN(50) {
				r.strike(rng)
				ask(r, rng, book, producer, own)
			}
		})
	}
	tx.Drop()
	r.all.Wait()
	for _, h := range servers {
		_, err := h.Await(context.Background())
		r.expectTask(err)
	}
	book.settle(0)
	r.shutdown(rt)
}

// serve answers, rejects, or gives the promise up.
func serve(ctx context.Context, r *round, rng *rand.Rand, book *ledger, reader int, q request) {
	defer q.reply.Drop()
	book.got(reader, q.m)
	switch rng.IntN(8) {
	case 0:
		r.fault("promise given up")
	case 1:
		r.fault("rejected")
		q.reply.Reject(errStage)
	case 2:
		_ = task.Sleep(ctx, moment(rng))
		q.reply.Resolve(q.m)
	default:
		q.reply.Resolve(q.m)
	}
}

func ask(r *round, rng *rand.Rand, book *ledger, producer uint32, tx *async.Sender[request]) {
	r.moved()
	m := book.next(producer)
	p, reply := future.NewPromise[message]()
	if err := tx.Send(request{m, p}).Await(context.Background()); err != nil {
		r.expect(err)
		p.Drop()
		book.note(m, returned)
		return
	}
	book.note(m, accepted)
	patience, impatient := time.Minute, rng.IntN(3) == 0
	if impatient {
		patience = moment(rng)
	}
	v, err := future.Await(context.Background(), future.Timeout(patience, reply))
	switch {
	case err == nil && v != m:
		r.breach("mixed up", "%v got the answer of %v", m, v)
	case impatient && errors.Is(err, future.ErrTimeout):
		r.fault("timeout")
	default:
		r.expect(err, errStage, future.ErrDropped)
	}
}
