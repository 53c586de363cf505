package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/handoff-go/handoff/sync/mpsc"
)

// blockingSender is what both kinds of sender of mpsc have.
type blockingSender interface {
	fmt.Stringer
	Send(message) error
	SendMany([]message) (int, error)
	Drop()
}

func mpscRound(r *round) {
	bound := pick(r.rng, -1, 0, 1, 2, 7, 64)
	book := newLedger(r)
	var rx *mpsc.Receiver[message]
	var clone func() blockingSender
	var first blockingSender
	if bound < 0 {
		tx, receiver := mpsc.Channel[message]()
		first, rx, clone = tx, receiver, func() blockingSender { return tx.Clone() }
	} else {
		tx, receiver := mpsc.SyncChannel[message](bound)
		first, rx, clone = tx, receiver, func() blockingSender { return tx.Clone() }
	}
	r.watch(first, rx)
	most := 0
	limit := 1 << 30
	if r.rng.IntN(4) == 0 { // the receiver leaves early
		limit, most = r.rng.IntN(300), bound
	}
	for i := range 1 + r.rng.IntN(4) {
		tx, producer, n := clone(), book.producer(), 20+r.rng.IntN(300)
		dropped := r.rng.IntN(8) == 0
		if dropped {
			book.mayEnd(producer, mpsc.ErrDropped)
		}
		if limit < 1<<30 {
			book.mayEnd(producer, mpsc.ErrDisconnected)
		}
		r.spawn(uint64(1+i), func(rng *rand.Rand) { mpscSend(r, rng, book, producer, tx, n) })
		if dropped {
			r.spawn(uint64(100+i), func(rng *rand.Rand) {
				time.Sleep(moment(rng))
				r.fault("drop under a send")
				tx.Drop()
			})
		}
	}
	first.Drop()
	r.spawn(99, func(rng *rand.Rand) { mpscReceive(r, rng, book, rx, limit) })
	r.all.Wait()
	book.settle(most)
}

func mpscSend(r *round, rng *rand.Rand, book *ledger, producer uint32, tx blockingSender, n int) {
	defer tx.Drop()
	bounded, _ := tx.(*mpsc.SyncSender[message])
	for range n {
		r.strike(rng)
		r.moved()
		form := rng.IntN(6)
		if form < 2 {
			ms := book.batch(producer, rng.IntN(9))
			var sent int
			var err error
			if bounded != nil && form == 1 {
				ctx, cancel := r.soon(context.Background(), rng)
				sent, err = bounded.SendManyContext(ctx, ms)
				cancel()
			} else {
				sent, err = tx.SendMany(ms)
			}
			book.answers(ms, sent, err)
			if r.mpscOver(err) {
				return
			}
			continue
		}
		m := book.next(producer)
		var err error
		switch {
		case bounded == nil || form == 2:
			err = tx.Send(m)
		case form == 3:
			err = bounded.TrySend(m)
		case form == 4:
			err = bounded.SendTimeout(m, moment(rng))
		default:
			ctx, cancel := r.soon(context.Background(), rng)
			err = bounded.SendContext(ctx, m)
			cancel()
		}
		book.answer(m, err)
		if r.mpscOver(err) {
			return
		}
	}
}

// mpscOver reports whether an error ends the caller that got it.
func (r *round) mpscOver(err error) bool {
	r.expect(err, mpsc.ErrDisconnected, mpsc.ErrDropped, mpsc.ErrFull, mpsc.ErrEmpty, mpsc.ErrTimeout,
		context.Canceled, context.DeadlineExceeded)
	return errors.Is(err, mpsc.ErrDisconnected) || errors.Is(err, mpsc.ErrDropped)
}

// mpscReceive receives until the end, or until it has had enough.
func mpscReceive(r *round, rng *rand.Rand, book *ledger, rx *mpsc.Receiver[message], limit int) {
	defer rx.Drop()
	buf := make([]message, 16)
	for limit > 0 {
		n, err := 1, error(nil)
		switch rng.IntN(6) {
		case 0:
			buf[0], err = rx.Recv()
		case 1:
			buf[0], err = rx.RecvTimeout(moment(rng))
		case 2:
			ctx, cancel := r.soon(context.Background(), rng)
			buf[0], err = rx.RecvContext(ctx)
			cancel()
		case 3:
			n, err = rx.RecvMany(buf[:1+rng.IntN(len(buf))])
		case 4:
			<-rx.Ready()
			buf[0], err = rx.TryRecv()
		case 5:
			n, err = rx.TryRecvMany(buf)
		}
		if r.mpscOver(err) {
			return
		}
		if err == nil {
			for _, m := range buf[:n] {
				book.got(0, m)
			}
			limit -= n
		}
	}
	r.fault("receiver left")
}
