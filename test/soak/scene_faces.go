package main

import (
	"context"
	"errors"
	"math/rand/v2"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/task"
)

// facesRound has senders and receivers of every kind on one channel.
func facesRound(r *round) {
	rt, ctx := r.runtime()
	tx, rx, _ := openAsync(r, 0)
	book := newLedger(r)
	send := func(ctx context.Context, rng *rand.Rand, producer uint32, tx *async.Sender[message]) {
		for range 20 + rng.IntN(150) {
			r.strike(rng)
			r.moved()
			m := book.next(producer)
			book.answer(m, tx.Send(m).Await(ctx))
		}
	}
	var handles []*task.JoinHandle[struct{}]
	for i := range 1 + r.rng.IntN(3) {
		own, producer, rng := tx.Clone(), book.producer(), r.random(uint64(400+i))
		handles = append(handles, task.Go(ctx, func(ctx context.Context) error {
			defer own.Drop()
			send(ctx, rng, producer, own)
			return nil
		}, task.Named("producer")))
		other, page := tx.Clone(), book.producer()
		r.spawn(uint64(1+i), func(rng *rand.Rand) {
			defer other.Drop()
			send(context.Background(), rng, page, other)
		})
		blocking, page2, rng2 := tx.Clone(), book.producer(), r.random(uint64(500+i))
		handles = append(handles, task.SpawnBlocking(ctx, func(context.Context) (struct{}, error) {
			defer blocking.Drop()
			for range 20 {
				r.strike(rng2)
				m := book.next(page2)
				book.answer(m, blocking.SendBlocking(m))
			}
			return struct{}{}, nil
		}))
	}
	tx.Drop()

	// Consumers; each sees the end.
	polled := rx.Clone()
	handles = append(handles, task.SpawnFuture(ctx, async.ForEach(polled, func(_ context.Context, m message) error {
		book.got(1, m)
		return nil
	}), task.Named("ForEach")))
	inTask := rx.Clone()
	handles = append(handles, task.Go(ctx, func(ctx context.Context) error {
		defer inTask.Drop()
		for m := range inTask.All(ctx) {
			book.got(2, m)
		}
		return nil
	}, task.Named("All")))
	ready := rx.Clone()
	r.spawn(300, func(*rand.Rand) {
		defer ready.Drop()
		for {
			<-ready.Ready()
			m, err := ready.TryRecv()
			switch {
			case err == nil:
				book.got(3, m)
			case errors.Is(err, async.ErrClosed):
				return
			}
		}
	})
	r.spawn(301, func(*rand.Rand) {
		defer rx.Drop()
		for {
			m, err := rx.RecvBlocking()
			if err != nil {
				r.expect(err, async.ErrClosed)
				return
			}
			book.got(4, m)
		}
	})
	for _, h := range handles {
		_, err := h.Await(context.Background())
		r.expectTask(err)
	}
	r.all.Wait()
	book.settle(0)
	r.shutdown(rt)
}

// expectTask reports an error of a task that no fault explains.
func (r *round) expectTask(err error, of ...error) {
	if p, ok := errors.AsType[*task.PanicError](err); ok {
		r.unheard(p)
		return
	}
	r.expect(err, append(of, task.ErrGoexit)...)
}
