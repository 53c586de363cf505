package future

// Borrow returns a future of f's result that does not own f: dropping it, or losing a
// race with it, leaves f as it is. It is &mut f of Rust, for an f that takes part in
// round after round:
//
//	p, stop := future.NewPromise[string]()
//	defer stop.Drop()
//	for {
//	    won, err := future.Await(ctx, future.RaceBiased(future.Borrow(stop), rx.Recv()))
//	    ...
//	}
//
// The caller still owns f and drops it in the end. Borrow it for one round at a time.
// Once a round had f's result f is over, and a further Borrow of it is [ErrConsumed].
//
// Between two rounds f keeps its state, and stays in a wait queue if it is in one: a receive
// that is borrowed and not polled again may hold a notification that another receive waits
// for. A new receive for each round, as in the example, avoids that.
func Borrow[T any](f Future[T]) Future[T] {
	need(f != nil, "Borrow of no future")
	return &borrow[T]{f: f}
}

type borrow[T any] struct {
	phase phase
	gate  gate // f may wake it after the round, and then no waker must be called
	f     Future[T]
}

func (b *borrow[T]) Poll(cx *Context) (v T, ready bool, err error) {
	if err := b.phase.Over(); err != nil {
		return v, true, err
	}
	if v, ready, err = b.f.Poll(b.gate.enter(cx)); ready {
		b.phase, b.f = consumed, nil
		b.gate.close()
	}
	return v, ready, err
}

func (b *borrow[T]) Drop() {
	if b.phase.Drop() {
		b.gate.close()
		b.f = nil
	}
}
