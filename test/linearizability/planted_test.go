package linearizability

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
)

// bug is a mistake planted in a channel that is right: what is not nil replaces what the
// channel does.
type bug struct {
	send        func(AsyncTx, context.Context, int) error
	sendMany    func(AsyncTx, context.Context, []int) (int, error)
	trySend     func(AsyncTx, int) error
	tryReserve  func(AsyncTx, int) (Permits, error)
	forceSend   func(AsyncTx, int) (int, bool, error)
	closeCause  func(AsyncTx, error) bool
	pollSend    func(AsyncTx, int) Pending
	cloneTx     func(AsyncTx) AsyncTx
	recv        func(AsyncRx, context.Context) (int, error)
	tryRecv     func(AsyncRx) (int, error)
	tryRecvMany func(AsyncRx, []int) (int, error)
	pollRecv    func(AsyncRx) Pending
	length      func(AsyncRx) int
	dropRx      func(AsyncRx)
}

type plantedTx struct {
	AsyncTx
	b bug
}

type plantedRx struct {
	AsyncRx
	b bug
}

// or calls the planted function if there is one.
func or[F any](planted bool, bad, good F) F {
	if planted {
		return bad
	}
	return good
}

func (s plantedTx) Clone() Tx {
	if s.b.cloneTx != nil {
		return plantedTx{s.b.cloneTx(s.AsyncTx), s.b}
	}
	return plantedTx{s.AsyncTx.Clone().(AsyncTx), s.b}
}

func (s plantedTx) Send(ctx context.Context, v int) error {
	return or(s.b.send != nil, s.b.send, AsyncTx.Send)(s.AsyncTx, ctx, v)
}

func (s plantedTx) SendMany(ctx context.Context, vs []int) (int, error) {
	return or(s.b.sendMany != nil, s.b.sendMany, AsyncTx.SendMany)(s.AsyncTx, ctx, vs)
}

func (s plantedTx) TrySend(v int) error {
	return or(s.b.trySend != nil, s.b.trySend, AsyncTx.TrySend)(s.AsyncTx, v)
}

func (s plantedTx) TryReserve(n int) (Permits, error) {
	return or(s.b.tryReserve != nil, s.b.tryReserve, AsyncTx.TryReserve)(s.AsyncTx, n)
}

func (s plantedTx) ForceSend(v int) (int, bool, error) {
	return or(s.b.forceSend != nil, s.b.forceSend, AsyncTx.ForceSend)(s.AsyncTx, v)
}

func (s plantedTx) CloseCause(err error) bool {
	return or(s.b.closeCause != nil, s.b.closeCause, AsyncTx.CloseCause)(s.AsyncTx, err)
}

func (s plantedTx) PollSend(v int) Pending {
	return or(s.b.pollSend != nil, s.b.pollSend, AsyncTx.PollSend)(s.AsyncTx, v)
}

func (r plantedRx) Clone() Rx { return plantedRx{r.AsyncRx.Clone().(AsyncRx), r.b} }

func (r plantedRx) Recv(ctx context.Context) (int, error) {
	return or(r.b.recv != nil, r.b.recv, AsyncRx.Recv)(r.AsyncRx, ctx)
}

func (r plantedRx) TryRecv() (int, error) {
	return or(r.b.tryRecv != nil, r.b.tryRecv, AsyncRx.TryRecv)(r.AsyncRx)
}

func (r plantedRx) TryRecvMany(buf []int) (int, error) {
	return or(r.b.tryRecvMany != nil, r.b.tryRecvMany, AsyncRx.TryRecvMany)(r.AsyncRx, buf)
}

func (r plantedRx) PollRecv() Pending {
	return or(r.b.pollRecv != nil, r.b.pollRecv, AsyncRx.PollRecv)(r.AsyncRx)
}

func (r plantedRx) Len() int { return or(r.b.length != nil, r.b.length, AsyncRx.Len)(r.AsyncRx) }

func (r plantedRx) Drop() { or(r.b.dropRx != nil, r.b.dropRx, AsyncRx.Drop)(r.AsyncRx) }

// plant makes channels with capacity slots, and with a bug, that claim to have others.
func plant(claimed, capacity int, b func() bug) Factory {
	inner := Async(capacity)
	f := Factory{inner.Features, func() (Tx, Rx) {
		tx, rx := inner.Make()
		b := b()
		return plantedTx{tx.(AsyncTx), b}, plantedRx{rx.(AsyncRx), b}
	}}
	f.Name = "planted"
	f.Capacity = claimed
	return f
}

// requireCaught fails if no history shows the bug.
func requireCaught(t *testing.T, claimed, capacity int, b bug) {
	t.Helper()
	requireFactoryCaught(t, plant(claimed, capacity, func() bug { return b }))
}

func requireFactoryCaught(t *testing.T, f Factory) {
	t.Helper()
	requireCaughtWithin(t, f, 20_000)
}

func requireCaughtWithin(t *testing.T, f Factory, n int) {
	t.Helper()
	tally := Explore(t, f, 1, n)
	require.NotNil(t, tally.Illegal, "it was not caught in %d histories", tally.Histories)
	t.Logf("caught in history %d", tally.Histories)
	assert.Zero(t, tally.Undecided)
}

func TestWithoutABugNothingIsCaught(t *testing.T) {
	for _, capacity := range []int{Unlimited, 0, 1, 2} {
		requireLinearizable(t, plant(capacity, capacity, func() bug { return bug{} }), 200)
	}
}

// lateDrop changes what the drop of a future does.
type lateDrop struct {
	Pending
	drop func(Pending) Result
}

func (p lateDrop) Drop() Result { return p.drop(p.Pending) }

func TestAWrongOrderIsCaught(t *testing.T) {
	requireFactoryCaught(t, plant(Unlimited, Unlimited, func() bug {
		var mu sync.Mutex
		var late []int
		return bug{tryRecv: func(rx AsyncRx) (int, error) {
			mu.Lock()
			defer mu.Unlock()
			if len(late) > 0 {
				v := late[0]
				late = nil
				return v, nil
			}
			var two [2]int
			n, err := rx.TryRecvMany(two[:])
			if n == 2 {
				late = []int{two[0]}
				return two[1], nil
			}
			return two[0], err
		}}
	}))
}

func TestAMessageLostInACancellationIsCaught(t *testing.T) {
	requireCaught(t, 2, 2, bug{recv: func(rx AsyncRx, ctx context.Context) (int, error) {
		v, err := rx.Recv(ctx)
		if err == nil && ctx != nil && ctx.Err() != nil {
			return 0, ctx.Err()
		}
		return v, err
	}})
}

func TestASendThatWasCancelledAndWentOutIsCaught(t *testing.T) {
	requireCaught(t, 1, 1, bug{send: func(tx AsyncTx, ctx context.Context, v int) error {
		err := tx.Send(ctx, v)
		if err == nil && ctx != nil {
			err = ctx.Err()
		}
		return err
	}})
}

func TestAMessageReceivedTwiceIsCaught(t *testing.T) {
	requireFactoryCaught(t, plant(2, 2, func() bug {
		var last atomic.Int64
		return bug{tryRecv: func(rx AsyncRx) (int, error) {
			v, err := rx.TryRecv()
			if errors.Is(err, async.ErrEmpty) && last.Load() != 0 {
				return int(last.Swap(0)), nil
			}
			if err == nil {
				last.Store(int64(v))
			}
			return v, err
		}}
	}))
}

func TestASlotTooManyIsCaught(t *testing.T) { requireCaught(t, 1, 2, bug{}) }

func TestASlotTooFewIsCaught(t *testing.T) { requireCaught(t, 2, 1, bug{}) }

func TestARendezvousThatBuffersIsCaught(t *testing.T) { requireCaught(t, 0, 1, bug{}) }

func TestASuccessfulSendAfterTheEndIsCaught(t *testing.T) {
	requireCaught(t, 2, 2, bug{send: func(tx AsyncTx, ctx context.Context, v int) error {
		err := tx.Send(ctx, v)
		if errors.Is(err, async.ErrClosed) {
			return nil
		}
		return err
	}})
}

func TestABatchInTwoPiecesIsCaught(t *testing.T) {
	requireCaught(t, Unlimited, Unlimited, bug{sendMany: func(tx AsyncTx, ctx context.Context, vs []int) (int, error) {
		n, err := tx.SendMany(ctx, vs[:1])
		if err != nil {
			return n, err
		}
		runtime.Gosched()
		n, err = tx.SendMany(ctx, vs[1:])
		return 1 + n, err
	}})
}

func TestABatchReceivedOneByOneIsCaught(t *testing.T) {
	requireCaught(t, Unlimited, Unlimited, bug{tryRecvMany: func(rx AsyncRx, buf []int) (n int, err error) {
		for n < len(buf) {
			v, err := rx.TryRecv()
			if err != nil && n == 0 {
				return 0, err
			}
			if err != nil {
				break
			}
			buf[n] = v
			n++
			runtime.Gosched()
		}
		return n, nil
	}})
}

func TestABatchThatLeavesSomethingBehindIsCaught(t *testing.T) {
	requireCaught(t, 2, 2, bug{tryRecvMany: func(rx AsyncRx, buf []int) (int, error) { return rx.TryRecvMany(buf[:1]) }})
}

func TestTheEndBeforeTheDataIsCaught(t *testing.T) {
	requireCaught(t, 2, 2, bug{tryRecv: func(rx AsyncRx) (int, error) {
		if rx.(asyncRx).IsClosed() {
			return 0, async.ErrClosed
		}
		return rx.TryRecv()
	}})
}

func TestFullBeforeTheEndIsCaught(t *testing.T) {
	requireCaught(t, 1, 1, bug{trySend: func(tx AsyncTx, v int) error {
		if full := tx.(asyncTx).IsFull(); full {
			return async.ErrFull
		}
		return tx.TrySend(v)
	}})
}

func TestALostCauseIsCaught(t *testing.T) {
	requireCaught(t, 2, 2, bug{closeCause: func(tx AsyncTx, _ error) bool { return tx.CloseCause(nil) }})
}

func TestACloneThatDoesNotCountIsCaught(t *testing.T) {
	requireCaught(t, 2, 2, bug{cloneTx: func(tx AsyncTx) AsyncTx { return tx }})
}

func TestAReservationThatReservesNothingIsCaught(t *testing.T) {
	requireCaught(t, 2, 2, bug{tryReserve: func(tx AsyncTx, n int) (Permits, error) {
		p, err := tx.TryReserve(n)
		if err == nil {
			p.Drop()
			p, err = Async(Unlimited).reserve(n)
		}
		return p, err
	}})
}

// reserve returns permits of another channel.
func (f Factory) reserve(n int) (Permits, error) {
	tx, _ := f.Make()
	return tx.(AsyncTx).TryReserve(n)
}

// keeper is a permit that is never given back.
type keeper struct{ Permits }

func (keeper) Drop() {}

func TestAPermitThatKeepsItsSlotIsCaught(t *testing.T) {
	requireCaught(t, 1, 1, bug{tryReserve: func(tx AsyncTx, n int) (Permits, error) {
		p, err := tx.TryReserve(n)
		return keeper{p}, err
	}})
}

func TestAForceSendThatHidesWhatItEvictsIsCaught(t *testing.T) {
	requireCaught(t, 2, 2, bug{forceSend: func(tx AsyncTx, v int) (int, bool, error) {
		_, _, err := tx.ForceSend(v)
		return 0, false, err
	}})
}

func TestADroppedSendThatGoesOutLaterIsCaught(t *testing.T) {
	requireCaught(t, 1, 1, bug{pollSend: func(tx AsyncTx, v int) Pending {
		return lateDrop{tx.PollSend(v), func(Pending) Result { return Result{Err: context.Canceled} }}
	}})
}

func TestADroppedReceiveThatTakesAMessageAlongIsCaught(t *testing.T) {
	requireCaught(t, 2, 2, bug{pollRecv: func(rx AsyncRx) Pending {
		return lateDrop{rx.PollRecv(), func(p Pending) Result {
			_, _ = p.Poll()
			return p.Drop()
		}}
	}})
}

func TestALengthThatIsLateIsCaught(t *testing.T) {
	requireCaught(t, 2, 2, bug{length: func(rx AsyncRx) int { return max(0, rx.Len()-1) }})
}
