package main

import (
	"context"
	"math/rand/v2"
	"runtime"

	"github.com/handoff-go/handoff/async"
)

func permitsRound(r *round) {
	tx, rx, capacity := openAsync(r, 1)
	book := newLedger(r)
	for i := range 1 + r.rng.IntN(4) {
		tx, producer, n := tx.Clone(), book.producer(), 20+r.rng.IntN(200)
		r.spawn(uint64(1+i), func(rng *rand.Rand) {
			defer tx.Drop()
			for range n {
				r.strike(rng)
				permitSend(r, rng, book, producer, tx, capacity)
			}
		})
	}
	for i := range 1 + r.rng.IntN(2) {
		rx := rx.Clone()
		r.spawn(uint64(100+i), func(rng *rand.Rand) {
			defer rx.Drop()
			for limit := 1 << 30; asyncReceive(r, rng, book, i, rx, &limit); {
			}
		})
	}
	tx.Drop()
	rx.Drop()
	r.all.Wait()
	book.settle(0)
}

func permitSend(r *round, rng *rand.Rand, book *ledger, producer uint32, tx *async.Sender[message], capacity int) {
	r.moved()
	ctx, cancel := context.Background(), func() {}
	if rng.IntN(2) == 0 {
		ctx, cancel = r.soon(ctx, rng)
	}
	defer cancel()
	switch rng.IntN(5) {
	case 0:
		p, err := tx.Reserve().Await(ctx)
		if r.asyncOver(err) || err != nil {
			return
		}
		usePermit(r, rng, book, producer, p)
	case 1:
		p, err := tx.TryReserve()
		if r.asyncOver(err) || err != nil {
			return
		}
		usePermit(r, rng, book, producer, p)
	case 2:
		n := 1 + rng.IntN(5)
		if capacity > 0 {
			n = min(n, capacity)
		}
		ps, err := tx.ReserveMany(n).Await(ctx)
		if r.asyncOver(err) || err != nil {
			return
		}
		defer ps.Drop()
		for range rng.IntN(n + 1) {
			r.strike(rng)
			m := book.next(producer)
			book.answer(m, ps.Send(m))
		}
	case 3: // granted perhaps, and forgotten for a moment
		f := tx.Reserve()
		p, ready, _ := once(f)
		runtime.Gosched()
		r.fault("future dropped")
		f.Drop()
		if ready && p != nil {
			usePermit(r, rng, book, producer, p)
		}
	case 4:
		m := book.next(producer)
		old, replaced, err := tx.ForceSend(m)
		book.answer(m, err)
		r.asyncOver(err)
		if replaced {
			r.fault("evicted")
			book.note(old, evicted)
		}
	}
}

// usePermit sends through a permit, or drops it.
func usePermit(r *round, rng *rand.Rand, book *ledger, producer uint32, p *async.Permit[message]) {
	defer p.Drop()
	r.strike(rng)
	if rng.IntN(4) == 0 {
		return
	}
	m := book.next(producer)
	book.answer(m, p.Send(m))
}
