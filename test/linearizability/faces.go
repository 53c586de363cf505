package linearizability

import (
	"context"
	"fmt"
	"time"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/sync/mpsc"
	"github.com/handoff-go/handoff/task"
)

// MPSC is a channel of package mpsc.
func MPSC(capacity int) Factory {
	f := Features{Name: fmt.Sprintf("mpsc/capacity=%d", capacity), Capacity: capacity, TrySends: true}
	if capacity == Unlimited {
		f.Name, f.TrySends = "mpsc/unbounded", false
		return Factory{f, func() (Tx, Rx) {
			tx, rx := mpsc.Channel[int]()
			return mpscTx{tx}, mpscRx{rx}
		}}
	}
	return Factory{f, func() (Tx, Rx) {
		tx, rx := mpsc.SyncChannel[int](capacity)
		return mpscSyncTx{tx}, mpscRx{rx}
	}}
}

type mpscTx struct{ *mpsc.Sender[int] }

func (s mpscTx) Clone() Tx                                         { return mpscTx{s.Sender.Clone()} }
func (s mpscTx) Send(_ context.Context, v int) error               { return s.Sender.Send(v) }
func (s mpscTx) SendTimeout(v int, _ time.Duration) error          { return s.Sender.Send(v) }
func (s mpscTx) TrySend(v int) error                               { return s.Sender.Send(v) }
func (s mpscTx) SendMany(_ context.Context, vs []int) (int, error) { return s.Sender.SendMany(vs) }

type mpscSyncTx struct{ *mpsc.SyncSender[int] }

func (s mpscSyncTx) Clone() Tx { return mpscSyncTx{s.SyncSender.Clone()} }

func (s mpscSyncTx) Send(ctx context.Context, v int) error {
	if ctx == nil {
		return s.SyncSender.Send(v)
	}
	return s.SendContext(ctx, v)
}

func (s mpscSyncTx) SendMany(ctx context.Context, vs []int) (int, error) {
	if ctx == nil {
		return s.SyncSender.SendMany(vs)
	}
	return s.SendManyContext(ctx, vs)
}

type mpscRx struct{ *mpsc.Receiver[int] }

// Clone is not called: the features say that there is one receiver.
func (r mpscRx) Clone() Rx { return r }

func (r mpscRx) Recv(ctx context.Context) (int, error) {
	if ctx == nil {
		return r.Receiver.Recv()
	}
	return r.RecvContext(ctx)
}

func (r mpscRx) RecvMany(ctx context.Context, buf []int) (int, error) {
	if ctx == nil {
		return r.Receiver.RecvMany(buf)
	}
	return r.RecvManyContext(ctx, buf)
}

// Async is a channel of package async.
func Async(capacity int) Factory {
	f := Features{Name: fmt.Sprintf("async/capacity=%d", capacity), Capacity: capacity, TrySends: true, Async: true}
	if capacity == Unlimited {
		f.Name = "async/unbounded"
	}
	return Factory{f, func() (Tx, Rx) {
		var tx *async.Sender[int]
		var rx *async.Receiver[int]
		if capacity == Unlimited {
			tx, rx = async.Unbounded[int]()
		} else {
			tx, rx = async.Bounded[int](capacity)
		}
		return asyncTx{tx}, asyncRx{rx}
	}}
}

type asyncTx struct{ *async.Sender[int] }

func (s asyncTx) Clone() Tx { return asyncTx{s.Sender.Clone()} }

func (s asyncTx) Send(ctx context.Context, v int) error {
	if ctx == nil {
		return s.SendBlocking(v)
	}
	return s.Sender.Send(v).Await(ctx)
}

func (s asyncTx) SendTimeout(v int, d time.Duration) error {
	f := s.Sender.Send(v)
	_, err := future.Await(context.Background(), future.Timeout(d, f))
	if _, unsent := f.Unsent(); err != nil && !unsent {
		return nil // it lost the race against the clock and went out: the documents say to ask
	}
	return err
}

func (s asyncTx) SendMany(ctx context.Context, vs []int) (int, error) {
	if ctx == nil {
		ctx = context.Background()
	}
	return s.Sender.SendMany(vs).Await(ctx)
}

func (s asyncTx) Reserve(ctx context.Context, n int) (Permits, error) {
	if n == 1 {
		return s.Sender.Reserve().Await(ctx)
	}
	return s.ReserveMany(n).Await(ctx)
}

func (s asyncTx) TryReserve(n int) (Permits, error) {
	if n == 1 {
		return s.Sender.TryReserve()
	}
	return s.TryReserveMany(n)
}

func (s asyncTx) PollSend(v int) Pending        { return &pendingSend{f: s.Sender.Send(v)} }
func (s asyncTx) PollSendMany(vs []int) Pending { return &pendingSendMany{f: s.Sender.SendMany(vs)} }
func (s asyncTx) PollReserve(n int) Pending     { return &pendingReserve{f: s.ReserveMany(n)} }

type asyncRx struct{ *async.Receiver[int] }

func (r asyncRx) Clone() Rx { return asyncRx{r.Receiver.Clone()} }

func (r asyncRx) Recv(ctx context.Context) (int, error) {
	if ctx == nil {
		return r.RecvBlocking()
	}
	return r.Receiver.Recv().Await(ctx)
}

func (r asyncRx) RecvTimeout(d time.Duration) (int, error) {
	return future.Await(context.Background(), future.Timeout(d, r.Receiver.Recv()))
}

func (r asyncRx) RecvMany(ctx context.Context, buf []int) (int, error) {
	if ctx == nil {
		ctx = context.Background()
	}
	return r.Receiver.RecvMany(buf).Await(ctx)
}

func (r asyncRx) RecvInTask(ctx context.Context) (int, error) {
	return task.SpawnFuture(ctx, r.Receiver.Recv()).Await(context.Background())
}

func (r asyncRx) PollRecv() Pending { return &pendingRecv{f: r.Receiver.Recv()} }

func (r asyncRx) PollRecvMany(buf []int) Pending {
	return &pendingRecvMany{f: r.Receiver.RecvMany(buf)}
}
