package linearizability

import (
	"context"
	"runtime"
	"testing"
)

// blockingBug is a mistake planted in a channel of package mpsc, as [bug] is in one of
// package async.
type blockingBug struct {
	send     func(Tx, context.Context, int) error
	sendMany func(Tx, context.Context, []int) (int, error)
	recv     func(Rx, context.Context) (int, error)
	recvMany func(Rx, context.Context, []int) (int, error)
}

type blockingTx struct {
	Tx
	b blockingBug
}

type blockingRx struct {
	Rx
	b blockingBug
}

func (s blockingTx) Clone() Tx { return blockingTx{s.Tx.Clone(), s.b} }

func (s blockingTx) Send(ctx context.Context, v int) error {
	return or(s.b.send != nil, s.b.send, Tx.Send)(s.Tx, ctx, v)
}

func (s blockingTx) SendMany(ctx context.Context, vs []int) (int, error) {
	return or(s.b.sendMany != nil, s.b.sendMany, Tx.SendMany)(s.Tx, ctx, vs)
}

func (r blockingRx) Recv(ctx context.Context) (int, error) {
	return or(r.b.recv != nil, r.b.recv, Rx.Recv)(r.Rx, ctx)
}

func (r blockingRx) RecvMany(ctx context.Context, buf []int) (int, error) {
	return or(r.b.recvMany != nil, r.b.recvMany, Rx.RecvMany)(r.Rx, ctx, buf)
}

func plantBlocking(capacity int, b blockingBug) Factory {
	f := MPSC(capacity)
	inner := f.Make
	f.Make = func() (Tx, Rx) {
		tx, rx := inner()
		return blockingTx{tx, b}, blockingRx{rx, b}
	}
	return f
}

// requireCaughtInMPSC fails if one of the channels is not caught in as many histories as
// a run without a bug looks at: what needs more of them would be missed there.
func requireCaughtInMPSC(t *testing.T, capacities []int, b blockingBug) {
	t.Helper()
	for _, capacity := range capacities {
		f := plantBlocking(capacity, b)
		t.Run(f.Name, func(t *testing.T) { requireCaughtWithin(t, f, ofOneFlavour) })
	}
}

var everyMPSC = []int{Unlimited, 0, 1, 2}

func TestWithoutABugNothingIsCaughtInMPSC(t *testing.T) {
	for _, capacity := range everyMPSC {
		requireLinearizable(t, plantBlocking(capacity, blockingBug{}), 200)
	}
}

// during reports whether ctx has ended in the middle of a call. One that had ended
// before would be another bug, and is caught sooner.
func during(ctx context.Context, call func()) bool {
	if ctx == nil || ctx.Err() != nil {
		call()
		return false
	}
	call()
	return ctx.Err() != nil
}

func TestAMessageLostAsAReceiveOfMPSCIsCancelledIsCaught(t *testing.T) {
	requireCaughtInMPSC(t, everyMPSC, blockingBug{recv: func(rx Rx, ctx context.Context) (v int, err error) {
		if during(ctx, func() { v, err = rx.Recv(ctx) }) && err == nil {
			return 0, ctx.Err()
		}
		return v, err
	}})
}

func TestABatchLostAsAReceiveOfMPSCIsCancelledIsCaught(t *testing.T) {
	requireCaughtInMPSC(t, everyMPSC, blockingBug{recvMany: func(rx Rx, ctx context.Context, buf []int) (n int, err error) {
		if during(ctx, func() { n, err = rx.RecvMany(ctx, buf) }) && err == nil {
			return 0, ctx.Err()
		}
		return n, err
	}})
}

func TestASendOfMPSCThatGaveUpAndWentOutIsCaught(t *testing.T) {
	requireCaughtInMPSC(t, []int{0, 1, 2}, blockingBug{send: func(tx Tx, ctx context.Context, v int) (err error) {
		if during(ctx, func() { err = tx.Send(ctx, v) }) && err == nil {
			return ctx.Err()
		}
		return err
	}})
}

func TestABatchOfMPSCInTwoPiecesIsCaught(t *testing.T) {
	requireCaughtInMPSC(t, []int{Unlimited}, blockingBug{sendMany: func(tx Tx, ctx context.Context, vs []int) (int, error) {
		n, err := tx.SendMany(ctx, vs[:1])
		if err != nil {
			return n, err
		}
		runtime.Gosched()
		n, err = tx.SendMany(ctx, vs[1:])
		return 1 + n, err
	}})
}
