package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
)

// openAsync makes a channel of any capacity from least on; -1 is unbounded.
func openAsync(r *round, least int) (tx *async.Sender[message], rx *async.Receiver[message], capacity int) {
	for capacity = -2; capacity < least && capacity != -1; {
		capacity = pick(r.rng, -1, 0, 1, 2, 7, 64)
	}
	if capacity < 0 {
		tx, rx = async.Unbounded[message]()
	} else {
		tx, rx = async.Bounded[message](capacity)
	}
	r.watch(tx, rx)
	return tx, rx, capacity
}

func asyncRound(r *round) {
	tx, rx, capacity := openAsync(r, 0)
	book := newLedger(r)
	most := 0
	stay, closes := r.rng.IntN(4) > 0, r.rng.IntN(3) == 0
	for i := range 1 + r.rng.IntN(4) {
		tx, producer, n := tx.Clone(), book.producer(), 20+r.rng.IntN(200)
		dropped := r.rng.IntN(8) == 0
		if dropped {
			book.mayEnd(producer, async.ErrDropped)
		}
		if closes || !stay {
			book.mayEnd(producer, async.ErrClosed)
		}
		r.spawn(uint64(1+i), func(rng *rand.Rand) {
			defer tx.Drop()
			for range n {
				r.strike(rng)
				if !asyncSend(r, rng, book, producer, tx) {
					return
				}
			}
		})
		if dropped {
			r.spawn(uint64(200+i), func(rng *rand.Rand) {
				time.Sleep(moment(rng))
				r.fault("drop under a send")
				tx.Drop()
			})
		}
	}
	if !stay {
		most = capacity
	}
	for i := range 1 + r.rng.IntN(3) {
		rx, limit := rx.Clone(), 1<<30
		if i > 0 || !stay {
			limit = r.rng.IntN(200)
		}
		r.spawn(uint64(100+i), func(rng *rand.Rand) {
			defer rx.Drop()
			for limit > 0 && asyncReceive(r, rng, book, i, rx, &limit) {
			}
		})
	}
	if closes {
		weak := tx.Downgrade()
		r.spawn(300, func(rng *rand.Rand) {
			time.Sleep(4 * moment(rng))
			if tx, ok := weak.Upgrade(); ok {
				r.fault("close")
				tx.Close()
				tx.Drop()
			}
		})
	}
	tx.Drop()
	rx.Drop()
	r.all.Wait()
	book.settle(most)
}

// asyncOver reports whether an error ends the caller that got it.
func (r *round) asyncOver(err error) bool {
	r.expect(err, async.ErrClosed, async.ErrDropped, async.ErrFull, async.ErrEmpty, future.ErrTimeout,
		context.Canceled, context.DeadlineExceeded)
	return errors.Is(err, async.ErrClosed) || errors.Is(err, async.ErrDropped)
}

// asyncSend sends a message or some, in one of the ways, and reports whether there may be
// more.
func asyncSend(r *round, rng *rand.Rand, book *ledger, producer uint32, tx *async.Sender[message]) bool {
	ctx := context.Background()
	r.moved()
	form := rng.IntN(8)
	if form < 2 {
		ms := book.batch(producer, rng.IntN(9))
		f := tx.SendMany(ms)
		var err error
		if form == 0 {
			var cancel context.CancelFunc
			ctx, cancel = r.soon(ctx, rng)
			_, err = f.Await(ctx)
			cancel()
		} else {
			_, _, err = once(f)
			runtime.Gosched()
			r.fault("future dropped")
			f.Drop()
			if err == nil && f.Sent() < len(ms) {
				err = context.Canceled
			}
		}
		book.answers(ms, f.Sent(), err)
		return !r.asyncOver(err)
	}
	m := book.next(producer)
	var err error
	switch form {
	case 2:
		err = tx.Send(m).Await(ctx)
	case 3:
		err = tx.SendBlocking(m)
	case 4:
		err = tx.TrySend(m)
	case 5:
		ctx, cancel := r.soon(ctx, rng)
		err = tx.Send(m).Await(ctx)
		cancel()
	case 6, 7: // polled, and then dropped, or moved to an Await
		f := tx.Send(m)
		var ready bool
		if _, ready, err = once(f); !ready {
			if runtime.Gosched(); form == 7 {
				err = f.Await(ctx)
				break
			}
			r.fault("future dropped")
			f.Drop()
			if v, unsent := f.Unsent(); unsent {
				err = &async.SendError[message]{Value: v, Err: context.Canceled}
			}
		}
	}
	book.answer(m, err)
	return !r.asyncOver(err)
}

// asyncReceive receives a message or some, and reports whether there may be more.
func asyncReceive(r *round, rng *rand.Rand, book *ledger, reader int, rx *async.Receiver[message], limit *int) bool {
	ctx := context.Background()
	buf := make([]message, 8)
	n, err := 1, error(nil)
	switch rng.IntN(7) {
	case 0:
		buf[0], err = rx.Recv().Await(ctx)
	case 1:
		buf[0], err = rx.RecvBlocking()
	case 2:
		ctx, cancel := r.soon(ctx, rng)
		buf[0], err = rx.Recv().Await(ctx)
		cancel()
	case 3:
		n, err = rx.RecvMany(buf[:1+rng.IntN(8)]).Await(ctx)
	case 4: // polled, and then dropped
		f := rx.Recv()
		var ready bool
		if buf[0], ready, err = once(f); !ready {
			runtime.Gosched()
			r.fault("future dropped")
			f.Drop()
			n = 0
		}
	case 5:
		<-rx.Ready()
		n, err = rx.TryRecvMany(buf)
	case 6:
		buf[0], err = future.Await(ctx, future.Timeout(moment(rng), rx.Recv()))
	}
	if err == nil {
		for _, m := range buf[:n] {
			book.got(reader, m)
		}
		*limit -= n
	}
	return !r.asyncOver(err)
}
