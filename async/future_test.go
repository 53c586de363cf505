package async_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
)

// subject is a future of any type that is pending, and what makes it ready.
type subject struct {
	poll   func(cx *future.Context) (ready bool, err error)
	drop   func()
	await  func(ctx context.Context) error
	settle func()
}

func of[T any](f future.Future[T], await func(context.Context) error, settle func()) subject {
	return subject{
		poll: func(cx *future.Context) (bool, error) {
			_, ready, err := f.Poll(cx)
			return ready, err
		},
		drop:   f.Drop,
		await:  await,
		settle: settle,
	}
}

// full returns a full channel of capacity 2.
func full(t *testing.T) (*async.Sender[int], *async.Receiver[int]) {
	tx, rx := async.Bounded[int](2)
	fill(t, tx)
	return tx, rx
}

func take(rx *async.Receiver[int]) func() {
	return func() { _, _ = rx.TryRecv() } // nothing is there if a rendezvous was dropped
}

// subjects are all futures of this package, waiting.
var subjects = []struct {
	name string
	make func(t *testing.T) subject
}{
	{"Recv", func(t *testing.T) subject {
		tx, rx := async.Unbounded[int]()
		f := rx.Recv()
		return of(f, func(ctx context.Context) error { _, err := f.Await(ctx); return err }, func() { _ = tx.TrySend(1) })
	}},
	{"RecvMany", func(t *testing.T) subject {
		tx, rx := async.Unbounded[int]()
		f := rx.RecvMany(make([]int, 3))
		return of(f, func(ctx context.Context) error { _, err := f.Await(ctx); return err }, func() { _ = tx.TrySend(1) })
	}},
	{"Send", func(t *testing.T) subject {
		tx, rx := full(t)
		f := tx.Send(1)
		return of(f, f.Await, take(rx))
	}},
	{"SendAtCapacity0", func(t *testing.T) subject {
		tx, rx := async.Bounded[int](0)
		f := tx.Send(1)
		return of(f, f.Await, take(rx))
	}},
	{"SendMany", func(t *testing.T) subject {
		tx, rx := full(t)
		f := tx.SendMany([]int{1})
		return of(f, func(ctx context.Context) error { _, err := f.Await(ctx); return err }, take(rx))
	}},
	{"Reserve", func(t *testing.T) subject {
		tx, rx := full(t)
		f := tx.Reserve()
		return of(f, func(ctx context.Context) error { _, err := f.Await(ctx); return err }, take(rx))
	}},
	{"ReserveMany", func(t *testing.T) subject {
		tx, rx := full(t)
		f := tx.ReserveMany(1)
		return of(f, func(ctx context.Context) error { _, err := f.Await(ctx); return err }, take(rx))
	}},
	{"Closed", func(t *testing.T) subject {
		tx, rx := async.Unbounded[int]()
		f := tx.Closed()
		return of(f, func(ctx context.Context) error { _, err := future.Await(ctx, f); return err }, rx.Drop)
	}},
	{"ForEach", func(t *testing.T) subject {
		tx, rx := async.Unbounded[int]()
		f := async.ForEach(rx, func(context.Context, int) error { return nil })
		return of(f, func(ctx context.Context) error { _, err := future.Await(ctx, f); return err }, tx.Drop)
	}},
	{"Pipe", func(t *testing.T) subject {
		tx, rx := async.Unbounded[int]()
		out, _ := async.Bounded[int](1)
		f := async.Pipe(rx, out, func(_ context.Context, v int) (int, error) { return v, nil })
		return of(f, func(ctx context.Context) error { _, err := future.Await(ctx, f); return err }, tx.Drop)
	}},
}

func forEachSubject(t *testing.T, check func(t *testing.T, s subject)) {
	for _, c := range subjects {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { check(t, c.make(t)) })
		})
	}
}

func TestAFutureCompletesOnceAndThenIsConsumed(t *testing.T) {
	forEachSubject(t, func(t *testing.T, s subject) {
		cx, woken := newCx()
		ready, err := s.poll(cx)
		require.False(t, ready)
		require.NoError(t, err)
		s.settle()
		require.Equal(t, 1, woken.count())
		ready, err = s.poll(cx)
		require.True(t, ready)
		require.NoError(t, err)
		for range 2 {
			ready, err = s.poll(cx)
			require.True(t, ready)
			require.ErrorIs(t, err, future.ErrConsumed)
			require.ErrorIs(t, s.await(t.Context()), future.ErrConsumed)
			s.drop()
		}
	})
}

func TestADroppedFutureWakesNoWaiterAndFailsWithErrDropped(t *testing.T) {
	for _, polled := range []bool{false, true} {
		forEachSubject(t, func(t *testing.T, s subject) {
			cx, woken := newCx()
			if polled {
				ready, _ := s.poll(cx)
				require.False(t, ready)
			}
			for range 2 {
				s.drop()
				ready, err := s.poll(cx)
				require.True(t, ready)
				require.ErrorIs(t, err, async.ErrDropped)
				require.ErrorIs(t, s.await(t.Context()), async.ErrDropped)
			}
			s.settle()
			require.Zero(t, woken.count())
		})
	}
}

// The case change_waker of flume and stream_no_double_wake.
func TestOnlyTheNewestWakerIsWokenAndOnce(t *testing.T) {
	forEachSubject(t, func(t *testing.T, s subject) {
		oldest, old := newCx()
		cx, woken := newCx()
		for range 3 {
			ready, _ := s.poll(oldest)
			require.False(t, ready)
		}
		ready, _ := s.poll(cx)
		require.False(t, ready)
		s.settle()
		assert.Zero(t, old.count())
		assert.Equal(t, 1, woken.count())
		s.drop()
	})
}

func TestAFutureThatWasPolledCanBeAwaited(t *testing.T) {
	forEachSubject(t, func(t *testing.T, s subject) {
		cx, woken := newCx()
		ready, _ := s.poll(cx)
		require.False(t, ready)
		done := make(chan error, 1)
		go func() { done <- s.await(t.Context()) }()
		synctest.Wait()
		require.Empty(t, done)
		s.settle()
		require.NoError(t, <-done)
		assert.Zero(t, woken.count())
	})
}

func TestAnAwaitEndsWithItsContext(t *testing.T) {
	for _, polled := range []bool{false, true} {
		forEachSubject(t, func(t *testing.T, s subject) {
			if polled {
				cx, _ := newCx()
				ready, _ := s.poll(cx)
				require.False(t, ready)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			start := time.Now()
			require.ErrorIs(t, s.await(ctx), context.DeadlineExceeded)
			require.Equal(t, time.Second, time.Since(start))
		})
	}
}

func TestATimeoutDropsAndTheReadyBeatsTheExpired(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tx, rx := async.Bounded[int](1)
		_, err := future.Await(t.Context(), future.Timeout(time.Second, future.Future[int](rx.Recv())))
		require.ErrorIs(t, err, future.ErrTimeout)
		require.NoError(t, tx.TrySend(1))
		send := tx.Send(2)
		_, err = future.Await(t.Context(), future.Timeout(time.Second, future.Future[struct{}](send)))
		require.ErrorIs(t, err, future.ErrTimeout)
		v, ok := send.Unsent()
		require.True(t, ok)
		require.Equal(t, 2, v)
		v, err = future.Await(t.Context(), future.Timeout(0, future.Future[int](rx.Recv())))
		require.NoError(t, err)
		require.Equal(t, 1, v)
		require.True(t, rx.IsEmpty())
	})
}

// The losers of a race lose nothing: what they would have received is there for the
// next receive.
func TestALostRaceLosesNoMessage(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		synctest.Test(t, func(t *testing.T) {
			txs, rxs := make([]*async.Sender[int], 3), make([]*async.Receiver[int], 3)
			for i := range txs {
				txs[i], rxs[i] = f.open()
			}
			const each = 20
			for i, tx := range txs {
				go func() {
					defer tx.Drop()
					for v := range each {
						assert.NoError(t, tx.Send(i*each+v).Await(t.Context()))
					}
				}()
			}
			var got [3]int
			for range 3 * each {
				won, err := future.Await(t.Context(), future.Race[int](rxs[0].Recv(), rxs[1].Recv(), rxs[2].Recv()))
				if err != nil {
					require.ErrorIs(t, err, async.ErrClosed)
					require.Equal(t, each, got[won.Index])
					break
				}
				require.Equal(t, won.Index*each+got[won.Index], won.Value)
				got[won.Index]++
			}
			for i, rx := range rxs { // what the race left
				for v := range rx.All(t.Context()) {
					require.Equal(t, i*each+got[i], v)
					got[i]++
				}
				require.Equal(t, each, got[i])
			}
		})
	})
}
